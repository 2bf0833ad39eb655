/** Own operators over collections that they know little of. */
import { avg, count, type DataSet, type DataStream, type Kind, max, sum, tumbling } from 'millrace'
import { flights, history, rows, same } from './rows.ts'

interface Edge {
  from: string
  to: string
}

/** The kind is kept through ten generic operators. */
export function degrees<K extends Kind>(edges: DataStream<Edge, K>) {
  return edges
    .map(e => ({ node: e.from }))
    .union(edges.map(e => ({ node: e.to })))
    .keyBy('node')
    .aggregate({ degree: count() })
    .filter(d => d.degree > 1)
    .where(c => c.degree.gt(2))
    .named('degrees')
}
declare const graph: DataSet<Edge>
declare const calls: DataStream<Edge>
same<DataSet<{ node: string; degree: number }>>()(degrees(graph), true)
same<DataStream<{ node: string; degree: number }, 'updating'>>()(degrees(calls), true)

export function perUser<T extends { user: string; amount: number; time: number }>(payments: DataStream<T>) {
  return payments
    .filter(p => p.user !== '')
    .keyBy('user')
    .window(tumbling('1h'))
    .aggregate({ total: sum('amount'), mean: avg('amount'), last: max('time'), n: count() })
}
declare const typed: DataStream<{ user: 'ann' | 'bob'; amount: number; time: number; note: string }>
rows<{
  user: 'ann' | 'bob'
  windowStart: number
  windowEnd: number
  total: number
  mean: number
  last: number
  n: number
}>()(perUser(typed), true)

/** A join in generic code takes functions. */
export function enriched<T extends { origin: string }, K extends Kind>(all: DataStream<T, K>) {
  return all.join(history, { on: [r => r.origin, f => f.destination] }, (r, f) => ({ ...r, delay: f.delay }))
}
rows<{ origin: string; delay: number }>()(enriched(flights.pick('origin')), true)

/** "Any collection" is one of unknown rows. */
declare function anything(of: DataStream<unknown, Kind>): void
anything(flights)
anything(history)
anything(flights.keyBy('origin').count())
