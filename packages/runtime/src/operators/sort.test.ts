import { field, Schema, type TypeKind } from '@millrace/algebra'
import type { SampleRow } from '@millrace/testing/batches'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { rowsOfInput, scripts } from '@millrace/testing/contracts/operator-events'
import { runOperator } from '@millrace/testing/contracts/operator-run'
import { sortTwin } from '@millrace/testing/reference/sort'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sortOperator } from './sort.ts'

const kinds: readonly TypeKind[] = ['int32', 'double', 'bigint', 'boolean', 'text']
const schema = Schema.record(kinds.map(kind => field(kind, kind, true)))
const output = Schema.record([field('text', 'text', true), field('double', 'double', true)])

const values = [
  fc.constantFrom(0, 1, -1, null),
  fc.constantFrom(0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, null),
  fc.constantFrom(0n, 2n ** 62n, 2n ** 62n + 1n, null),
  fc.constantFrom(true, false, null),
  fc.constantFrom('', 'a', 'ab', '\uFFFF', '\u{10000}', 'a long text', 'a long tale', null),
]

const by = fc.array(fc.record({ column: fc.nat({ max: 4 }), descending: fc.boolean() }), { maxLength: 3 })
const cases = fc.tuple(by, fc.boolean()).chain(([by, weights]) =>
  scripts([{ schema, values, times: true, weights }]).map(events => ({
    spec: () => sortOperator({ label: 'sort', schema, by, columns: [4, 1], output, batchRows: 3 }),
    events,
    twin: () =>
      sortTwin(
        rowsOfInput(events, 0),
        by.map(({ column, descending }) => ({ value: (row: SampleRow) => row.values[column], descending })),
      ).map(row => ({ port: 0, row: { ...row, values: [row.values[4], row.values[1]] } })),
  })),
)

operatorContract('sort', { cases, compare: 'sequence' })

test('no watermark overtakes the rows: the only one is the last', () => {
  fc.assert(
    fc.property(cases, ({ spec, events }) => {
      const outputs = runOperator(spec, events, { seed: 1, batchRows: 5, stopsOneIn: 0, throttled: false })
      const controls = outputs.filter(o => o.kind !== 'row')
      expect(outputs.slice(-controls.length)).toEqual(controls)
      expect(controls).toEqual([{ kind: 'watermark', time: Number.POSITIVE_INFINITY }, { kind: 'end' }])
    }),
    { numRuns: 20 },
  )
})
