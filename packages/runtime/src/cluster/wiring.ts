/** From the layout of a job's shared memory to what one site uses of it: its channels and its doorbell. */
import { DOORBELL_BYTES, ringer, SharedDoorbell } from '../channel/doorbell.ts'
import type { Memory } from '../channel/ring.ts'
import { RingReceiver } from '../channel/ring-receiver.ts'
import { RingSender } from '../channel/ring-sender.ts'
import type { Doorbell } from '../host/host.ts'
import type { DistributedNode } from '../lower/distribute.ts'
import { labelOf } from '../lower/label.ts'
import type { Route } from '../lower/routes.ts'
import { schemaOfEdge } from '../lower/schema-of-edge.ts'
import type { Site } from '../lower/site.ts'
import { alignmentBoard } from './alignment-board.ts'
import type { Layout } from './layout.ts'

export interface WiringOptions {
  readonly nodes: readonly DistributedNode[]
  readonly workers: number
  readonly routes: readonly Route[]
  readonly layout: Layout
  readonly buffer: ArrayBufferLike
  readonly maxRowBytes?: number | undefined
}

export function doorbellOf({ layout, buffer }: WiringOptions, site: number): Doorbell {
  return new SharedDoorbell({ buffer, offset: layout.bells + site * DOORBELL_BYTES })
}

export function siteOf(options: WiringOptions, index: number): Site {
  const { nodes, workers, routes, layout, buffer, maxRowBytes } = options
  const memoryOf = (node: number, input: number, from: number, to: number): Memory => {
    const route = routes.findIndex(r => r.node === node && r.input === input && r.from === from && r.to === to)
    return { buffer, offset: layout.rings[route] }
  }
  const wake = (site: number): (() => void) => ringer({ buffer, offset: layout.bells + site * DOORBELL_BYTES })
  const wakes = Array.from({ length: workers + 1 }, (_, site) => wake(site))
  const { slots, slotBytes } = layout
  return {
    nodes,
    index,
    workers,
    board: alignmentBoard({ nodes, workers, buffer, offset: layout.board, index, wake: site => wakes[site]() }),
    sender: (node, input, to) =>
      new RingSender({
        memory: memoryOf(node, input, index, to),
        slots,
        slotBytes,
        schema: schemaOfEdge(nodes, nodes[node].inputs[input].edge),
        maxRowBytes,
        wake: wake(to),
        label: labelOf(nodes[node]),
      }),
    receiver: (node, input, from) =>
      new RingReceiver({
        memory: memoryOf(node, input, from, index),
        slots,
        slotBytes,
        schema: schemaOfEdge(nodes, nodes[node].inputs[input].edge),
        wake: wake(from),
      }),
  }
}
