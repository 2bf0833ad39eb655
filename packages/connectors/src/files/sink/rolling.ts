/** When a part in a folder is ended and the next begun. */
import { MillraceError, positiveMs } from '@millrace/plan'
import { isFolder } from '../location.ts'
import { invalidOption, type RollingOptions } from '../options.ts'

export interface Rolling {
  readonly bytes: number
  readonly everyMs: number
}

export const PART_BYTES = 128 * 1024 * 1024

/** Throws a MillraceError for what cannot be. */
export function rollingOf(path: string, given: RollingOptions | undefined): Rolling | undefined {
  if (given === undefined) return undefined
  if (typeof given !== 'object' || given === null)
    throw invalidOption('rolling', given, "Give bytes, every, or both: { bytes: 1e8, every: '10m' }.")
  const unknown = Object.keys(given).find(name => name !== 'bytes' && name !== 'every')
  if (unknown !== undefined)
    throw new MillraceError('INVALID_OPTION', `unknown option: rolling.${unknown} (known: bytes, every)`)
  if (!isFolder(path))
    throw new MillraceError('INVALID_OPTION', `invalid rolling: ${path} is a single file`, {
      hint: `Parts are written into a folder: ${JSON.stringify(`${path}/`)}.`,
    })
  const { bytes = PART_BYTES, every } = given
  if (!(bytes >= 1)) throw invalidOption('rolling.bytes', bytes, 'Give a number of bytes, at least 1.')
  return { bytes, everyMs: every === undefined ? Number.POSITIVE_INFINITY : positiveMs('rolling.every', every) }
}
