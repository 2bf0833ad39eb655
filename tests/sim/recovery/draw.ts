/** Choices of a case, drawn from its seed before anything runs. */
import { seededRandom } from '@millrace/runtime/inside'

export class Draw {
  readonly random: () => number
  /** Of each table, where few are enough. */
  readonly rows: number | undefined

  constructor(seed: number, rows?: number) {
    this.random = seededRandom(seed)
    this.rows = rows
  }

  /** From 0 to `most`. */
  upTo(most: number): number {
    return Math.floor(this.random() * (most + 1))
  }

  between(least: number, most: number): number {
    return least + this.upTo(most - least)
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)]!
  }

  chance(of: number): boolean {
    return this.random() < of
  }
}
