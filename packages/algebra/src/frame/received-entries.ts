import { Dictionary } from '../column.ts'
import { FrameError } from './frame-error.ts'
import { max } from './layout.ts'

/**
 * The receiving side of one column's edge dictionary: one `Dictionary` that grows from frame to frame, so that what is
 * cached by its identity stays good, until one begins anew. What a frame brings counts when the whole frame was found good.
 */
export class ReceivedEntries {
  #dictionary = new Dictionary()
  /** The strings of it, to find doubles; not kept where frames are trusted. */
  #known: Set<string> | null
  #next: Dictionary | null = null
  #fresh: readonly string[] = []

  constructor(trusted: boolean) {
    this.#known = trusted ? null : new Set()
  }

  /** The dictionary of a frame that brings `fresh` behind `base` entries: whole after `keep`. */
  stage(base: number, fresh: readonly string[], what: string): Dictionary {
    const known = this.#dictionary.values.length
    if (base !== 0 && base !== known) throw new FrameError(`it follows on ${base} entries, there are ${known}`, what)
    if (base + fresh.length > max.edgeEntries)
      throw new FrameError(`${base + fresh.length} entries, the limit is ${max.edgeEntries}`, what)
    if (this.#known !== null) checkNew(fresh, base === 0 ? null : this.#known, what)
    this.#next = base === 0 ? new Dictionary() : this.#dictionary
    this.#fresh = fresh
    return this.#next
  }

  keep(): void {
    if (this.#next === null) return
    if (this.#next !== this.#dictionary) {
      this.#dictionary = this.#next
      this.#known?.clear()
    }
    for (const text of this.#fresh) {
      this.#dictionary.values.push(text)
      this.#known?.add(text)
    }
    this.#next = null
  }

  undo(): void {
    this.#next = null
  }
}

function checkNew(fresh: readonly string[], known: Set<string> | null, what: string): void {
  if (new Set(fresh).size !== fresh.length || (known !== null && fresh.some(text => known.has(text))))
    throw new FrameError('a dictionary with an entry twice', what)
}
