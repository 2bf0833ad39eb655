/** Which operator of a checkpoint a node goes on from, and what is refused. */
import { field, Schema } from '@millrace/algebra'
import { describe, expect, it } from 'vitest'
import type { Manifest, OperatorRecord, StateRecord } from '../checkpoint/manifest.ts'
import type { DistributedNode } from '../lower/distribute.ts'
import type { PhysicalNode } from '../lower/flow.ts'
import { type OperatorSpec, operatorSpec } from '../operator.ts'
import type { StateDeclarations } from '../state/declaration.ts'
import { matchOperators } from './match-operators.ts'
import { isRemembering, requireCompatible } from './require-compatible.ts'

const schema = Schema.record([field('k', 'text'), field('n', 'int32')])

function record(id: string, more: Partial<OperatorRecord> = {}): OperatorRecord {
  const subtasks = [{ site: 0, finished: false, watermark: 0, driver: null }]
  return { id, named: !id.includes('#'), kind: 'operator', label: id, states: [], subtasks, ...more }
}

const state = (name: string, kind: string, more: Partial<StateRecord> = {}): StateRecord => ({
  name,
  kind,
  rows: 3,
  bytes: 1000,
  ...more,
})

function operator(id: string, declared: StateDeclarations = {}, more: object = {}): DistributedNode {
  const spec = operatorSpec({
    label: id,
    inputs: [{ schema, key: { columns: [0], missing: 'insert' } }],
    outputs: [],
    state: declared,
    site: { file: 'job.ts', line: 3, column: 4 },
    create: () => ({ process() {} }),
  }) as OperatorSpec
  const node = { kind: 'operator', id, named: !id.includes('#'), spec, inputs: [], ...more } as PhysicalNode
  return { node, place: 'workers', inputs: [] }
}

function end(kind: 'source' | 'sink', id: string, label: string): DistributedNode {
  const node = { kind, id, named: !id.includes('#'), node: { [kind]: { label } }, input: { from: 0, port: 0 } }
  return { node: node as unknown as PhysicalNode, place: 'one', inputs: [] }
}

const manifest = (operators: readonly OperatorRecord[]): Manifest => ({ operators }) as Manifest

function matched(operators: readonly OperatorRecord[], nodes: readonly DistributedNode[]) {
  const { records, dropped, added } = matchOperators(manifest(operators), nodes)
  return {
    found: Object.fromEntries([...records].map(([node, { id }]) => [nodes[node].node.id, id])),
    dropped: dropped.map(({ id }) => id),
    added: added.map(node => nodes[node].node.id),
  }
}

function check(operators: readonly OperatorRecord[], nodes: readonly DistributedNode[], allowDropped = false) {
  return requireCompatible(matchOperators(manifest(operators), nodes), nodes, allowDropped)
}

describe('operators are found', () => {
  it('by identity, and by what they were', () => {
    const nodes = [operator('sums', {}, { was: 'aggregate#1' }), operator('aggregate#2'), operator('new')]
    expect(matched([record('aggregate#1'), record('aggregate#2'), record('old')], nodes)).toEqual({
      found: { sums: 'aggregate#1', 'aggregate#2': 'aggregate#2' },
      dropped: ['old'],
      added: ['new'],
    })
  })

  it('by the name they have rather than by one that another has now', () => {
    const nodes = [operator('a', {}, { was: 'b' }), operator('b')]
    expect(matched([record('b')], nodes)).toEqual({ found: { b: 'b' }, dropped: [], added: ['a'] })
    expect(matched([record('a'), record('b')], nodes).found).toEqual({ a: 'a', b: 'b' })
  })

  it('sources and sinks without names by what they are', () => {
    const nodes = [
      end('sink', 'sink#1', 'csv b.csv'),
      end('sink', 'sink#2', 'csv c.csv'),
      end('source', 'source#1', 'x'),
    ]
    const before = [
      record('sink#1', { kind: 'sink', label: 'csv a.csv' }),
      record('sink#2', { kind: 'sink', label: 'csv b.csv' }),
      record('source#1', { kind: 'source', label: 'y' }),
    ]
    expect(matched(before, nodes)).toEqual({
      found: { 'sink#1': 'sink#2' },
      dropped: ['sink#1', 'source#1'],
      added: ['sink#2', 'source#1'],
    })
    const renamed = [record('orders', { kind: 'source', label: 'y' })]
    expect(matched(renamed, [end('source', 'orders', 'csv z.csv')]).found).toEqual({ orders: 'orders' })
  })
})

describe('what the program lacks', () => {
  it('is listed, unless it is empty; and may be let go of', () => {
    const before = [
      record('gone', {
        label: 'aggregate',
        site: 'job.ts:1:2',
        states: [
          state('totals', 'columns', { rows: 12_345, bytes: 54_321 }),
          state('latest', 'cell'),
          state('epoch', 'columns', { rows: 0 }),
        ],
      }),
      record('empty', { states: [state('totals', 'columns', { rows: 0 })] }),
      record('source#1', { kind: 'source', label: 'csv a.csv', splits: [{ id: 'a.csv', number: 0, site: 0 }] }),
      record('source#2', { kind: 'source', label: 'csv read.csv', splits: [] }),
      record('sink#1', { kind: 'sink', label: 'csv out', handles: [1] }),
      record('sink#2', { kind: 'sink', label: 'console', handles: [] }),
    ]
    const lines = [
      'gone (aggregate): state "totals", 12,345 rows, 54,321 bytes, written at job.ts:1:2',
      'source#1 (csv a.csv): where it was in 1 split',
      'sink#1 (csv out): output that may not be in place yet',
    ]
    expect(() => check(before, [])).toThrow(
      expect.objectContaining({ code: 'STATE_MISMATCH', message: expect.stringContaining(lines.join('\n  ')) }),
    )
    expect(check(before, [], true)).toEqual(lines)
  })

  it('of the states of an operator too', () => {
    const before = [record('a', { states: [state('state:old', 'values'), state('state:new', 'values')] })]
    expect(check(before, [operator('a', { 'state:new': { kind: 'values' } })], true)).toEqual([
      'a: state "old", 3 rows, 1,000 bytes',
    ])
  })
})

describe('what has changed', () => {
  const refused = (stored: StateRecord, declared: StateDeclarations, message: string) =>
    expect(() => check([record('a', { states: [stored] })], [operator('a', declared)])).toThrow(
      expect.objectContaining({ code: 'STATE_MISMATCH', message, details: expect.objectContaining({ operator: 'a' }) }),
    )
  const fields = [{ name: 'sum', type: 'double', nullable: false }]
  const columns = (means?: readonly string[]): StateDeclarations => ({
    s: { kind: 'columns', fields: [field('sum', 'double')], means },
  })

  it('is refused by kind, columns and meaning', () => {
    refused(state('s', 'lists'), columns(), 'invalid state "s" of a: stored as lists, declared as columns')
    const int = [{ name: 'sum', type: 'int32', nullable: false }]
    refused(
      state('s', 'columns', { fields: int }),
      columns(),
      'invalid state "s" of a: stored as sum int32, declared as sum double',
    )
    refused(
      state('s', 'columns', { fields, means: ['sum(x)'] }),
      columns(['sum(y)']),
      'invalid state "s" of a: stored as sum(x), declared as sum(y)',
    )
    expect(
      check([record('a', { states: [state('s', 'columns', { fields })] })], [operator('a', columns(['sum(y)']))]),
    ).toEqual([])
    expect(check([record('a', { states: [state('s', 'lists', { rows: 0 })] })], [operator('a', columns())])).toEqual([])
  })

  it('is refused by version, unless there is a way', () => {
    const evolution = (version: number, migrate?: (old: unknown) => unknown): StateDeclarations => ({
      s: { kind: 'values', evolution: { name: 's', kind: 'value', version, migrate } },
    })
    const stored = (version: number) => state('s', 'values', { version })
    refused(stored(3), evolution(2), 'invalid state "s" of a: stored as version 3, declared as version 2')
    refused(stored(1), evolution(2), 'invalid state "s" of a: stored as version 1, declared as version 2')
    expect(
      check(
        [record('a', { states: [stored(1)] })],
        [
          operator(
            'a',
            evolution(2, old => old),
          ),
        ],
      ),
    ).toEqual([])
  })

  it('is refused by the types of the key, or their order', () => {
    const key = (...names: string[]) => names.map(name => ({ name, type: 'text', nullable: false }))
    expect(check([record('a', { key: key('other') })], [operator('a')])).toEqual([])
    const kept = { key: key('other'), states: [state('s', 'timers')] }
    const keeps = operator('a', { s: { kind: 'timers' } })
    expect(check([record('a', { ...kept, key: key('k') })], [keeps])).toEqual([])
    expect(() => check([record('a', kept)], [keeps])).toThrow(
      'invalid key of a: stored as other text, declared as k text',
    )
    const numbered = [{ name: '0:k', type: 'text', nullable: false }]
    expect(check([record('a', { ...kept, key: numbered })], [keeps])).toEqual([])
    for (const [keyWas, fits] of [
      [['other'], true],
      [['k'], false],
      [['other', 'more'], false],
    ] as const) {
      const renamed = { ...keeps, node: { ...keeps.node, keyWas } as PhysicalNode }
      if (fits) expect(check([record('a', kept)], [renamed])).toEqual([])
      else expect(() => check([record('a', kept)], [renamed])).toThrow('invalid key of a')
    }
    expect(() =>
      check([record('a', { key: [{ name: 'k', type: 'int32', nullable: false }] })], [operator('a')]),
    ).toThrow('invalid key of a: stored as k int32, declared as k text')
    const two = keeps
    const spec = { ...(two.node as { spec: OperatorSpec }).spec }
    const both = Schema.record([field('x', 'text'), field('y', 'text')])
    const swapped = { ...spec, inputs: [{ schema: both, key: { columns: [0, 1], missing: 'insert' } }] }
    const node = { ...two, node: { ...two.node, spec: swapped } as PhysicalNode }
    expect(() => check([record('a', { ...kept, key: key('y', 'x') })], [node])).toThrow(/stored as y text, x text/)
  })

  it('is refused where something that had come to its end has input again', () => {
    const finished = [{ site: 0, finished: true, watermark: 'Infinity', driver: null }]
    const reads = { ...operator('a'), inputs: [{ edge: { from: 0, port: 0 }, exchange: { kind: 'forward' } as const }] }
    const before = (source: boolean) => [
      record('source#1', { kind: 'source', label: 'x', subtasks: source ? finished : record('').subtasks, splits: [] }),
      record('a', { subtasks: finished }),
    ]
    expect(check(before(true), [end('source', 'source#1', 'x'), reads])).toEqual([])
    expect(() => check(before(false), [end('source', 'source#1', 'x'), reads])).toThrow(
      'invalid plan: a had come to its end, and now reads from x',
    )
    const between = { ...operator('new'), inputs: reads.inputs }
    const behind = {
      ...operator('a'),
      inputs: [{ edge: { from: 1, port: 0 }, exchange: { kind: 'forward' } as const }],
    }
    expect(check(before(true), [end('source', 'source#1', 'x'), between, behind])).toEqual([])
  })
})

it('an operator remembers something if it has state that is no small thing of its own', () => {
  const cell = { kind: 'cell', initial: () => 0 } as const
  expect(isRemembering(operator('a', { s: { kind: 'timers' }, c: cell }))).toBe(true)
  expect(isRemembering(operator('a', { c: cell }))).toBe(false)
  expect(isRemembering(end('sink', 'sink#1', 'x'))).toBe(true)
  const of = operator('a', { s: { kind: 'timers' } })
  const spec = { ...(of.node as { spec: OperatorSpec }).spec, transient: true }
  expect(isRemembering({ ...of, node: { ...of.node, spec } as PhysicalNode })).toBe(false)
})
