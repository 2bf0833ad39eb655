import { schemas } from '@millrace/testing/batches'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { rowsOfInput, scripts } from '@millrace/testing/contracts/operator-events'
import { expect, test } from 'vitest'
import { distribute } from '../lower/distribute.ts'
import { rebalanceOperator } from './rebalance.ts'

const cases = schemas().chain(schema =>
  scripts([{ schema, times: true, weights: true }]).map(events => ({
    spec: () => rebalanceOperator({ schema }),
    events,
    twin: () => rowsOfInput(events, 0).map(row => ({ port: 0, row })),
  })),
)

operatorContract('rebalance', { cases, compare: 'sequence' })

test('rows go round all workers, wherever they come from', () => {
  const spec = rebalanceOperator({ schema: { fields: [], bare: false } })
  const source = { kind: 'source', node: { source: { place: 'caller' } } } as never
  const [, node] = distribute([
    source,
    { id: 'r', named: false, kind: 'operator', spec, inputs: [{ from: 0, port: 0 }] },
  ])
  expect([node.place, node.inputs[0].exchange]).toEqual(['workers', { kind: 'rebalance' }])
})
