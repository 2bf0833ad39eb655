/** What tests of whole jobs stand on: a source that counts, a sink that remembers, short ways to join them up. */
import { type Batch, BatchBuilder, field, Schema } from '@millrace/algebra'
import { type CollectionKind, type PlanNode, type SinkNode, sinkNode, sourceNode } from '@millrace/plan'
import type { Sink, Source } from '@millrace/runtime'
import { SimulatedHost } from '@millrace/runtime/inside'

/** Of the rows that `counter` gives: a key, and a time. */
export const counterSchema = Schema.record([field('k', 'int32'), field('t', 'timestamp')])

/** A node that no user wrote. */
export const place = { site: undefined, name: undefined }

export const byK = { kind: 'columns', columns: ['k'] } as const

interface Counted extends Source {
  /** Rows given so far. */
  polled: number
  closed: number
}

/** Rows 0 to `rows`, key by row, at most `batchRows` a poll; `rows` undefined: without end. */
export function counter(rows: number | undefined, keys = 3): Counted {
  const source: Counted = {
    label: 'counter',
    schema: counterSchema,
    bounded: rows !== undefined,
    prunes: false,
    polled: 0,
    closed: 0,
    splits: async () => [{ id: '0' }],
    open: () => {
      let at = 0
      return {
        poll(maxRows) {
          if (at === rows) return 'end'
          const builder = new BatchBuilder(counterSchema)
          for (let i = 0; i < maxRows && at !== rows; i++, at++) builder.append({ k: at % keys, t: at })
          source.polled = at
          return builder.build()
        },
        offset: () => at,
        close: () => {
          source.closed++
        },
      }
    },
  }
  return source
}

interface Recorded extends Sink {
  /** `[row, weight]`. */
  readonly rows: unknown[]
  readonly calls: string[]
}

/** Keeps rows with their weights, and the order of its calls; `pause`: full after each batch for so many ms. */
export function recorder(pause = 0, takes: CollectionKind[] = ['bounded', 'appending', 'updating']): Recorded {
  const rows: unknown[] = []
  const calls: string[] = []
  const called = (name: string) => async () => void calls.push(name)
  return {
    label: 'recorder',
    takes,
    rows,
    calls,
    commit: called('commit'),
    open: ({ host, wake }) => {
      let ready = true
      return {
        get ready() {
          return ready
        },
        write(batch: Batch) {
          for (let i = 0; i < batch.length; i++) rows.push([batch.row(i), batch.weight(i)])
          if (pause === 0) return
          ready = false
          host.timer(host.now() + pause, () => {
            ready = true
            wake()
          })
        },
        prepareCommit: async () => {
          calls.push('prepare')
          return ['handle']
        },
        abort: called('abort'),
        close: called('close'),
      }
    },
  }
}

export function read(source: Source): PlanNode {
  return sourceNode({ source, ...place })
}

export function write(input: PlanNode, sink: Sink): SinkNode {
  return sinkNode({ input, sink, ...place })
}

/** Options of a job on a simulated Host. */
export function simulated(seed = 1, batchRows = 7): { readonly host: SimulatedHost; readonly batchRows: number } {
  return { host: new SimulatedHost(seed), batchRows }
}
