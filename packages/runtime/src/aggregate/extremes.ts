/** The least and the greatest of multisets that change. */
import { compareValues } from '@millrace/plan'

/** How often each value is there. */
export type Counts = Map<unknown, number>

/** The best of each multiset, as long as it is known. */
class Extremes {
  readonly #isBetter: (a: unknown, b: unknown) => boolean
  readonly #best = new WeakMap<Counts, { readonly value: unknown }>()

  constructor(isBetter: (a: unknown, b: unknown) => boolean) {
    this.#isBetter = isBetter
  }

  counted(given: unknown, weight: number, before: Counts | undefined): Counts {
    const counts = before ?? new Map()
    const value = given instanceof Date ? given.getTime() : given === 0 ? 0 : given
    const count = (counts.get(value) ?? 0) + weight
    const best = this.#best.get(counts)
    if (count === 0) {
      counts.delete(value)
      if (best !== undefined && Object.is(best.value, value)) this.#best.delete(counts)
    } else {
      counts.set(value, count)
      if (best !== undefined && this.#isBetter(value, best.value)) this.#best.set(counts, { value })
    }
    return counts
  }

  merged(other: Counts, before: Counts | undefined): Counts {
    let counts = before ?? new Map()
    for (const [value, count] of other) counts = this.counted(value, count, counts)
    return counts
  }

  /** Null: there is none. */
  of(counts: Counts | undefined): unknown {
    if (counts === undefined || counts.size === 0) return null
    let best = this.#best.get(counts)
    if (best === undefined) {
      const values = counts.keys()
      best = { value: values.next().value }
      for (const value of values) if (this.#isBetter(value, best.value)) best = { value }
      this.#best.set(counts, best)
    }
    return best.value
  }
}

/** One for all aggregates of a kind, whose generated loops know it by its kind. */
export const extremes = {
  min: new Extremes((a, b) => compareValues(a, b) < 0),
  max: new Extremes((a, b) => compareValues(a, b) > 0),
}
