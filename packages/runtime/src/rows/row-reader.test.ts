import { batches, rowsOf, schemas } from '@millrace/testing/batches'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rowReader } from './row-reader.ts'

const samples = schemas().chain(schema => fc.tuple(fc.constant(schema), batches(schema), batches(schema)))

test('rows are objects with a property a column, or the bare value', () => {
  const property = fc.property(samples, ([schema, ...both]) => {
    const read = rowReader(schema)
    for (const { batch } of [...both, ...both]) {
      const expected = rowsOf(batch).map(({ values }) =>
        schema.bare ? values[0] : Object.fromEntries(schema.fields.map((f, i) => [f.name, values[i]])),
      )
      const actual = Array.from({ length: batch.length }, (_, i) =>
        read(batch, batch.selection === null ? i : batch.selection[i]!),
      )
      expect(actual).toEqual(expected)
    }
  })
  fc.assert(property, { numRuns: 300 })
})

test('columns may be picked, in another order', () => {
  const property = fc.property(samples, fc.nat(), ([schema, { batch }], rotation) => {
    fc.pre(!schema.bare && schema.fields.length > 1 && batch.length > 0)
    const order = schema.fields.map((_, i) => (i + rotation) % schema.fields.length)
    const picked = { ...schema, fields: order.map(i => schema.fields[i]!) }
    const physical = batch.selection === null ? 0 : batch.selection[0]!
    expect(rowReader(picked, order)(batch, physical)).toEqual(rowReader(schema)(batch, physical))
  })
  fc.assert(property, { numRuns: 100 })
})
