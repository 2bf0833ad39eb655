/**
 * The constants of the Nexmark generator (Tucker, Tufte, Papadimos and Maier, "NEXMark: a benchmark for queries over
 * data streams", 2002, as Apache Beam's and Flink's public generators fix them).
 *
 * Events come in *epochs* of 50: one person, then three auctions, then 46 bids.
 */
export const perEpoch = { events: 50, persons: 1, auctions: 3, bids: 46 } as const

export const firstId = { person: 1000, auction: 1000, category: 10 } as const

/** How many ids that do not exist yet a draw may name: events then seem to have been swapped in time. */
export const ID_LEAD = 10

/** Average sizes in bytes that `extra` pads events to, a number counting as eight. */
export const averageBytes = { person: 200, auction: 500, bid: 100 } as const

/** Events whose ids all fit an int32: the auctions', three an epoch, are the first that would not. */
export const MAX_EVENTS = Math.floor((2 ** 31 - 1 - firstId.auction - ID_LEAD) / perEpoch.auctions) * perEpoch.events
