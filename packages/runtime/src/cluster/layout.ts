/**
 * How a job's shared memory is laid out: a ring for every route between two sites, then what each site needs to be
 * woken and watched. Every site works it out for itself from the plan, and comes to the same.
 *
 * Half of the `memory` setting goes to rings, up to `SLOTS` slots of `SLOT_BYTES` each; the rest is left to what waits
 * in queues and to state. With little memory slots shrink, to no less than what a few rows need.
 */
import { MillraceError } from '@millrace/plan'
import { ringBytes } from '../channel/ring.ts'
import type { Route } from '../lower/routes.ts'

/** Slots of a ring; what waits in it is bounded by them and by their size. */
const SLOTS = 16
/** A batch of 1024 rows of 100 bytes. */
const SLOT_BYTES = 128 * 1024
const LEAST_SLOT_BYTES = 4096
/** Of the memory setting. */
const RING_SHARE = 0.5
/** Bytes of a cache line: what different threads write lies apart. */
const LINE = 64

export const DEFAULT_MEMORY = 512 * 1024 * 1024

export interface Layout {
  readonly slots: number
  readonly slotBytes: number
  /** Where the ring of each route begins. */
  readonly rings: readonly number[]
  /** Bytes of all rings. */
  readonly ringBytes: number
  /** Where the doorbells begin, and the heartbeats. */
  readonly bells: number
  readonly beats: number
  /** Where aligned streams say how far they are. */
  readonly board: number
  readonly bytes: number
}

/**
 * @param memory bytes; throws MEMORY_LIMIT if the routes cannot do with it
 * @param boardBytes what the board of aligned streams takes: a multiple of 64
 */
export function layOut(routes: readonly Route[], sites: number, memory: number, boardBytes = 0): Layout {
  const slotBytes = slotBytesFor(routes.length, memory)
  const ring = ringBytes(SLOTS, slotBytes)
  const all = ring * routes.length
  const bells = all
  const beats = bells + sites * LINE
  const board = beats + sites * LINE
  const rings = routes.map((_, i) => i * ring)
  return { slots: SLOTS, slotBytes, rings, ringBytes: all, bells, beats, board, bytes: board + boardBytes }
}

function slotBytesFor(routes: number, memory: number): number {
  if (routes === 0) return LEAST_SLOT_BYTES
  for (let bytes = SLOT_BYTES; bytes >= LEAST_SLOT_BYTES; bytes /= 2)
    if (ringBytes(SLOTS, bytes) * routes <= memory * RING_SHARE) return bytes
  const least = Math.ceil((ringBytes(SLOTS, LEAST_SLOT_BYTES) * routes) / RING_SHARE)
  throw new MillraceError('MEMORY_LIMIT', `invalid memory: ${memory} bytes`, {
    hint: `the ${routes} channels between this job's workers need at least ${least}; give more, or use fewer workers`,
  })
}
