/** Naive partial aggregates: what an accumulator holds after all rows of a group, and what several of them make together. */
import { type NaiveCall, naiveAggregate } from './aggregate.ts'

/** Rows; sum, compensation and how many there were; extreme and how many there were. */
export function naiveAccumulator(call: NaiveCall, rows: readonly (readonly unknown[])[]): number[] {
  if (call.aggregate === 'count') return [rows.length]
  const present = rows.filter(row => row[call.column] !== null).length
  if (call.aggregate === 'min' || call.aggregate === 'max') {
    const none = call.aggregate === 'min' ? Number.NaN : Number.NEGATIVE_INFINITY
    return [(naiveAggregate(call, rows) as number | null) ?? none, present]
  }
  const sum = (naiveAggregate({ ...call, aggregate: 'sum' }, rows) as number | null) ?? 0
  return [sum, sum - sum, present]
}

/** The result of accumulators whose fields begin at `call.column` of these rows. */
export function naiveMerged({ aggregate, column }: NaiveCall, rows: readonly (readonly unknown[])[]): unknown {
  const field = (f: number): number[] => rows.map(row => row[column + f] as number)
  const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
  if (aggregate === 'count') return total(field(0))
  if (aggregate === 'min' || aggregate === 'max')
    return naiveAggregate(
      { aggregate, column: 0 },
      rows.flatMap(row => ((row[column + 1] as number) > 0 ? [[row[column]]] : [])),
    )
  const count = total(field(2))
  if (count === 0) return null
  const sum = total([...field(0), ...field(1)])
  return aggregate === 'sum' ? sum : sum / count
}
