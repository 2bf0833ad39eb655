/**
 * Names of files that are being written: hidden, and telling who writes them. A process that dies leaves its own, and one that
 * comes later removes them if that is safe: if the writer ran on this machine (and among the same process ids: containers
 * have their own) and is gone; or, whoever it was, if nothing was written to it for a day.
 */
import { readlinkSync } from 'node:fs'
import { stat, unlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { threadId } from 'node:worker_threads'
import { Checksum } from './checksum.ts'
import { errnoOf } from './folder-error.ts'

const STAGED = /^\.staged-([0-9a-f]{8})-(\d+)-\d+-\d+$/
const ABANDONED_MS = 86_400_000

/** Of the thread, not of an instance: two write to one folder. */
let count = 0

export class StagedNames {
  readonly #machine = machine()

  next(): string {
    return `.staged-${this.#machine}-${process.pid}-${threadId}-${count++}`
  }

  isOne(name: string): boolean {
    return STAGED.test(name)
  }

  /** Removes the file at the path, which has such a name, if that is safe. */
  async sweep(path: string, nowMs: number): Promise<void> {
    const [, machine, pid] = STAGED.exec(path.slice(path.search(/[^/\\]*$/)))!
    try {
      const isDead = machine === this.#machine && !isAlive(Number(pid))
      if (isDead || (await stat(path)).mtimeMs < nowMs - ABANDONED_MS) await unlink(path)
    } catch {
      // somebody else has done it, or it stays
    }
  }
}

function machine(): string {
  let ids = ''
  try {
    ids = readlinkSync('/proc/self/ns/pid')
  } catch {
    // no Linux
  }
  return Checksum.of(Buffer.from(`${hostname()} ${ids}`))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) !== 'ESRCH'
  }
}
