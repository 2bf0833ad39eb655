/**
 * The Nexmark generator as sources: the bids, auctions and persons of an online auction, deterministic and as many as wanted.
 *
 * Event n of a seed is the same in every run, at every number of splits, at every batch size and whichever columns are
 * asked for; columns that are not asked for are not made. Within a split, events come in the order of their time.
 */
import type { Schema } from '@millrace/algebra'
import type { ReaderContext, Source, Split, SplitContext, SplitReader } from '@millrace/runtime'
import { dealtSplits } from '../dealt-splits.ts'
import { auctionKind } from './auctions.ts'
import { bidKind } from './bids.ts'
import type { EventKind } from './event-kind.ts'
import { configure, type NexmarkConfig, type NexmarkOptions } from './options.ts'
import { personKind } from './persons.ts'
import { EventReader } from './reader.ts'
import type { Auction, Bid, Person } from './rows.ts'
import { Texts } from './texts.ts'

/**
 * Bids: 46 of 50 events.
 *
 * @example
 * env.dataset(bids({ events: 1_000_000 })).keyBy('auction').aggregate({ bids: count(), highest: max('price') })
 */
export function bids(options: NexmarkOptions & { readonly events: number }): Source<Bid, true>
export function bids(options?: NexmarkOptions): Source<Bid>
export function bids(options: NexmarkOptions = {}): Source<Bid> {
  return new NexmarkSource(bidKind, configure(options))
}

/**
 * Auctions: three of 50 events.
 *
 * @example
 * env.stream(auctions()).eventTime('dateTime')
 */
export function auctions(options: NexmarkOptions & { readonly events: number }): Source<Auction, true>
export function auctions(options?: NexmarkOptions): Source<Auction>
export function auctions(options: NexmarkOptions = {}): Source<Auction> {
  return new NexmarkSource(auctionKind, configure(options))
}

/**
 * Persons: one of 50 events, sellers and bidders.
 *
 * @example
 * env.dataset(persons({ events: 50_000 })).keyBy('state').count()
 */
export function persons(options: NexmarkOptions & { readonly events: number }): Source<Person, true>
export function persons(options?: NexmarkOptions): Source<Person>
export function persons(options: NexmarkOptions = {}): Source<Person> {
  return new NexmarkSource(personKind, configure(options))
}

class NexmarkSource implements Source<never> {
  readonly label: string
  readonly schema: Schema
  readonly bounded: boolean
  readonly prunes = true
  /** All at once: their times run side by side. */
  readonly concurrentSplits = Number.POSITIVE_INFINITY
  readonly #kind: EventKind
  readonly #config: NexmarkConfig
  readonly #texts: Texts

  constructor(kind: EventKind, config: NexmarkConfig) {
    this.label = `nexmark ${kind.name}${config.bounded ? ` of ${config.events} events` : ''}`
    this.schema = kind.schema
    this.bounded = config.bounded
    this.#kind = kind
    this.#config = config
    this.#texts = new Texts(config.seed)
  }

  async splits({ parallelism }: SplitContext): Promise<readonly Split[]> {
    return dealtSplits(this.#config.splits ?? parallelism)
  }

  open(split: Split, context: ReaderContext): SplitReader {
    return new EventReader(this.#kind, this.#config, this.#texts, context.schema, split)
  }
}
