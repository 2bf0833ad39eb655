/** Paths in checkpoint storage: segments of letters, digits, `.`, `-` and `_` between slashes, none of which begins with a dot. */
import { MillraceError } from '@millrace/plan'

const PATH = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/
const MAX_LENGTH = 500

export function isStoragePath(path: string): boolean {
  return path.length <= MAX_LENGTH && PATH.test(path)
}

/** Throws for what is not one: so nothing outside of the storage is ever touched. */
export function checkStoragePath(path: string): void {
  if (!isStoragePath(path))
    throw new MillraceError('INTERNAL', `invalid path in checkpoint storage: ${JSON.stringify(path)}`)
}
