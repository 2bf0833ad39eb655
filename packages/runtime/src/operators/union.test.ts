import { field, Schema } from '@millrace/algebra'
import { schemas } from '@millrace/testing/batches'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { rowsOfInput, scripts } from '@millrace/testing/contracts/operator-events'
import { unionTwin } from '@millrace/testing/reference/union'
import fc from 'fast-check'
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
