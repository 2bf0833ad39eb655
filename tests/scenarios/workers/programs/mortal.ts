/**
 * A program that kills itself with SIGKILL, in the thread that comes to it first: KILL_AFTER_READS reads of a source, or
 * KILL_AFTER_FILES operations on files (of checkpoints, of sinks, of what is read) and then KILL_AFTER_MS more milliseconds.
 * Counted and not timed, so that it dies at all stages of a job and of a checkpoint, however fast the machine.
 */
import fs, { writeSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const { KILL_AFTER_READS, KILL_AFTER_FILES, KILL_AFTER_MS, TELL_FD } = process.env
const waitMs = Number(KILL_AFTER_MS ?? 0)
let readsLeft = Number(KILL_AFTER_READS ?? Number.POSITIVE_INFINITY)
let filesLeft = Number(KILL_AFTER_FILES ?? Number.POSITIVE_INFINITY)
let toldReading = false

function die(): void {
  if (waitMs > 0) setTimeout(() => process.kill(process.pid, 'SIGKILL'), waitMs)
  else process.kill(process.pid, 'SIGKILL')
}

/** To be called before each read. */
export function beforeRead(): void {
  if (--readsLeft === 0) die()
  if (!toldReading && TELL_FD !== undefined) writeSync(Number(TELL_FD), 'r')
  toldReading = true
}

type Operations = Record<string, (...args: unknown[]) => unknown>

const mutating = [
  'open',
  'link',
  'rename',
  'unlink',
  'mkdir',
  'rmdir',
  'rm',
  'readdir',
  'writeFile',
  'stat',
  'truncate',
]
const wrapped: readonly (readonly [Operations, readonly string[]])[] = [
  [promises as unknown as Operations, mutating],
  [fs as unknown as Operations, [...mutating.map(name => `${name}Sync`), 'writeSync', 'fsyncSync', 'ftruncateSync']],
]

if (Number.isFinite(filesLeft)) {
  for (const [module, names] of wrapped)
    for (const name of names) {
      const operation = module[name]!
      module[name] = (...args) => {
        if (--filesLeft === 0) die()
        return operation.apply(module, args)
      }
    }
  syncBuiltinESMExports()
}
