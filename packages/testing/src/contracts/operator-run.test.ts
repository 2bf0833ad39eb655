/** The bench notices what it is there to notice: operators that break the contract in one way each. */
import { Batch, BatchBuilder, field, Int32Column, Schema } from '@millrace/algebra'
import { type OperatorSpec, operatorSpec } from '@millrace/runtime/inside'
import { expect, test } from 'vitest'
import type { OperatorEvent } from './operator-events.ts'
import { type OperatorRun, runOperator } from './operator-run.ts'

const schema = Schema.record([field('n', 'int32')])
const numbers = Array.from({ length: 20 }, (_, i) => i)
const events: OperatorEvent[] = [
  ...numbers.map(
    (n): OperatorEvent => ({ kind: 'row', input: 0, split: 0, row: { values: [n], weight: 1, time: undefined } }),
  ),
  { kind: 'end', input: 0 },
]
const straight: OperatorRun = { seed: 1, batchRows: 2, stopsOneIn: 0, throttled: false }

function values(spec: () => OperatorSpec, run: Partial<OperatorRun> = {}): unknown[] {
  return runOperator(spec, events, { ...straight, ...run }).flatMap(o => (o.kind === 'row' ? o.row.values : []))
}

/** Emits all its rows at the end, from state or from a field, in steps of one row. */
function keeper(how: { state: boolean; copies: boolean; yields: boolean }): OperatorSpec {
  return operatorSpec({
    label: 'keeper',
    inputs: [{ schema }],
    outputs: [schema],
    state: { rows: { kind: 'rows', schema, keyed: false } },
    create({ rows }, context) {
      const kept: Batch[] = []
      let next = 0
      return {
        process(batch) {
          if (how.state) rows.append(batch)
          else if (how.copies) kept.push(copy(batch))
          else kept.push(batch)
        },
        onEnd() {
          const parts = how.state ? [rows.all()] : kept
          const all = parts.flatMap(b => Array.from({ length: b.length }, (_, i) => b.get(0, i) as number))
          while (next < all.length) {
            if (how.yields && context.full) return false
            context.emit(new Batch(schema, [new Int32Column(Int32Array.of(all[next++]))], 1))
          }
          return true
        },
      }
    },
  })
}

function copy(batch: Batch): Batch {
  const builder = new BatchBuilder(schema)
  for (let i = 0; i < batch.length; i++) builder.append(batch.row(i))
  return builder.take()
}

test('a lawful operator passes', () => {
  const spec = () => keeper({ state: true, copies: true, yields: true })
  for (let seed = 0; seed < 20; seed++) {
    expect(values(spec, { seed })).toEqual(numbers)
    expect(values(spec, { seed, stopsOneIn: 1, throttled: true })).toEqual(numbers)
  }
})

test('state that was not declared is lost', () => {
  const spec = () => keeper({ state: false, copies: true, yields: true })
  expect(values(spec)).toEqual(numbers)
  expect(values(spec, { stopsOneIn: 1 })).not.toEqual(numbers)
})

test('a batch that is kept without a copy is overwritten', () => {
  expect(values(() => keeper({ state: false, copies: false, yields: true }))).not.toEqual(numbers)
})

test('going on though downstream has enough is an error', () => {
  const spec = () => keeper({ state: true, copies: true, yields: false })
  expect(values(spec)).toEqual(numbers)
  expect(() => values(spec, { throttled: true })).toThrow('goes on emitting though downstream has enough')
})

test('writing to a lent batch is an error', () => {
  const spec = () =>
    operatorSpec({
      label: 'writer',
      inputs: [{ schema }],
      outputs: [schema],
      state: {},
      create: () => ({
        process(batch) {
          const [column] = batch.columns
          if (column.kind === 'int32') column.values[0]++
        },
      }),
    })
  expect(() => values(spec)).toThrow('a lent batch was written to')
})
