/**
 * How a running job is asked for a savepoint: by a file in its checkpoint folder, which the job looks for. It takes the request
 * away, takes the savepoint, and leaves an answer of the same name. Both are whole or not there at all.
 */
import { type ErrorCode, errorCodes, MillraceError } from '@millrace/plan'
import { shape } from './json-shape.ts'
import { readSealed, sealed } from './sealed-json.ts'
import type { CheckpointStorage } from './storage.ts'

const REQUESTS = 'requests/'
const ANSWERS = 'answers/'

export interface SavepointRequest {
  readonly name: string
  /** The job ends behind it. */
  readonly stop: boolean
}

export type SavepointAnswer =
  /** The name of its folder. */
  { readonly folder: string } | { readonly code: string; readonly message: string; readonly hint: string }

export async function putRequest(storage: CheckpointStorage, { name, stop }: SavepointRequest): Promise<void> {
  await storage.create(`${REQUESTS}${name}`, sealed({ stop }))
}

/** Those that wait; what is no request is removed. */
export async function requestsIn(storage: CheckpointStorage): Promise<readonly SavepointRequest[]> {
  const requests: SavepointRequest[] = []
  for (const path of await storage.list(REQUESTS)) {
    const bytes = await storage.read(path)
    if (bytes === undefined) continue
    try {
      const { stop } = readSealed(bytes, path) as { readonly stop: boolean }
      requests.push({ name: path.slice(REQUESTS.length), stop: stop === true })
    } catch {
      await storage.delete(path)
    }
  }
  return requests
}

/** Nobody else may answer it, or its asker has given up. */
export function takeRequest(storage: CheckpointStorage, name: string): Promise<void> {
  return storage.delete(`${REQUESTS}${name}`)
}

export async function isTaken(storage: CheckpointStorage, name: string): Promise<boolean> {
  return (await storage.read(`${REQUESTS}${name}`)) === undefined
}

export async function putAnswer(storage: CheckpointStorage, name: string, answer: SavepointAnswer): Promise<void> {
  await storage.create(`${ANSWERS}${name}`, sealed(answer))
}

/** The folder of the savepoint, once there is an answer. Rejects with what went wrong, if the answer says so. */
export async function takeAnswer(storage: CheckpointStorage, name: string): Promise<string | undefined> {
  const path = `${ANSWERS}${name}`
  const bytes = await storage.read(path)
  if (bytes === undefined) return undefined
  const answer = readSealed(bytes, path)
  await storage.delete(path)
  if (folderShape(answer, 'answer') === undefined) return (answer as { readonly folder: string }).folder
  const { code, message, hint } = answer as { readonly code: string; readonly message: string; readonly hint: string }
  const known = Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'CHECKPOINT_FAILED'
  throw new MillraceError(known, message, { hint: hint === '' ? undefined : hint })
}

const folderShape = shape.record({ folder: shape.text })
