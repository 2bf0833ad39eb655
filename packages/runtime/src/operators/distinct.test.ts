import { encodeKey, field, Schema, type TypeKind } from '@millrace/algebra'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { rowsOfInput, scripts } from '@millrace/testing/contracts/operator-events'
import { distinctTwin } from '@millrace/testing/reference/distinct'
import fc from 'fast-check'
import { distinctOperator } from './distinct.ts'

const kinds: readonly TypeKind[] = ['int32', 'double', 'bigint', 'boolean', 'text', 'timestamp']
const schema = Schema.record(kinds.map(kind => field(kind, kind, true)))
const output = Schema.record([field('text', 'text', true), field('int32', 'int32', true)])

/** Few values, so that they meet again. */
const values = [
  fc.constantFrom(0, 1, -1, null),
  fc.constantFrom(0, -0, 1.5, Number.NaN, null),
  fc.constantFrom(0n, 2n ** 62n, null),
  fc.constantFrom(true, false, null),
  fc.constantFrom('', 'a', 'ä', 'a long text that is no prefix', null),
  fc.constantFrom(0, 86_400_000, null),
]

const cases = fc.uniqueArray(fc.nat({ max: 5 }), { maxLength: 3 }).chain(key =>
  scripts([{ schema, values, times: true }]).map(events => ({
    spec: () => distinctOperator({ label: 'distinct', schema, key, columns: [4, 0], output }),
    events,
    twin: () =>
      distinctTwin(rowsOfInput(events, 0), row => `${encodeKey(key.map(c => row.values[c]))}`).map(row => ({
        port: 0,
        row: { ...row, values: [row.values[4], row.values[0]] },
      })),
  })),
)

operatorContract('distinct', { cases, compare: 'sequence' })
