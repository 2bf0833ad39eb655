/**
 * The randomness of the generator: a hash of (seed, column, epoch, position), not a sequence.
 *
 * Each column of each event has its own draw, so that a column that nobody asked for costs nothing, and any event can
 * be made without those before it: the same seed gives the same events at every parallelism, batch size and offset.
 * A column's draws within an epoch are SplitMix's (Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014, section 3): a Weyl sequence from a key of the epoch, scrambled, in 32 bits. Hot loops
 * write `draw` out.
 */

/** The step of the Weyl sequences: 2^32 over the golden ratio, odd. */
const STEP = 0x9e3779b9 | 0
const SCRAMBLE_1 = 0x21f0aaad
const SCRAMBLE_2 = 0x735a2d97
/** 2^-31: from 31 random bits to [0, 1). */
export const UNIT = 2 ** -31

/** The streams of draws. Numbers are part of what a seed means: never reassigned. */
export const draws = {
  bidAuction: 1,
  bidBidder: 2,
  bidPrice: 3,
  bidChannel: 4,
  bidExtra: 5,
  auctionName: 6,
  auctionDescription: 7,
  auctionInitialBid: 8,
  auctionReserve: 9,
  auctionExpires: 10,
  auctionSeller: 11,
  auctionCategory: 12,
  auctionExtra: 13,
  personName: 14,
  personEmail: 15,
  personCreditCard: 16,
  personCity: 17,
  personState: 18,
  personExtra: 19,
  channelUrls: 20,
  extraPool: 21,
  textPool: 22,
} as const

/** A bijection of 32-bit words in which every input bit reaches every output bit (Wellons' two-round hash). */
export function scramble(word: number): number {
  word = Math.imul(word ^ (word >>> 16), SCRAMBLE_1)
  word = Math.imul(word ^ (word >>> 15), SCRAMBLE_2)
  return word ^ (word >>> 15)
}

/** The key of one stream under a seed; the seed is any safe integer. */
export function streamKey(seed: number, stream: number): number {
  const low = seed | 0
  const high = Math.floor(seed / 2 ** 32) | 0
  return scramble(scramble(low + Math.imul(stream, STEP)) ^ Math.imul(high, SCRAMBLE_1))
}

/** Where the Weyl sequence of an epoch begins; position i of the epoch draws at `i + 1` steps from here. */
export function epochKey(stream: number, epoch: number): number {
  return scramble(stream ^ Math.imul(epoch + 1, STEP))
}

/**
 * 31 random bits for a position of an epoch. The last shift of `scramble` is left out: it serves the lowest bits, and
 * draws are scaled to their range, for which the upper bits decide.
 */
export function draw(stream: number, epoch: number, position: number): number {
  let word = epochKey(stream, epoch) + Math.imul(position + 1, STEP)
  word = Math.imul(word ^ (word >>> 16), SCRAMBLE_1)
  return Math.imul(word ^ (word >>> 15), SCRAMBLE_2) >>> 1
}
