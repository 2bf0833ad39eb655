/**
 * How far each aligned stream has come on every site, in shared memory: alignment by watermark must not end where one
 * worker's splits end. One cell a stream and site, written by that site only, so nothing is locked; whoever moves a cell
 * rings the others, who may have waited for it.
 *
 * A cell is a 64-bit integer, which atomics can carry whole: 0 before the first watermark, ENDED for a stream that is idle
 * or has ended, otherwise the watermark in milliseconds plus OFFSET.
 */
import type { AlignmentBoard } from '../driver/alignment.ts'
import type { DistributedNode } from '../lower/distribute.ts'
import { sitesOf } from '../lower/routes.ts'

const OFFSET = 2n ** 60n
const ENDED = 2n ** 62n
const CELL_BYTES = 8

/** Nodes that make watermarks that are aligned. */
function alignedNodes(nodes: readonly DistributedNode[]): readonly number[] {
  return nodes.flatMap(({ node }, i) => (node.kind === 'operator' && node.spec.alignMs !== undefined ? [i] : []))
}

/** Bytes of a job's board: a multiple of 64. */
export function boardBytes(nodes: readonly DistributedNode[], sites: number): number {
  return (alignedNodes(nodes).length * sites * CELL_BYTES + 63) & -64
}

export interface BoardOptions {
  readonly nodes: readonly DistributedNode[]
  readonly workers: number
  /** Zeroed at first, at a multiple of 8. */
  readonly buffer: ArrayBufferLike
  readonly offset: number
  /** This site. */
  readonly index: number
  /** Rings another site's doorbell. */
  wake(site: number): void
}

export function alignmentBoard(options: BoardOptions): AlignmentBoard {
  const { nodes, workers, buffer, offset, index, wake } = options
  const aligned = alignedNodes(nodes)
  const sites = workers + 1
  const cells = new BigInt64Array(buffer, offset, aligned.length * sites)
  const cellOf = (node: number, site: number): number => aligned.indexOf(node) * sites + site
  const elsewhere = aligned.flatMap(node =>
    sitesOf(nodes[node].place, workers).flatMap(site => (site === index ? [] : [{ node, cell: cellOf(node, site) }])),
  )
  const others = Array.from({ length: sites }, (_, site) => site).filter(site => site !== index)
  return {
    publish(node, time) {
      const cell = cellOf(node, index)
      const value = encoded(time)
      if (Atomics.load(cells, cell) === value) return
      Atomics.store(cells, cell, value)
      for (const site of others) wake(site)
    },
    slowestElsewhere() {
      let slowest: { readonly node: number; readonly time: number } | undefined
      for (const { node, cell } of elsewhere) {
        const time = decoded(Atomics.load(cells, cell))
        if (time < (slowest?.time ?? Number.POSITIVE_INFINITY)) slowest = { node, time }
      }
      return slowest
    },
  }
}

function encoded(time: number): bigint {
  if (time === Number.POSITIVE_INFINITY) return ENDED
  return time === Number.NEGATIVE_INFINITY ? 0n : BigInt(Math.floor(time)) + OFFSET
}

function decoded(value: bigint): number {
  if (value === ENDED) return Number.POSITIVE_INFINITY
  return value === 0n ? Number.NEGATIVE_INFINITY : Number(value - OFFSET)
}
