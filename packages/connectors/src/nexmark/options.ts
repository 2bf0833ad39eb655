import { MillraceError } from '@millrace/plan'
import { MAX_EVENTS } from './specification.ts'

/** What the published generator can be told, and what a benchmark with a known number of keys needs. */
export interface NexmarkOptions {
  /** How many events of all three kinds there are: 2 % persons, 6 % auctions, 92 % bids. Absent: without end. */
  readonly events?: number
  /** The same seed gives the same events; any safe integer. Default 1. */
  readonly seed?: number
  /** Events of all kinds in a second of event time, not of the clock. Default 10,000. */
  readonly eventsPerSecond?: number
  /** The time of the first event, in milliseconds since 1970. Default 2015-07-15T00:00:00Z. */
  readonly baseTime?: number
  /** Into how many splits the events are dealt, an epoch of 50 at a time. Default: as many as there are workers. */
  readonly splits?: number
  /** All but one in so many bids are on a hot auction; 1: none. Default 2. */
  readonly hotAuctionRatio?: number
  /** All but one in so many bids are by a hot bidder; 1: none. Default 4. */
  readonly hotBiddersRatio?: number
  /** All but one in so many auctions are a hot seller's; 1: none. Default 4. */
  readonly hotSellersRatio?: number
  /** The other bids and auctions are by one of the newest so many persons. Default 1,000. */
  readonly activePeople?: number
  /** The other bids are on one of the newest so many auctions. Default 100. */
  readonly inFlightAuctions?: number
  /** Bids by this many bidders, the first ids, each as likely as any other, in place of the growing number of persons. */
  readonly bidders?: number
  /** Bids on this many auctions, the first ids, each as likely as any other, in place of the growing number. */
  readonly auctions?: number
}

/** The options with their defaults, checked. */
export interface NexmarkConfig {
  readonly events: number
  readonly bounded: boolean
  readonly seed: number
  /** Between two events, in microseconds of event time. */
  readonly delayUs: number
  readonly baseTime: number
  /** Undefined: as many as there are readers. */
  readonly splits: number | undefined
  readonly hotAuctionRatio: number
  readonly hotBiddersRatio: number
  readonly hotSellersRatio: number
  readonly activePeople: number
  readonly inFlightAuctions: number
  /** 0: as published. */
  readonly bidders: number
  readonly auctions: number
}

const BASE_TIME = Date.UTC(2015, 6, 15)
const MAX_IDS = 10_000_000

export function configure(options: NexmarkOptions): NexmarkConfig {
  for (const name of Object.keys(options))
    if (!known.includes(name))
      throw new MillraceError('INVALID_OPTION', `unknown option: ${name} (known: ${known.join(', ')})`)
  const { events, eventsPerSecond = 10_000, baseTime = BASE_TIME } = options
  if (!(eventsPerSecond > 0 && eventsPerSecond <= 1e9))
    invalid('eventsPerSecond', eventsPerSecond, 'more than 0, at most 1e9')
  return {
    events: events === undefined ? Number.POSITIVE_INFINITY : whole('events', events, 0, MAX_EVENTS),
    bounded: events !== undefined,
    seed: whole('seed', options.seed ?? 1, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    delayUs: 1e6 / eventsPerSecond,
    baseTime: whole('baseTime', baseTime, -8.64e15, 8.64e15),
    splits: options.splits === undefined ? undefined : whole('splits', options.splits, 1, 1024),
    hotAuctionRatio: whole('hotAuctionRatio', options.hotAuctionRatio ?? 2, 1, 100),
    hotBiddersRatio: whole('hotBiddersRatio', options.hotBiddersRatio ?? 4, 1, 100),
    hotSellersRatio: whole('hotSellersRatio', options.hotSellersRatio ?? 4, 1, 100),
    activePeople: whole('activePeople', options.activePeople ?? 1000, 1, MAX_IDS),
    inFlightAuctions: whole('inFlightAuctions', options.inFlightAuctions ?? 100, 1, MAX_IDS),
    bidders: options.bidders === undefined ? 0 : whole('bidders', options.bidders, 1, MAX_IDS),
    auctions: options.auctions === undefined ? 0 : whole('auctions', options.auctions, 1, MAX_IDS),
  }
}

const known: readonly string[] = [
  'events',
  'seed',
  'eventsPerSecond',
  'baseTime',
  'splits',
  'hotAuctionRatio',
  'hotBiddersRatio',
  'hotSellersRatio',
  'activePeople',
  'inFlightAuctions',
  'bidders',
  'auctions',
] satisfies (keyof NexmarkOptions)[]

function whole(name: string, value: number, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    invalid(name, value, `an integer from ${least} to ${most}`)
  return value
}

function invalid(name: string, value: unknown, expected: string): never {
  throw new MillraceError('INVALID_OPTION', `invalid ${name}: ${String(value)}`, { hint: `${name} is ${expected}` })
}
