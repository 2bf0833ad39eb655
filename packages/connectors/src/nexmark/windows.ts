/** Windows of a text pool, a row at a time. */
import { UNIT } from './draw.ts'
import type { Making } from './event-kind.ts'
import { POOL_WORDS } from './text-pool.ts'

export interface Window {
  /** In words. */
  readonly start: number
  /** In bytes. */
  readonly length: number
}

export interface Windows {
  readonly starts: Int32Array
  readonly lengths: Int32Array
}

/** The window that 31 random bits stand for, as `fillExtras` of bids has it: upper bits for the length, the rest for the place. */
export function drawWindow(bits: number, least: number, spread: number): Window {
  const scaled = bits * (Math.max(spread, 1) * UNIT)
  const more = Math.floor(scaled)
  const places = POOL_WORDS - ((least + spread + 3) >>> 2)
  return { start: Math.floor((scaled - more) * places), length: least + more }
}

/** Without the spaces at its end; it never begins with one. */
export function trimmed(pool: Int32Array, { start, length }: Window): Window {
  const bytes = new Uint8Array(pool.buffer, start * 4, length)
  let end = length
  while (bytes[end - 1] === 0x20) end--
  return { start, length: end }
}

export function windows(making: Making, window: (epoch: number, position: number, row: number) => Window): Windows {
  const starts = new Int32Array(making.rows)
  const lengths = new Int32Array(making.rows)
  making.fills.push((epoch, position, count, at) => {
    for (let i = 0; i < count; i++) {
      const { start, length } = window(epoch, position + i, at + i)
      starts[at + i] = start
      lengths[at + i] = length
    }
  })
  return { starts, lengths }
}
