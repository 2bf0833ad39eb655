/** An asynchronous function of each row, which now and then fails or takes too long; and windows that its answers are not late to. */
import { aggregateNode, eventTimeNode, mapAsyncNode, sideNode } from '@millrace/plan'
import type { Draw } from '../draw.ts'
import { byK, count, type Event, eventSchema, events, exactly, type Load, place, rowsOf } from '../load.ts'

const SIZE_MS = 400

const answer = (row: Event): Event => ({ ...row, name: `answer ${row.id}` })

/** A tenth of the rows is refused the first time, at once or later. */
function moody(row: Event, { attempt }: { readonly attempt: number }): Event | Promise<Event> {
  if (attempt > 1 || row.id % 10 !== 0) return row.id % 2 === 0 ? answer(row) : Promise.resolve(answer(row))
  const refused = new Error('not now')
  if (row.id % 20 === 0) throw refused
  return Promise.reject(refused)
}

export function asyncCalls(draw: Draw): Load {
  const table = events(draw, { keys: 10 })
  const capacity = draw.pick([20, 50, 500])
  const ordered = draw.chance(0.5)
  const retry = { attempts: 10, backoffMs: draw.pick([0, 20]), factor: 2, maxBackoffMs: 100 }
  const timeoutMs = draw.pick([200, 10_000])
  const plans: Load['plans'] = read => {
    const strategy = { disorderMs: 0, idleMs: undefined, alignMs: undefined, everyRows: 3 }
    const timed = eventTimeNode({ input: read('events'), time: ({ t }: Event) => t, strategy, ...place })
    const options = { fn: moody, schema: eventSchema, capacity, ordered, timeoutMs, retry }
    const answered = mapAsyncNode({ input: timed, ...options, ...place })
    const window = { kind: 'tumbling', sizeMs: SIZE_MS, slideMs: SIZE_MS, offsetMs: 0 } as const
    const windows = aggregateNode({ input: answered, key: byK, window, aggregates: count, ...place })
    return [answered, windows, sideNode({ input: windows, side: 'late', ...place })]
  }
  const rows = rowsOf<Event>(table)
  const outputs = [exactly('answers', rows.map(answer)), exactly('windows', windowsOf(rows)), exactly('late', [])]
  return { shape: ordered ? 'async, ordered' : 'async', tables: [table], plans, outputs }
}

function windowsOf(rows: readonly Event[]): object[] {
  const counts = new Map<string, number>()
  for (const { k, t } of rows) {
    const window = JSON.stringify([k, Math.floor(t / SIZE_MS) * SIZE_MS])
    counts.set(window, (counts.get(window) ?? 0) + 1)
  }
  return [...counts].map(([window, n]) => {
    const [k, windowStart] = JSON.parse(window) as [number, number]
    return { k, windowStart, windowEnd: windowStart + SIZE_MS, n }
  })
}
