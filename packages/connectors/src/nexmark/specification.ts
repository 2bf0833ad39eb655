/**
 * The constants of the Nexmark generator (Tucker, Tufte, Papadimos and Maier, "NEXMark: a benchmark for queries over
 * data streams", 2002, as Apache Beam's and Flink's public generators fix them).
 *
 * Events come in *epochs* of 50: one person, then three auctions, then 46 bids.
 */
export const EPOCH_EVENTS = 50
export const EPOCH_PERSONS = 1
export const EPOCH_AUCTIONS = 3
export const EPOCH_BIDS = 46

export const FIRST_PERSON_ID = 1000
export const FIRST_AUCTION_ID = 1000
export const FIRST_CATEGORY_ID = 10
export const CATEGORIES = 5

/** Of every so many people or auctions in a row, one is hot. */
export const HOT_STRIDE = 100
/** How many ids that do not exist yet a draw may name: events then seem to have been swapped in time. */
export const ID_LEAD = 10

export const HOT_CHANNELS = ['Google', 'Facebook', 'Baidu', 'Apple'] as const
export const CHANNELS = 10_000

export const US_STATES = ['AZ', 'CA', 'ID', 'OR', 'WA', 'WY'] as const
export const US_CITIES = [
  'Phoenix',
  'Los Angeles',
  'San Francisco',
  'Boise',
  'Portland',
  'Bend',
  'Redmond',
  'Seattle',
  'Kent',
  'Cheyenne',
] as const
export const FIRST_NAMES = [
  'Peter',
  'Paul',
  'Luke',
  'John',
  'Saul',
  'Vicky',
  'Kate',
  'Julie',
  'Sarah',
  'Deiter',
  'Walter',
] as const
export const LAST_NAMES = [
  'Shultz',
  'Abrams',
  'Spencer',
  'White',
  'Bartels',
  'Walton',
  'Smith',
  'Jones',
  'Noris',
] as const

/** Average sizes in bytes that `extra` pads events to, a number counting as eight. */
export const PERSON_BYTES = 200
export const AUCTION_BYTES = 500
export const BID_BYTES = 100
/** What a bid takes without `extra` in that account: its four numbers. */
export const BID_FIXED_BYTES = 32

/** Events whose ids all fit an int32: the auctions', three an epoch, are the first that would not. */
export const MAX_EVENTS = Math.floor((2 ** 31 - 1 - FIRST_AUCTION_ID - ID_LEAD) / EPOCH_AUCTIONS) * EPOCH_EVENTS
