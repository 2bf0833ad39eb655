/**
 * Which files a writer makes: exactly the path, once; or in a folder `part-<subtask>.csv`, and `part-<subtask>-2.csv` and
 * so on where it makes more than one. A run replaces the parts of an earlier one that have the same names, each as a
 * whole and when it commits; where an earlier one has left others, it is refused before it has begun. A run that goes on
 * from a checkpoint finds its own parts there, and counts on.
 */
import { readdirSync, rmdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { MillraceError } from '@millrace/plan'
import type { WriterContext } from '@millrace/runtime'
import { allEndings } from '../compression.ts'
import { fileError, isFolder } from '../location.ts'
import { type FilesState, restoredStates } from './files-state.ts'
import { makeFolders } from './make-folders.ts'

/** Whether a name is that of a part, with one of the endings. */
export function isPart(name: string, endings: readonly string[]): boolean {
  const match = /^part-\d+(?:-\d+)?(\..*)$/.exec(name)
  return match !== null && endings.includes(match[1]!)
}

export class Targets {
  /** The path is a folder, for parts. */
  readonly inFolder: boolean
  readonly #path: string
  readonly #ending: string
  readonly #subtask: number
  readonly #folder: string
  /** The topmost folder that had to be made. */
  #made: string | undefined
  #count = 0

  /** Makes the folders that are missing. Throws a MillraceError if the files cannot be there. */
  constructor(path: string, ending: string, context: WriterContext) {
    const { subtask, parallelism } = context
    this.#path = path
    this.#ending = ending
    this.#subtask = subtask
    this.inFolder = isFolder(path)
    this.#folder = this.inFolder ? path : dirname(path)
    if (!this.inFolder && parallelism > 1)
      throw new MillraceError('INVALID_ARGUMENT', `invalid file: ${path} (${parallelism} writers, one file)`, {
        hint: `Write into a folder: ${JSON.stringify(`${path}/`)}.`,
      })
    try {
      this.#made = makeFolders(this.#folder)
    } catch (error) {
      throw fileError(this.#folder, error)
    }
    const states = restoredStates(context)
    if (states !== undefined) this.#count = Math.max(this.#taken(), ...states.map(s => this.#countOf(s)))
    else if (this.inFolder) this.#refuseStale(parallelism)
  }

  /** Files so far. */
  get count(): number {
    return this.#count
  }

  next(): string {
    this.#count++
    const suffix = this.#count === 1 ? '' : `-${this.#count}`
    if (this.inFolder) return join(this.#path, `part-${this.#subtask}${suffix}${this.#ending}`)
    if (this.#count > 1)
      throw new MillraceError(
        'UNSUPPORTED',
        `invalid file: ${this.#path} (it is written once, not at every checkpoint)`,
        {
          hint: `Write into a folder: ${JSON.stringify(`${this.#path}/`)}.`,
        },
      )
    return this.#path
  }

  /** Whether a file is one that this could have named, or that of another subtask. */
  isOwn(target: string): boolean {
    if (!this.inFolder) return target === resolve(this.#path)
    return dirname(target) === resolve(this.#folder) && target.endsWith(this.#ending)
  }

  /** Removes the folders that were made, where they are empty. */
  removeFolders(): void {
    if (this.#made === undefined) return
    const top = resolve(this.#made)
    for (let folder = resolve(this.#folder); folder.startsWith(top); folder = dirname(folder)) {
      try {
        rmdirSync(folder)
      } catch {
        return // something lies there
      }
    }
  }

  #countOf({ subtask, count, open }: FilesState): number {
    if (this.inFolder) return subtask === this.#subtask ? count : 0
    return open === null || this.isOwn(open.target) ? count : 0
  }

  /**
   * The greatest number among the parts of this subtask, in place or hidden. With a subtask that there was before, but not at
   * the checkpoint, the states know nothing of them.
   */
  #taken(): number {
    let taken = 0
    if (!this.inFolder) return taken
    for (const name of readdirSync(this.#folder)) {
      const match = /^\.?part-(\d+)(?:-(\d+))?\./.exec(name)
      if (match !== null && Number(match[1]) === this.#subtask) taken = Math.max(taken, Number(match[2] ?? 1))
    }
    return taken
  }

  /** Parts of an earlier run that this one does not replace would be read as if they were its own. */
  #refuseStale(parallelism: number): void {
    const own = Array.from({ length: parallelism }, (_, i) => `part-${i}${this.#ending}`)
    for (const name of readdirSync(this.#folder)) {
      if (isPart(name, allEndings(this.#ending.replace(/\.(gz|zst)$/, ''))) && !own.includes(name))
        throw new MillraceError('INVALID_ARGUMENT', `invalid folder: ${this.#path} (it holds ${name} of another run)`, {
          hint: 'Remove the parts of the earlier run, or write into another folder.',
        })
    }
  }
}
