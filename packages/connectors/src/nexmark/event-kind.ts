/**
 * A kind of event is a table of columns, each of which knows how to make itself; a reader makes those it is asked for.
 *
 * Columns that need the same draws (a bid's channel and url; an extra and the texts it fills up to size) share what fills them.
 */
import type { Column, Schema } from '@millrace/algebra'
import { streamKey } from './draw.ts'
import type { NexmarkConfig } from './options.ts'
import type { Texts } from './texts.ts'

/** Makes `count` events of an epoch, from the kind's `position`-th on, as rows from `at` on. */
export type Fill = (epoch: number, position: number, count: number, at: number) => void

export interface EventKind {
  readonly name: string
  readonly schema: Schema
  /** Where in an epoch its events begin, and how many there are. */
  readonly first: number
  readonly count: number
  readonly columns: Readonly<Record<string, (making: Making) => Column>>
}

/** The columns of one reader in the making. */
export class Making {
  readonly config: NexmarkConfig
  readonly texts: Texts
  /** For how many rows. */
  readonly rows: number
  /** In the order in which they need one another. */
  readonly fills: Fill[] = []
  /** What is left to do when a batch is full. */
  readonly finishes: (() => void)[] = []
  readonly #shared = new Map<string, unknown>()

  constructor(config: NexmarkConfig, texts: Texts, rows: number) {
    this.config = config
    this.texts = texts
    this.rows = rows
  }

  /** The key of a stream of draws. */
  key(stream: number): number {
    return streamKey(this.config.seed, stream)
  }

  /** The same for all columns of the reader that ask for it. */
  shared<T>(name: string, make: () => T): T {
    if (!this.#shared.has(name)) this.#shared.set(name, make())
    return this.#shared.get(name) as T
  }
}
