/**
 * Which files a writer makes: exactly the path, once; or in a folder `part-<subtask>.csv`, and `part-<subtask>-2.csv` and
 * so on where it commits more than once. A run replaces the parts of an earlier one that have the same names, each as a
 * whole and when it commits; where an earlier one has left others, it is refused before it has begun.
 */
import { readdirSync, rmdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { MillraceError } from '@millrace/plan'
import type { WriterContext } from '@millrace/runtime'
import { allEndings } from '../compression.ts'
import { fileError, isFolder } from '../location.ts'
import { makeFolders } from './make-folders.ts'

/** Whether a name is that of a part, with one of the endings. */
export function isPart(name: string, endings: readonly string[]): boolean {
  const match = /^part-\d+(?:-\d+)?(\..*)$/.exec(name)
  return match !== null && endings.includes(match[1]!)
}

export class Targets {
  readonly #path: string
  readonly #inFolder: boolean
  readonly #ending: string
  readonly #subtask: number
  readonly #folder: string
  /** The topmost folder that had to be made. */
  #made: string | undefined
  #count = 0

  /** Makes the folders that are missing. Throws a MillraceError if the files cannot be there. */
  constructor(path: string, ending: string, { subtask, parallelism }: WriterContext) {
    this.#path = path
    this.#ending = ending
    this.#subtask = subtask
    this.#inFolder = isFolder(path)
    this.#folder = this.#inFolder ? path : dirname(path)
    if (!this.#inFolder && parallelism > 1)
      throw new MillraceError('INVALID_ARGUMENT', `invalid file: ${path} (${parallelism} writers, one file)`, {
        hint: `Write into a folder: ${JSON.stringify(`${path}/`)}.`,
      })
    try {
      this.#made = makeFolders(this.#folder)
    } catch (error) {
      throw fileError(this.#folder, error)
    }
    if (this.#inFolder) this.#refuseStale(parallelism)
  }

  next(): string {
    this.#count++
    const suffix = this.#count === 1 ? '' : `-${this.#count}`
    if (this.#inFolder) return join(this.#path, `part-${this.#subtask}${suffix}${this.#ending}`)
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
