/**
 * Names of files that are being written: hidden, and telling who writes them. A process that dies leaves its own, and one that
 * comes later removes them if that is safe: if the writer ran on this machine (and among the same process ids: containers
 * have their own) and is gone; or, whoever it was, if nothing was written to it for a day.
 */
import { stat, unlink } from 'node:fs/promises'
import { threadId } from 'node:worker_threads'
import { isGone, processMark } from '../host/process-mark.ts'

const STAGED = /^\.staged-([0-9a-f]{8}-\d+)-\d+-\d+$/
const ABANDONED_MS = 86_400_000

/** Of the thread, not of an instance: two write to one folder. */
let count = 0

export class StagedNames {
  next(): string {
    return `.staged-${processMark()}-${threadId}-${count++}`
  }

  isOne(name: string): boolean {
    return STAGED.test(name)
  }

  /** Removes the file at the path, which has such a name, if that is safe. */
  async sweep(path: string, nowMs: number): Promise<void> {
    const [, mark] = STAGED.exec(path.slice(path.search(/[^/\\]*$/)))!
    try {
      if (isGone(mark) || (await stat(path)).mtimeMs < nowMs - ABANDONED_MS) await unlink(path)
    } catch {
      // somebody else has done it, or it stays
    }
  }
}
