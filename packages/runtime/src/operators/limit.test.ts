import { schemas } from '@millrace/testing/batches'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { rowsOfInput, scripts } from '@millrace/testing/contracts/operator-events'
import fc from 'fast-check'
import { limitOperator } from './limit.ts'

const cases = fc.tuple(schemas(), fc.integer({ min: 0, max: 30 })).chain(([schema, rows]) =>
  scripts([{ schema, times: true }]).map(events => ({
    spec: () => limitOperator({ label: 'limit', schema, rows }),
    events,
    twin: () =>
      rowsOfInput(events, 0)
        .slice(0, rows)
        .map(row => ({ port: 0, row })),
  })),
)

operatorContract('limit', { cases, compare: 'sequence' })
