/**
 * The hot loops of bids: `count` bids in a row of one epoch, from `position` on, into one column from row `at` on.
 *
 * `draw` of draw.ts is written out in each, its constants as literals: an imported constant is loaded anew for every
 * row, which doubles the time; so does an integer that is not known to be one (hence `| 0`). No branch depends on a
 * draw: it would be mispredicted every other row, at 7 ns a time. Together 16 to 20 ns a bid.
 */
import type { IdDraw } from './ids.ts'
import { priceTables } from './price.ts'
import { POOL_WORDS } from './text-pool.ts'

export function fillIds(
  values: Int32Array,
  at: number,
  count: number,
  key: number,
  position: number,
  ids: IdDraw,
): void {
  const hot = ids.hot | 0
  const coldMost = ids.coldMost | 0
  const coldFirst = ids.coldFirst | 0
  const coldScale = ids.coldScale
  let state = (key + Math.imul(position, 0x9e3779b9)) | 0
  for (let row = at | 0, end = (at + count) | 0; row < end; row++) {
    state = (state + 0x9e3779b9) | 0
    const word = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    const bits = Math.imul(word ^ (word >>> 15), 0x735a2d97) >>> 1
    const cold = (coldFirst + ((bits * coldScale) | 0)) | 0
    values[row] = (hot + (~((coldMost - bits) >> 31) & (cold - hot))) | 0
  }
}

export function fillPrices(values: Int32Array, at: number, count: number, key: number, position: number): void {
  const { coarse, fine } = priceTables()
  let state = (key + Math.imul(position, 0x9e3779b9)) | 0
  for (let row = at | 0, end = (at + count) | 0; row < end; row++) {
    state = (state + 0x9e3779b9) | 0
    const word = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    const bits = Math.imul(word ^ (word >>> 15), 0x735a2d97) >>> 1
    values[row] = (coarse[bits >>> 21] * fine[(bits >>> 11) & 1023] + 0.5) | 0
  }
}

/** Codes: half the bids come through one of four hot channels, codes 0 to 3, the others through one of 10,000. */
export function fillChannels(codes: Int32Array, at: number, count: number, key: number, position: number): void {
  let state = (key + Math.imul(position, 0x9e3779b9)) | 0
  for (let row = at | 0, end = (at + count) | 0; row < end; row++) {
    state = (state + 0x9e3779b9) | 0
    const word = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    const bits = Math.imul(word ^ (word >>> 15), 0x735a2d97) >>> 1
    const hot = (bits >>> 28) & 3
    const cold = (4 + ((bits * (20_000 / 2 ** 31)) | 0)) | 0
    codes[row] = (hot + (~((0x3fffffff - bits) >> 31) & (cold - hot))) | 0
  }
}

/** Windows of `least` to `least + spread - 1` bytes. The upper bits choose the length, what they leave the place. */
export function fillExtras(
  starts: Int32Array,
  lengths: Int32Array,
  at: number,
  count: number,
  key: number,
  position: number,
  least: number,
  spread: number,
): void {
  const scale = spread / 2 ** 31
  const shortest = least | 0
  const places = POOL_WORDS - ((least + spread + 3) >>> 2)
  let state = (key + Math.imul(position, 0x9e3779b9)) | 0
  for (let row = at | 0, end = (at + count) | 0; row < end; row++) {
    state = (state + 0x9e3779b9) | 0
    const word = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    const scaled = (Math.imul(word ^ (word >>> 15), 0x735a2d97) >>> 1) * scale
    const length = scaled | 0
    lengths[row] = (shortest + length) | 0
    starts[row] = ((scaled - length) * places) | 0
  }
}
