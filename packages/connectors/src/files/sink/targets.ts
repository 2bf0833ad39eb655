/**
 * Which files a writer makes: exactly the path, once; or in a folder `part-<subtask>.csv`, and `part-<subtask>-2.csv` and
 * so on where it makes more than one. A run replaces the parts of an earlier one that have the same names, each as a
 * whole and when it commits; where an earlier one has left others, it is refused before it has begun. A run that goes on
 * from a checkpoint finds its own parts there, and counts on: its readers may have taken parts away, so that the states, not
 * the folder, say which names were used. Parts that they do not know were committed after the checkpoint: their rows come
 * again, and the run is refused.
 */
import { readdirSync, rmdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { MillraceError } from '@millrace/plan'
import type { WriterContext } from '@millrace/runtime'
import { allEndings } from '../compression.ts'
import { fileError, isFolder } from '../location.ts'
import { type FilesState, type Numbers, restoredNumbers, restoredStates } from './files-state.ts'
import { makeFolders } from './make-folders.ts'

/** Whether a name is that of a part, with one of the endings. */
export function isPart(name: string, endings: readonly string[]): boolean {
  const match = /^part-\d+(?:-\d+)?(\..*)$/.exec(name)
  return match !== null && endings.includes(match[1]!)
}

/** Parts that an error names. */
const SHOWN = 5

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
  readonly #numbers: ReadonlyMap<number, Numbers>
  readonly #parallelism: number
  /** As in `Numbers`. */
  readonly replaces: number | null

  /** Makes the folders that are missing. Throws a MillraceError if the files cannot be there. */
  constructor(path: string, ending: string, context: WriterContext) {
    const { subtask, parallelism } = context
    this.#path = path
    this.#ending = ending
    this.#subtask = subtask
    this.#parallelism = parallelism
    this.#numbers = restoredNumbers(context)
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
    if (states === undefined) {
      if (this.inFolder) this.#refuseStale()
      this.replaces = this.inFolder ? this.#lastWritten(`part-${subtask}${ending}`) : null
    } else {
      const own = this.#numbers.get(subtask)
      this.#count = this.inFolder ? (own?.count ?? 0) : Math.max(0, ...states.map(s => this.#countOf(s)))
      if (this.inFolder) this.#refuseLater()
      this.replaces = own?.replaces ?? null
    }
  }

  /** Files so far. */
  get count(): number {
    return this.#count
  }

  /** What is known of subtasks that have no writer now. */
  get former(): FilesState['former'] {
    return [...this.#numbers].filter(([subtask]) => subtask >= this.#parallelism)
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

  #countOf({ count, open }: FilesState): number {
    return open === null || this.isOwn(open.target) ? count : 0
  }

  #lastWritten(name: string): number | null {
    return statSync(join(this.#folder, name), { throwIfNoEntry: false })?.mtimeMs ?? null
  }

  /**
   * Parts that were committed after the checkpoint: their rows come again. Each writer looks for its own, and for those of
   * subtasks that have no writer now.
   */
  #refuseLater(): void {
    const later = readdirSync(this.#folder).filter(name => {
      const match = /^part-(\d+)(?:-(\d+))?\./.exec(name)
      if (match === null || !this.#isEnding(name)) return false
      const subtask = Number(match[1])
      if (subtask !== this.#subtask && subtask < this.#parallelism) return false
      const { count, replaces } = this.#numbers.get(subtask) ?? { count: 0, replaces: null }
      const number = Number(match[2] ?? 1)
      return number > count && !(number === 1 && replaces !== null && this.#lastWritten(name) === replaces)
    })
    if (later.length === 0) return
    const named =
      later.length > SHOWN ? `${later.slice(0, SHOWN).join(', ')} and ${later.length - SHOWN} more` : later.join(', ')
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `invalid folder: ${this.#path} (it holds ${named} of a later checkpoint)`,
      {
        hint: 'Their rows would come again: remove what came after the checkpoint, or write into another folder.',
      },
    )
  }

  #isEnding(name: string): boolean {
    return isPart(name, allEndings(this.#ending.replace(/\.(gz|zst)$/, '')))
  }

  /** Parts of an earlier run that this one does not replace would be read as if they were its own. */
  #refuseStale(): void {
    const own = Array.from({ length: this.#parallelism }, (_, i) => `part-${i}${this.#ending}`)
    for (const name of readdirSync(this.#folder)) {
      if (this.#isEnding(name) && !own.includes(name))
        throw new MillraceError('INVALID_ARGUMENT', `invalid folder: ${this.#path} (it holds ${name} of another run)`, {
          hint: 'Remove the parts of the earlier run, or write into another folder.',
        })
    }
  }
}
