import { schemas } from '@millrace/testing/batches'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { rowsOfInput, scripts } from '@millrace/testing/contracts/operator-events'
import { expect, test } from 'vitest'
import { distribute } from '../lower/distribute.ts'
import { gatherOperator } from './gather.ts'

const cases = schemas().chain(schema =>
  scripts([{ schema, times: true, weights: true }]).map(events => ({
    spec: () => gatherOperator({ schema }),
    events,
    twin: () => rowsOfInput(events, 0).map(row => ({ port: 0, row })),
  })),
)

operatorContract('gather', { cases, compare: 'sequence' })

test('all rows go by way of one worker', () => {
  const spec = gatherOperator({ schema: { fields: [], bare: false } })
  const source = { kind: 'source', node: { source: {} } } as never
  const nodes = distribute([source, { id: 'g', named: false, kind: 'operator', spec, inputs: [{ from: 0, port: 0 }] }])
  expect(nodes.map(({ place }) => place)).toEqual(['workers', 'one'])
})
