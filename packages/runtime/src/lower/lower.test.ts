/** Which operators a plan becomes, what feeds them, and which columns travel. */
import { Schema } from '@millrace/algebra'
import {
  aggregateNode,
  call,
  column,
  distinctNode,
  eventTimeNode,
  functionNode,
  joinNode,
  type KeySpec,
  limitNode,
  literal,
  type PlanNode,
  processNode,
  projectNode,
  reduceNode,
  scanNode,
  sideNode,
  sinkNode,
  sortNode,
  sourceNode,
  streamNode,
  unionNode,
  type WindowSpec,
  whereNode,
  windowProcessNode,
} from '@millrace/plan'
import { counter, read, recorder, simulated, write } from '@millrace/testing/jobs'
import { by, refusal, schemaOf, site, textOf } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import { execute } from '../execute.ts'
import type { PhysicalNode } from './flow.ts'
import { lower } from './lower.ts'
import { rules } from './rules.ts'

const here = { site, name: undefined }
const named = (name: string) => ({ site, name })
const fn = (row: unknown): unknown => row
const byFunction: KeySpec = { kind: 'function', fn }
const window: WindowSpec = { kind: 'tumbling', sizeMs: 10, slideMs: 10, offsetMs: 0 }
const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 8 }

function source(columns = 'k int32, t timestamp, x double', bounded = true): PlanNode {
  return sourceNode({ source: { label: 'read', schema: schemaOf(columns), bounded, prunes: false }, ...here })
}

const filter = (input: PlanNode, name?: string): PlanNode => functionNode({ kind: 'filter', input, fn, site, name })
const timed = (input: PlanNode): PlanNode =>
  eventTimeNode({ input, time: column(input.schema, 't'), strategy, ...here })
const count = [{ name: 'n', aggregate: 'count', argument: null }] as const

/** Each physical node on a line: its label, and the numbers of those that feed it, with the port if not 0. */
function shape(...inputs: readonly PlanNode[]): string[] {
  return physical(...inputs).map(node => {
    if (node.kind === 'source') return node.node.source.label
    const edges = node.kind === 'sink' ? [node.input] : node.inputs
    const label = node.kind === 'sink' ? 'sink' : node.spec.label
    return `${label} <- ${edges.map(e => (e.port === 0 ? e.from : `${e.from}:${e.port}`)).join(', ')}`
  })
}

function physical(...inputs: readonly PlanNode[]): readonly PhysicalNode[] {
  return lower(inputs.map(input => sinkNode({ input, sink: recorder(), ...here })))
}

/** The columns of what an operator reads and sends. */
function columnsOf(label: string, ...inputs: readonly PlanNode[]) {
  for (const node of physical(...inputs))
    if (node.kind === 'operator' && node.spec.label === label)
      return {
        inputs: node.spec.inputs.map(i => textOf(i.schema)),
        outputs: node.spec.outputs.map(textOf),
        spec: node.spec,
      }
  throw new Error(`no operator ${label}`)
}

describe('what looks at one row at a time', () => {
  test('is one chain, called after its steps or their names', () => {
    const input = filter(source(), 'good')
    const where = whereNode({ input, predicate: literal(true), ...here })
    const select = projectNode({
      input: where,
      columns: [{ name: 'k', expression: column(where.schema, 'k') }],
      ...here,
    })
    const mapped = functionNode({ kind: 'map', input: select, fn, schema: schemaOf('a int32'), ...here })
    expect(shape(functionNode({ kind: 'flatMap', input: mapped, fn, ...here }))).toEqual([
      'read',
      'good where select map as flatMap <- 0',
      'sink <- 1',
    ])
    expect(
      columnsOf('good where select map as flatMap', functionNode({ kind: 'flatMap', input: mapped, fn, ...here })),
    ).toMatchObject({ inputs: ['k int32, t timestamp, x double'], outputs: [textOf(Schema.opaque)] })
  })

  test('is done once where several read it', () => {
    const shared = filter(source())
    expect(shape(shared, filter(shared))).toEqual(['read', 'filter <- 0', 'sink <- 1', 'filter <- 1', 'sink <- 3'])
    const shareless = source()
    expect(shape(filter(shareless), filter(shareless))).toEqual([
      'read',
      'filter <- 0',
      'sink <- 1',
      'filter <- 0',
      'sink <- 3',
    ])
  })

  test('is nothing at all where a collection is only called a stream', () => {
    expect(shape(streamNode({ input: source(), ...here }))).toEqual(['read', 'sink <- 0'])
  })

  test('event times are a step, watermarks an operator behind it', () => {
    expect(shape(filter(timed(filter(source()))))).toEqual([
      'read',
      'filter eventTime <- 0',
      'watermarks <- 1',
      'filter <- 2',
      'sink <- 3',
    ])
  })
})

describe('aggregates', () => {
  const sum = (input: PlanNode) => [{ name: 's', aggregate: 'sum', argument: column(input.schema, 'x') }] as const
  const windowed = (input: PlanNode) => aggregateNode({ input, key: by('k'), window, aggregates: sum(input), ...here })

  test('read their key and arguments and nothing else', () => {
    const input = source()
    const node = aggregateNode({ input, key: by('k'), window: null, aggregates: [...sum(input), ...count], ...here })
    expect(shape(node)).toEqual(['read', 'columns <- 0', 'aggregate <- 1', 'sink <- 2'])
    const { inputs, spec } = columnsOf('aggregate', node)
    expect(inputs).toEqual(['0:k int32, 1:s double'])
    expect(spec.inputs[0]!.key).toEqual({ columns: [0], missing: 'insert' })
    expect(spec.needsEpochs).toBe(false)
  })

  test('without a key have one of no columns', () => {
    const node = aggregateNode({ input: source(), key: null, window: null, aggregates: count, ...named('all') })
    expect(columnsOf('all', node).spec.inputs[0]!.key).toEqual({ columns: [], missing: 'insert' })
  })

  test('of what does not end emit at the end of epochs', () => {
    const input = source(undefined, false)
    const node = aggregateNode({ input, key: by('k'), window: null, aggregates: count, ...here })
    expect(columnsOf('aggregate', node).spec.needsEpochs).toBe(true)
  })

  test('keep whole rows only where late ones are read', () => {
    const narrow = windowed(timed(source()))
    expect(columnsOf('aggregate', narrow).inputs).toEqual(['0:k int32, 1:s double'])
    const wide = windowed(timed(source()))
    const late = sideNode({ input: wide, side: 'late', ...here })
    expect(columnsOf('aggregate', wide, late).inputs).toEqual(['k int32, t timestamp, x double'])
    expect(shape(wide, late).slice(3)).toEqual(['aggregate <- 2', 'sink <- 3', 'sink <- 3:1'])
  })

  test('give late rows back as they were, without the key that was added', () => {
    const wide = aggregateNode({ input: timed(source()), key: byFunction, window, aggregates: count, ...here })
    const late = sideNode({ input: wide, side: 'late', ...here })
    expect(columnsOf('aggregate', wide, late).inputs).toEqual(['k int32, t timestamp, x double, key any?'])
    expect(shape(wide, late).slice(3)).toEqual(['key <- 2', 'aggregate <- 3', 'sink <- 4', 'row <- 4:1', 'sink <- 6'])
    expect(columnsOf('row', wide, late).outputs).toEqual(['k int32, t timestamp, x double'])
  })

  test('of windows that fold rows hand over the row, and give back what was declared', () => {
    const reduced = reduceNode({ input: timed(source()), key: by('k'), window, fn, ...here })
    expect(shape(reduced).slice(3)).toEqual(['columns <- 2', 'reduce <- 3', 'reduce reduce <- 4', 'sink <- 5'])
    expect(columnsOf('reduce', reduced)).toMatchObject({
      inputs: ['0:k int32, 1:row any?'],
      outputs: ['k int32, windowStart timestamp, windowEnd timestamp, folded any?', '0:k int32, 1:row any?'],
    })
    expect(columnsOf('reduce reduce', reduced).outputs).toEqual(['k int32, t timestamp, x double'])
    const applied = windowProcessNode({ input: timed(source()), key: byFunction, window, fn, ...named('days') })
    expect(shape(applied).slice(3)).toEqual(['columns <- 2', 'days <- 3', 'apply <- 4', 'sink <- 5'])
    expect(columnsOf('days', applied).outputs[0]).toBe(
      'key any?, windowStart timestamp, windowEnd timestamp, folded any?',
    )
  })
})

describe('keyed functions', () => {
  const process = (key: KeySpec, input = source()): PlanNode =>
    processNode({
      input,
      key,
      state: {},
      sides: { a: schemaOf('s text'), b: schemaOf('n int32') },
      onElement: fn,
      schema: schemaOf('r int32'),
      ...here,
    })

  test('have a port for each side output', () => {
    const node = process(by('k'))
    const side = (name: string) => sideNode({ input: node, side: name, ...here })
    expect(shape(side('b'), side('a'), node)).toEqual([
      'read',
      'process <- 0',
      'sink <- 1:2',
      'sink <- 1:1',
      'sink <- 1',
    ])
    expect(columnsOf('process', node).outputs).toEqual(['r int32', 's text', 'n int32'])
  })

  test('add a key that is no column, and only that', () => {
    expect(shape(process(by('x', 'k'))).length).toBe(3)
    expect(columnsOf('process', process(by('x', 'k'))).spec.inputs[0]!.key!.columns).toEqual([2, 0])
    expect(shape(process(byFunction))).toEqual(['read', 'key <- 0', 'process <- 1', 'sink <- 2'])
    const { inputs, spec } = columnsOf('process', process(byFunction))
    expect(inputs).toEqual(['k int32, t timestamp, x double, key any?'])
    expect(spec.inputs[0]!.key!.columns).toEqual([3])
  })

  test('find the columns of opaque rows in them', () => {
    const { inputs, spec } = columnsOf('process', process(by('k', 'z'), source('')))
    expect(inputs).toEqual(['value any?, k any?, z any?'])
    expect(spec.inputs[0]!.key!.columns).toEqual([1, 2])
  })

  test('a key called like a column stands beside it', () => {
    expect(columnsOf('process', process(byFunction, source('key text, n int32'))).inputs).toEqual([
      "key text, n int32, key' any?",
    ])
  })

  test('reduce, scan, distinct, sort and first are operators of their own', () => {
    const input = source()
    expect(shape(reduceNode({ input, key: by('k'), window: null, fn, ...named('best') }))[1]).toBe('best <- 0')
    expect(shape(scanNode({ input, key: by('k'), initial: fn as never, fn, ...here }))[1]).toBe('scan <- 0')
    expect(shape(limitNode({ input, rows: 3, ...here }))[1]).toBe('limit <- 0')
    const distinct = columnsOf('distinct', distinctNode({ input, key: null, ...here }))
    expect(distinct.spec.inputs[0]!.key!.columns).toEqual([0, 1, 2])
    expect(columnsOf('distinct', distinctNode({ input, key: by('t'), ...here })).spec.inputs[0]!.key!.columns).toEqual([
      1,
    ])
    const opaque = columnsOf('distinct', distinctNode({ input: source(''), key: null, ...here }))
    expect([opaque.inputs, opaque.spec.inputs[0]!.key!.columns, opaque.outputs]).toEqual([
      ['value any?, key any?'],
      [1],
      [textOf(Schema.opaque)],
    ])
  })

  test('know whether their input ends, and whether it takes rows back', async () => {
    const best = (bounded: boolean) =>
      columnsOf(
        'best',
        reduceNode({ input: source(undefined, bounded), key: by('k'), window: null, fn, ...named('best') }),
      )
    expect([best(true).spec.needsEpochs, best(false).spec.needsEpochs]).toEqual([false, true])
    const seen: unknown[] = []
    const watch = (input: PlanNode) =>
      processNode({ input, key: by('k'), state: {}, sides: {}, onElement: row => void seen.push(row), ...here })
    const counted = aggregateNode({
      input: read({ ...counter(3), bounded: false }),
      key: by('k'),
      window: null,
      aggregates: count,
      ...here,
    })
    await execute([write(watch(counted), recorder()), write(watch(read(counter(1))), recorder())], simulated()).finished
    expect(seen).toHaveLength(4)
    expect(seen).toContainEqual({ row: { k: 1, n: 1 }, weight: 1 })
    expect(seen).toContainEqual({ k: 0, t: 0 })
  })

  test('a sort adds what it sorts by, and gives back the row', () => {
    const input = source()
    const x = column(input.schema, 'x')
    const twice = { kind: 'call', operation: '+', operands: [x, x], type: x.type, nullable: false } as never
    const order = [
      { expression: x, descending: false },
      { expression: twice, descending: true },
    ]
    const { inputs, outputs } = columnsOf('sort', sortNode({ input, by: order, ...here }))
    expect(inputs).toEqual(['k int32, t timestamp, x double, by 1 double'])
    expect(outputs).toEqual(['k int32, t timestamp, x double'])
  })
})

test('columns there are and columns that are added are told apart, the first one too', async () => {
  const input = read(counter(9))
  const k = column(input.schema, 'k')
  const order = [
    { expression: k, descending: true },
    { expression: call('plus', [k, k]), descending: false },
  ]
  const sink = recorder()
  await execute([write(sortNode({ input, by: order, ...here }), sink)], simulated()).finished
  expect(sink.rows.map(row => (row as [{ k: number }])[0].k)).toEqual([2, 2, 2, 1, 1, 1, 0, 0, 0])
})

describe('several inputs', () => {
  test('a union has the columns of the first, and times where all have them', () => {
    const [a, b] = [source('k int32, t timestamp'), source('k int32, t timestamp')]
    const node = unionNode({ inputs: [filter(a), timed(b)], ...here })
    expect(shape(node)).toEqual([
      'read',
      'read',
      'eventTime <- 1',
      'watermarks <- 2',
      'filter <- 0',
      'union <- 4, 3',
      'sink <- 5',
    ])
  })

  test('a join builds its right side', () => {
    const [left, right] = [source('k int32, a text', false), source('k int32, b text')]
    const spec = { left, right, leftKey: by('k'), rightKey: byFunction, how: 'semi', site } as const
    const join = joinNode(spec)
    expect(shape(join)).toEqual(['read', 'read', 'key <- 1', 'semi join <- 0, 2', 'sink <- 3'])
    const { inputs } = columnsOf('semi join', join).spec
    expect(inputs.map(i => i.build === true)).toEqual([false, true])
    expect(inputs.map(i => i.key!.columns)).toEqual([[0], [2]])
    expect(shape(joinNode({ ...spec, name: 'known' }))[3]).toBe('known <- 0, 2')
  })

  test('a join whose sides come from one source takes its left in from the beginning', () => {
    const columns = 'k int32, a text'
    const early = (left: PlanNode, right: PlanNode) => {
      const join = joinNode({ left, right, leftKey: by('k'), rightKey: by('k'), how: 'semi', site })
      return columnsOf('semi join', join).spec.inputs.map(input => input.early === true)
    }
    const [shared, other] = [source(columns), source(columns)]
    const both = unionNode({ inputs: [other, filter(shared)], ...here })
    expect(early(shared, filter(shared))).toEqual([true, false])
    expect(early(filter(both), shared)).toEqual([true, false])
    expect(early(source(columns), both)).toEqual([false, false])
    expect(early(unionNode({ inputs: [both, filter(both)], ...here }), source(columns))).toEqual([false, false])
  })

  test('a join holds watermarks back where only its right side has times', () => {
    const columns = 'k int32, t timestamp'
    const makes = (left: PlanNode, right: PlanNode, how: 'inner' | 'full') => {
      const select = fn as never
      const join = joinNode({ left, right, leftKey: by('k'), rightKey: by('k'), how, select, site })
      return columnsOf(`${how} join`, join).spec.makesWatermarks
    }
    const plain = () => source(columns)
    expect(makes(plain(), timed(plain()), 'inner')).toBe(true)
    expect(makes(timed(plain()), timed(plain()), 'inner')).toBe(false)
    expect(makes(timed(plain()), plain(), 'inner')).toBe(false)
    expect(makes(plain(), plain(), 'inner')).toBe(false)
    expect(makes(timed(plain()), plain(), 'full')).toBe(true)
  })

  test('a join with a side that does not end is refused', () => {
    const [left, right] = [source('k int32, a text'), source('k int32, b text', false)]
    const join = { left, right, leftKey: by('k'), rightKey: by('k'), how: 'semi', ...here } as const
    expect(refusal(() => physical({ ...joinNode({ ...join, right: left }), right } as PlanNode))).toBe(
      'UNSUPPORTED: invalid join: bounded with appending, semi; the right side must be a DataSet',
    )
  })
})

describe('side outputs', () => {
  test('rejected rows are the second port of their source', () => {
    const input = source()
    const rejected = sideNode({ input, side: 'rejected', ...here })
    expect(shape(input, rejected)).toEqual(['read', 'sink <- 0', 'sink <- 0:1'])
    expect(shape(filter(rejected))).toEqual(['read', 'filter <- 0:1', 'sink <- 1'])
  })

  test('of what has none is a mistake of ours', () => {
    const side = { ...sideNode({ input: source(), side: 'rejected', ...here }), input: filter(source()) } as PlanNode
    expect(refusal(() => physical(side))).toBe('INTERNAL: unknown side output rejected of filter')
    const sink = sinkNode({ input: source(), sink: recorder(), ...here })
    expect(refusal(() => rules.sink(sink, undefined as never))).toBe('INTERNAL: a sink has no output: recorder')
  })
})

test('every operator knows where it was written and what it is called', () => {
  const node = scanNode({ input: filter(source()), key: byFunction, initial: fn as never, fn, ...named('total') })
  const operators = physical(node).flatMap(p => (p.kind === 'operator' ? [p.spec] : []))
  expect(operators.map(({ label, site }) => [label, site])).toEqual([
    ['filter key', site],
    ['total', site],
  ])
  expect(operators[1]!.name).toBe('total')
})
