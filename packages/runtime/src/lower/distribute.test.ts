/** Where nodes run when there are several workers, how rows get between them, and which channels that takes. */
import { Schema } from '@millrace/algebra'
import type { SinkNode, SourceNode } from '@millrace/plan'
import { schemaOf, textOf } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import { type InputSpec, type OperatorSpec, operatorSpec } from '../operator.ts'
import { type DistributedNode, distribute } from './distribute.ts'
import type { Edge, PhysicalNode } from './flow.ts'
import { labelOf } from './label.ts'
import { routesOf, sitesOf, targetsOf } from './routes.ts'
import { schemaOfEdge } from './schema-of-edge.ts'
import { onlySite, runsHere } from './site.ts'

const schema = schemaOf('k int32, n double')
const edge = (from: number, port = 0): Edge => ({ from, port })

function source(place?: 'workers' | 'caller'): PhysicalNode {
  const node = { kind: 'source', schema, source: { label: 'read', ...(place === undefined ? {} : { place }) } }
  return { id: 'source', named: false, kind: 'source', node: node as unknown as SourceNode }
}

function sink(from: number, place?: 'workers' | 'one' | 'caller'): PhysicalNode {
  const node = { kind: 'sink', sink: { label: 'write', ...(place === undefined ? {} : { place }) } }
  return { id: 'sink', named: false, kind: 'sink', node: node as unknown as SinkNode, input: edge(from) }
}

function operator(
  from: readonly number[],
  spec: Partial<OperatorSpec> & { inputs: readonly InputSpec[] },
): PhysicalNode {
  const whole = operatorSpec({
    label: 'op',
    outputs: [schema, Schema.opaque],
    state: {},
    create: () => ({ process() {} }),
    ...spec,
  })
  return { id: 'operator', named: false, kind: 'operator', spec: whole, inputs: from.map(f => edge(f)) }
}

const plain: InputSpec = { schema }
const keyed = (...columns: number[]): InputSpec => ({ schema, key: { columns, missing: 'insert' } })

/** Each node: its place, and what feeds it. */
function shape(plan: readonly PhysicalNode[]): string[] {
  return distribute(plan).map(({ place, inputs }) => {
    const edges = inputs.map(({ edge, exchange }) => {
      const columns = exchange.kind === 'hash' ? ` ${exchange.columns}` : ''
      return `${exchange.kind}${columns} from ${edge.from}`
    })
    return [place, ...edges].join(', ')
  })
}

describe('places', () => {
  test('what reads one row at a time stays where its input is', () => {
    expect(shape([source(), operator([0], { inputs: [plain] }), sink(1)])).toEqual([
      'workers',
      'workers, forward from 0',
      'one, forward from 1',
    ])
    expect(shape([source('caller'), operator([0], { inputs: [plain] }), sink(1, 'workers')])).toEqual([
      'caller',
      'one, forward from 0',
      'one, forward from 1',
    ])
  })

  test('what has a key goes to the worker of its group, wherever it comes from', () => {
    for (const place of ['workers', 'caller'] as const)
      expect(shape([source(place), operator([0], { inputs: [keyed(1, 0)] })])[1]).toBe('workers, hash 1,0 from 0')
  })

  test('a key of no columns, and whatever must see all, is on one worker', () => {
    expect(shape([source(), operator([0], { inputs: [keyed()] })])[1]).toBe('one, forward from 0')
    expect(shape([source(), operator([0], { inputs: [plain], global: true })])[1]).toBe('one, forward from 0')
    expect(shape([source(), operator([0], { inputs: [keyed(0)], global: true })])[1]).toBe('one, hash 0 from 0')
  })

  test('an input may say itself how it is to be fed', () => {
    const inputs = [plain, { ...plain, exchange: 'broadcast' }, { ...keyed(0), exchange: 'rebalance' }] as const
    expect(shape([source(), operator([0, 0, 0], { inputs: inputs as readonly InputSpec[] })])[1]).toBe(
      'workers, forward from 0, broadcast from 0, rebalance from 0',
    )
  })

  test('what is sent all of one input stands where the rows of the other are', () => {
    const join = [plain, { ...plain, build: true, exchange: 'broadcast' }] as const
    const ordered = operator([0], { inputs: [plain], global: true })
    expect(shape([source(), source(), operator([0, 1], { inputs: join })])[2]).toBe(
      'workers, forward from 0, broadcast from 1',
    )
    expect(shape([source(), ordered, operator([1, 0], { inputs: join })])[2]).toBe(
      'one, forward from 1, broadcast from 0',
    )
    expect(shape([source('caller'), operator([0, 0], { inputs: join })])[1]).toBe(
      'one, forward from 0, broadcast from 0',
    )
    expect(shape([source(), operator([0], { inputs: [join[1]] })])[1]).toBe('workers, broadcast from 0')
  })

  test('a key does not move rows that are to stay', () => {
    const stays = { ...keyed(0), exchange: 'forward' } as const
    expect(shape([source(), operator([0], { inputs: [stays] })])[1]).toBe('workers, forward from 0')
    const whole = { ...keyed(), exchange: 'forward' } as const
    expect(shape([source(), operator([0], { inputs: [whole] })])[1]).toBe('workers, forward from 0')
    expect(shape([source(), operator([0], { inputs: [keyed()] })])[1]).toBe('one, forward from 0')
  })

  test('one input on the workers is enough to be there', () => {
    expect(shape([source('caller'), source(), operator([0, 1], { inputs: [plain, plain] })])[2]).toBe(
      'workers, forward from 0, forward from 1',
    )
  })

  test('a sink that several may write is where its rows are', () => {
    expect(shape([source(), sink(0, 'workers')])[1]).toBe('workers, forward from 0')
    expect(shape([source(), sink(0, 'caller')])[1]).toBe('caller, forward from 0')
    expect(shape([source(), operator([0], { inputs: [keyed()] }), sink(1, 'workers')])[2]).toBe('one, forward from 1')
  })
})

describe('routes', () => {
  const links = (plan: readonly PhysicalNode[], workers: number) =>
    routesOf(distribute(plan), workers).map(({ node, input, from, to }) => `${node}.${input}: ${from} to ${to}`)

  test('sites are the workers, the first of them, or the caller behind them', () => {
    expect([sitesOf('workers', 3), sitesOf('one', 3), sitesOf('caller', 3)]).toEqual([[0, 1, 2], [0], [3]])
  })

  test('forward stays, or goes to the first receiver; all else goes to all', () => {
    expect(targetsOf({ kind: 'forward' }, 1, [0, 1, 2])).toEqual([1])
    expect(targetsOf({ kind: 'forward' }, 2, [0, 1])).toEqual([0])
    for (const exchange of [{ kind: 'hash', columns: [0] }, { kind: 'broadcast' }, { kind: 'rebalance' }] as const)
      expect(targetsOf(exchange, 1, [0, 1, 2])).toEqual([0, 1, 2])
  })

  test('a broadcast goes to every worker, a rebalance from each to each', () => {
    const join: InputSpec[] = [plain, { ...plain, build: true, exchange: 'broadcast' }]
    expect(links([source(), source('caller'), operator([0, 1], { inputs: join })], 2)).toEqual([
      '2.1: 2 to 0',
      '2.1: 2 to 1',
    ])
    const rebalanced: InputSpec = { ...plain, exchange: 'rebalance' }
    expect(links([source(), operator([0], { inputs: [rebalanced] })], 2)).toEqual(['1.0: 0 to 1', '1.0: 1 to 0'])
    expect(links([source('caller'), operator([0], { inputs: [rebalanced] })], 2)).toEqual([
      '1.0: 2 to 0',
      '1.0: 2 to 1',
    ])
  })

  test('there is one between every two different sites that need it, and none within a site', () => {
    const plan = [source(), operator([0], { inputs: [keyed(0)] }), sink(1)]
    expect(links(plan, 1)).toEqual([])
    expect(links(plan, 3)).toEqual([
      '1.0: 0 to 1',
      '1.0: 0 to 2',
      '1.0: 1 to 0',
      '1.0: 1 to 2',
      '1.0: 2 to 0',
      '1.0: 2 to 1',
      '2.0: 1 to 0',
      '2.0: 2 to 0',
    ])
    expect(links([source('caller'), sink(0, 'caller')], 2)).toEqual([])
    expect(links([source(), sink(0, 'caller')], 2)).toEqual(['1.0: 0 to 2', '1.0: 1 to 2'])
    expect(links([source('caller'), operator([0], { inputs: [plain] })], 2)).toEqual(['1.0: 2 to 0'])
  })
})

describe('sites', () => {
  const nodes = distribute([source(), operator([0], { inputs: [keyed()] }), sink(1, 'caller')])

  test('run what is placed on them', () => {
    const runs = (index: number) => nodes.map(node => runsHere({ ...onlySite([]), index, workers: 2 }, node))
    expect([0, 1, 2].map(runs)).toEqual([
      [true, true, false],
      [true, false, false],
      [false, false, true],
    ])
  })

  test('the only one runs everything, and has no channels', () => {
    const site = onlySite(nodes)
    expect(site.nodes.map((node: DistributedNode) => runsHere(site, node))).toEqual([true, true, true])
    expect([site.index, site.workers]).toEqual([0, 1])
    expect(routesOf(site.nodes, site.workers)).toEqual([])
    expect(() => site.sender(0, 0, 1)).toThrow(RangeError)
    expect(() => site.receiver(0, 0, 1)).toThrow(RangeError)
  })
})

test('edges have the schema of what is sent on them, nodes the label that users see', () => {
  const nodes = distribute([source(), operator([0], { inputs: [plain] }), sink(1)])
  const text = (from: number, port: number) => textOf(schemaOfEdge(nodes, edge(from, port)))
  expect([text(0, 0), text(1, 0), text(1, 1)]).toEqual([textOf(schema), textOf(schema), textOf(Schema.opaque)])
  expect(text(0, 1)).toContain('message')
  expect(() => text(2, 0)).toThrow('a sink has no output')
  expect(nodes.map(labelOf)).toEqual(['read', 'op', 'write'])
})
