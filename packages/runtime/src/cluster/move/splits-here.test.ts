/** How far splits had come is of use where they are known by the same numbers as before; and what is made of it. */
import { Schema } from '@millrace/algebra'
import { describe, expect, test } from 'vitest'
import type { PortRecord } from '../../driver/input-port.ts'
import type { VertexRecord } from '../../driver/vertex-record.ts'
import type { DistributedNode, Exchange, Place } from '../../lower/distribute.ts'
import { onlySite, type Site } from '../../lower/site.ts'
import { watermarkOperator } from '../../operators/watermark.ts'
import type { MoveContext } from '../../state/declaration.ts'
import { splitsHere } from './splits-here.ts'

const node = (kind: string, place: Place, ...inputs: readonly [number, Exchange['kind']][]): DistributedNode => ({
  node: { kind } as DistributedNode['node'],
  place,
  inputs: inputs.map(([from, exchange]) => ({ edge: { from, port: 0 }, exchange: { kind: exchange } as Exchange })),
})

const site = (index: number, nodes: readonly DistributedNode[]): Site => ({
  ...onlySite(nodes),
  nodes,
  index,
  workers: 2,
})

const vertex = (ports: number): VertexRecord => ({
  finished: false,
  watermark: 0,
  driver: { ports: Array.from({ length: ports }, (): PortRecord => ({}) as PortRecord) },
})

const straight = [
  node('source', 'workers'),
  node('operator', 'workers', [0, 'forward']),
  node('operator', 'workers', [1, 'forward']),
]
const assignment = [
  [
    0,
    [
      { id: 'a', number: 3 },
      { id: 'b', number: 5 },
    ],
  ],
] as const
const before = new Map([1, 2].map(n => [n, vertex(1)]))

describe('splits are known by their own numbers', () => {
  test('straight below their source', () => {
    expect(splitsHere(site(1, straight), before, assignment, 2)).toEqual(new Set([3, 5]))
    expect(splitsHere(site(1, straight), before, [], 2)).toEqual(new Set())
    expect(splitsHere(site(0, straight), new Map(), assignment, 2)).toEqual(new Set([3, 5]))
  })

  test('but not behind several ports, then or now', () => {
    expect(splitsHere(site(1, straight), new Map([[1, vertex(2)]]), assignment, 2)).toBeUndefined()
    const [source, , last] = straight
    const union = [source, node('operator', 'workers', [0, 'forward'], [0, 'forward']), last]
    expect(splitsHere(site(1, union), before, assignment, 2)).toBeUndefined()
    const dealt = [source, node('operator', 'workers', [0, 'rebalance']), last]
    expect(splitsHere(site(1, dealt), before, assignment, 2)).toBeUndefined()
  })

  test('nor where they are read elsewhere', () => {
    const caller = [node('source', 'caller'), node('operator', 'one', [0, 'forward'])]
    expect(splitsHere(site(0, caller), before, assignment, 1)).toBeUndefined()
  })
})

describe('watermarks go on', () => {
  const spec = watermarkOperator({
    schema: Schema.opaque,
    strategy: { everyRows: 1, disorderMs: 0, idleMs: undefined },
  })
  const { progress } = spec.state
  const move = (former: readonly object[], splits: MoveContext['splits']) =>
    progress.kind === 'cell' && progress.move!(former, { subtask: 0, subtasks: 1, splits })
  const split = (greatest: number) => ({ greatest, rows: 0, watermark: greatest - 1, active: true, idle: false })
  const former = [
    { splits: { 3: split(30), 4: split(40) }, sent: 29 },
    { splits: { 5: split(50) }, sent: 49 },
  ]

  test('from the least that was sent, and from where the splits were that are read here', () => {
    expect(move(former, new Set([3, 5, 7]))).toEqual({ splits: { 3: split(30), 5: split(50) }, sent: 29 })
  })
  test('from the least that was sent, where splits have other numbers', () => {
    expect(move(former, undefined)).toEqual({ splits: {}, sent: 29 })
  })
})
