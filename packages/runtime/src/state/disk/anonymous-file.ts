/**
 * A file without a name, in a folder: it takes room on the disk for as long as this process has it open, and not a moment
 * longer. Where the system keeps names of open files (Windows), it is removed when it is closed, or by the next job
 * that has its state in the folder.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, unlinkSync, write } from 'node:fs'
import { dirname, join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { MillraceError } from '@millrace/plan'
import { errnoOf, reasonOf } from '../../checkpoint/folder-error.ts'

const NAME = /^\.millrace-state-(\d+)-\d+-\d+$/

/** Of the thread: no two are of one name. */
let count = 0

export class AnonymousFile {
  readonly fd: number
  readonly #folder: string
  readonly #path: string
  #named = true

  /** Throws INVALID_OPTION if there can be none in the folder. */
  constructor(folder: string) {
    this.#folder = folder
    this.#path = join(folder, `.millrace-state-${process.pid}-${threadId}-${count++}`)
    try {
      makeFolder(folder)
      this.fd = openSync(this.#path, 'wx+')
    } catch (error) {
      const code = errnoOf(error)
      if (code === undefined) throw error
      const reason = code === 'ENOENT' ? 'no folder can be made there' : reasonOf(code, error)
      throw new MillraceError('INVALID_OPTION', `invalid dir of state: ${folder} (${reason})`, {
        hint: 'Give the path of a folder that this process may write to.',
        cause: error,
      })
    }
    this.#unname()
    sweep(folder)
  }

  #unname(): void {
    if (!this.#named) return
    try {
      unlinkSync(this.#path)
      this.#named = false
    } catch {
      // as long as it is open
    }
  }

  /** All of the bytes, at a place of the file; then says what went wrong, or null. */
  write(bytes: Uint8Array, place: number, done: (error: unknown) => void): void {
    let at = 0
    const next = (error: unknown, written: number): void => {
      if (error !== null) return done(error)
      if (written === 0)
        return done(Object.assign(new Error('nothing was written'), { code: 'ENOSPC', syscall: 'write' }))
      at += written
      if (at === bytes.length) return done(null)
      write(this.fd, bytes, at, bytes.length - at, place + at, next)
    }
    write(this.fd, bytes, 0, bytes.length, place, next)
  }

  close(): void {
    closeSync(this.fd)
    this.#unname()
  }

  failed(error: unknown, act: 'read' | 'write'): unknown {
    const code = errnoOf(error)
    if (code === undefined) return error
    const full = code === 'ENOSPC' || code === 'EDQUOT'
    return new MillraceError('IO', `invalid state on disk: ${this.#folder} (${reasonOf(code, error)})`, {
      hint: full
        ? "Free some space, or give state: { dir } a disk with more: state takes up to twice what its rows do. The job's checkpoints are as they were."
        : `It could not be ${act === 'read' ? 'read' : 'written'}. The job's checkpoints are as they were.`,
      cause: error,
    })
  }

  damaged(): MillraceError {
    return new MillraceError('IO', `invalid state on disk: ${this.#folder} (a row is not what was written)`, {
      hint: "The disk is failing, or something else wrote to the file. The job's checkpoints are as they were: go on from them.",
    })
  }
}

/**
 * Makes a folder and those above it; new ones stay if the power goes, since checkpoints may come to lie in them. Not
 * `recursive: true`: see `checkpoint/folder-storage.ts`.
 */
function makeFolder(folder: string): void {
  const above = dirname(folder)
  try {
    mkdirSync(folder)
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return
    if (errnoOf(error) !== 'ENOENT' || above === folder) throw error
    makeFolder(above)
    mkdirSync(folder)
  }
  if (process.platform !== 'win32') syncFolder(above)
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } catch (error) {
    if (errnoOf(error) !== 'EINVAL') throw error
  } finally {
    closeSync(fd)
  }
}

/** Removes what processes have left that are gone. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = NAME.exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    try {
      unlinkSync(join(folder, name))
    } catch {
      // somebody else has done it, or it is open on another machine
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) !== 'ESRCH'
  }
}
