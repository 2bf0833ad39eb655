import { Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { schemas } from '@millrace/testing/batches'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { rowsOfInput, scripts } from '@millrace/testing/contracts/operator-events'
import { unionTwin } from '@millrace/testing/reference/union'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OperatorContext } from '../operator.ts'
import { unionOperator } from './union.ts'

const cases = fc.tuple(schemas(), fc.integer({ min: 1, max: 3 }), fc.boolean()).chain(([schema, count, renamed]) => {
  const other = schema.bare ? schema : Schema.record(schema.fields.map(f => field(`${f.name}'`, f.type, f.nullable)))
  const inputs = Array.from({ length: count }, (_, i) => (renamed && i > 0 ? other : schema))
  const shapes = inputs.map(input => ({ schema: input, times: true, weights: true }))
  return scripts(shapes, { epochs: true }).map(events => ({
    spec: () => unionOperator({ schema, inputs, timed: true }),
    events,
    twin: () => unionTwin(inputs.map((_, i) => rowsOfInput(events, i))).map(row => ({ port: 0, row })),
  }))
})

operatorContract('union', { cases, compare: 'bag' })

describe('what is the same already passes as it is', () => {
  const schema = Schema.record([field('n', 'int32')])
  const named = Schema.record([field('m', 'int32')])
  const batch = (times: Float64Array | null, of = schema): Batch =>
    new Batch(of, [new Int32Column(Int32Array.of(7))], 1, null, null, times)

  function through(given: Batch, inputs: readonly Schema[], timed: boolean): Batch {
    const out: Batch[] = []
    const context = { emit: (sent: Batch) => out.push(sent) } as unknown as OperatorContext
    unionOperator({ schema, inputs, timed }).create({}, context).process(given, 0)
    return out[0]!
  }

  test('a batch of the schema, timed where the union is', () => {
    const [plain, timed] = [batch(null), batch(Float64Array.of(5))]
    expect(through(timed, [schema, schema], true)).toBe(timed)
    expect(through(plain, [schema, schema], true)).toBe(plain)
    expect(through(plain, [schema, schema], false)).toBe(plain)
  })

  test('times go where not every input has them', () => {
    expect(through(batch(Float64Array.of(5)), [schema, schema], false).times).toBe(null)
  })

  test('names are those of the union', () => {
    const sent = through(batch(Float64Array.of(5), named), [schema, named], true)
    expect(sent.row(0)).toEqual({ n: 7 })
    expect(sent.times).toEqual(Float64Array.of(5))
    expect(through(batch(null, named), [schema, named], false).row(0)).toEqual({ n: 7 })
  })
})
