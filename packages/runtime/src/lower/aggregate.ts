/** Lowering of aggregates: keys and arguments become columns of the chain before, accumulators do the rest. */

import { field, Schema } from '@millrace/algebra'
import {
  type AggregateNode,
  type KeySpec,
  MillraceError,
  type PlanNode,
  print,
  type ReduceNode,
  type UserFunction,
  type WindowProcessNode,
  type WindowSpec,
} from '@millrace/plan'
import { accumulatorFor, countAccumulator, customAccumulator } from '../aggregate/accumulators.ts'
import { retractableAccumulator } from '../aggregate/retractable.ts'
import type { Aggregate } from '../aggregate/table.ts'
import { type AggregateOptions, aggregateOperator } from '../operators/aggregate.ts'
import { partialAggregateOperator } from '../operators/partial-aggregate.ts'
import { windowAggregateOperator } from '../operators/window-aggregate.ts'
import type { Edge, Flow, Lowering } from './flow.ts'
import { type Added, keyColumns, type Prepared, prepareExtended, prepareProjected, rowColumn } from './steps.ts'

/** Rows that are taken back would have to leave the aggregate again. */
function refuseUpdates(node: PlanNode & { readonly input: PlanNode }): void {
  if (node.input.collection !== 'updating') return
  throw new MillraceError('UNSUPPORTED', `invalid input of ${node.kind}: updating`, {
    site: node.site,
    hint: 'its rows are taken back and replaced: aggregate the rows it is made of',
  })
}

/** What is not built in cannot take rows back, and windows have no place for what comes behind their results. */
function requireRetractable(node: AggregateNode): void {
  if (node.window !== null) return refuseUpdates(node)
  const custom = node.aggregates.find(({ aggregate }) => typeof aggregate !== 'string')
  if (custom === undefined) return
  const name = JSON.stringify(custom.name)
  throw new MillraceError('UNSUPPORTED', `invalid aggregate ${name} of updating rows: one of your own`, {
    site: node.site,
    hint: 'rows that were added would have to be taken back: only count, sum, avg, min and max can',
  })
}

export function lowerAggregate(node: AggregateNode, lowering: Lowering): Flow {
  const updating = node.input.collection === 'updating'
  if (updating) requireRetractable(node)
  const flow = lowering.lower(node.input)
  const key = node.key === null ? [] : keyColumns(flow.schema, node.key)
  const args = node.aggregates.map(argumentOf)
  const wanted = [...key, ...args.filter(a => a !== undefined)]
  const prepared = prepare(lowering, flow, node, wanted)
  let next = key.length
  const aggregates = node.aggregates.map((call, i): Aggregate => {
    const argument = args[i]
    const type = argument?.type ?? null
    const { aggregate } = call
    const retracts = updating && typeof aggregate === 'string'
    const accumulator = retracts ? retractableAccumulator(aggregate, type) : accumulatorFor(aggregate, type)
    return { accumulator, column: argument === undefined ? -1 : prepared.added[next++]! }
  })
  if (updating) aggregates.push({ accumulator: countAccumulator(), column: -1 })
  const { schema } = prepared.flow
  const common = {
    ...placed(node, lowering),
    schema,
    key: prepared.added.slice(0, key.length),
    aggregates,
    means: meansOf(node),
    output: node.schema,
  }
  const edge = lowering.settle(prepared.flow)
  if (node.window !== null) return lowering.operator(windowAggregateOperator({ ...common, window: node.window }), edge)
  const whole = { ...common, bounded: node.collection === 'bounded', updating }
  if (paysInTwoPhases(aggregates, edge, lowering)) return twoPhases(whole, edge, lowering)
  return lowering.operator(aggregateOperator(whole), edge)
}

/** What its accumulators are, so that no state of others passes for theirs. */
function meansOf({ aggregates, window }: AggregateNode): readonly string[] {
  const of = aggregates.map(({ aggregate, argument }) => {
    if (typeof aggregate !== 'string') return 'custom'
    return `${aggregate}(${argument === null ? '' : print(argument)})`
  })
  return window === null ? of : [...of, windowText(window)]
}

function windowText({ kind, sizeMs, slideMs, offsetMs }: WindowSpec): string {
  return `${kind} ${[sizeMs, slideMs, offsetMs].map(ms => `${ms} ms`).join(', ')}`
}

/** Where rows would leave the worker they are on, and their accumulators are numbers that can do so instead. */
function paysInTwoPhases(aggregates: readonly Aggregate[], edge: Edge, lowering: Lowering): boolean {
  const { workers = 1 } = lowering.options
  const fields = aggregates.flatMap(a => a.accumulator.fields)
  if (workers === 1 || fields.length === 0 || !fields.every(f => f.type.kind === 'double')) return false
  return lowering.isSpread(edge)
}

function twoPhases(whole: AggregateOptions, edge: Edge, lowering: Lowering): Flow {
  const { name: _, ...unnamed } = whole
  const partial = lowering.operator(partialAggregateOperator({ ...unnamed, label: `partial ${whole.label}` }), edge)
  let next = whole.key.length
  const aggregates = whole.aggregates.map(({ accumulator }): Aggregate => {
    const column = next
    next += accumulator.fields.length
    return { accumulator, column }
  })
  const key = whole.key.map((_, i) => i)
  return lowering.operator(
    aggregateOperator({ ...whole, schema: partial.schema, key, aggregates, partial: true }),
    partial.edge,
  )
}

/** Whole rows are needed only where late ones are read. */
function prepare(lowering: Lowering, flow: Flow, node: PlanNode, wanted: readonly Added[]): Prepared {
  if (lowering.wants(node, 'late')) return prepareExtended(lowering, flow, node, wanted)
  return prepareProjected(lowering, flow, node, wanted)
}

function argumentOf({ name, aggregate, argument }: AggregateNode['aggregates'][number]): Added | undefined {
  if (typeof aggregate !== 'string') return rowColumn
  if (argument === null) return undefined
  return { name, value: argument, type: field(name, argument.type, argument.nullable) }
}

function placed(node: PlanNode, { options }: Lowering) {
  const { site, name } = node
  const generate = options.generate === undefined ? {} : { generate: options.generate }
  return { label: name ?? node.kind, site, name, ...generate }
}

/** A windowed fold is an aggregate whose accumulator is the folded row. */
export function lowerWindowReduce(node: ReduceNode & { readonly window: WindowSpec }, lowering: Lowering): Flow {
  const fn = node.fn as (a: unknown, b: unknown) => unknown
  const merge = (a: unknown, b: unknown): unknown => (a === undefined ? b : fn(a, b))
  const folded = customAccumulator(
    { create: () => undefined, add: (a, row) => (a === undefined ? row : fn(a, row)), merge, result: a => a },
    'folded',
  )
  const flow = windowed(node, node.key, folded, lowering)
  const { site, schema } = node
  const unwrapped = lowering.extend(flow, { kind: 'map', fn: (row: Folded) => row.folded, site, label: 'reduce' })
  return Schema.isOpaque(schema)
    ? unwrapped
    : lowering.extend(unwrapped, { kind: 'convert', schema, site, label: 'reduce' })
}

interface Folded {
  readonly folded: unknown
}

/** A function of all rows is an aggregate that keeps the rows, and the function behind it. */
export function lowerWindowProcess(node: WindowProcessNode, lowering: Lowering): Flow {
  const rows = customAccumulator(
    {
      create: () => [],
      add: (list: unknown[], row) => {
        list.push(row)
        return list
      },
      merge: (a: unknown[], b: unknown[]) => [...a, ...b],
      result: (list: unknown[]) => [...list],
    },
    'folded',
  )
  const flow = windowed(node, node.key, rows, lowering)
  const { site, schema } = node
  const fn = node.fn as (rows: unknown, window: object) => Iterable<unknown>
  const apply: UserFunction = ({ folded, ...window }: Folded) => fn(folded, window)
  const flat = lowering.extend(flow, { kind: 'flatMap', fn: apply, site, label: 'apply' })
  return Schema.isOpaque(schema) ? flat : lowering.extend(flat, { kind: 'convert', schema, site, label: 'apply' })
}

function windowed(
  node: PlanNode & { readonly input: PlanNode; readonly window: WindowSpec },
  keySpec: KeySpec,
  accumulator: Aggregate['accumulator'],
  lowering: Lowering,
): Flow {
  refuseUpdates(node)
  const flow = lowering.lower(node.input)
  const key = keyColumns(flow.schema, keySpec)
  const prepared = prepare(lowering, flow, node, [...key, rowColumn])
  const output = Schema.record([
    ...key.map(c => field(c.name, c.type.type, c.type.nullable)),
    field('windowStart', 'timestamp'),
    field('windowEnd', 'timestamp'),
    field('folded', 'any', true),
  ])
  const spec = windowAggregateOperator({
    ...placed(node, lowering),
    schema: prepared.flow.schema,
    key: prepared.added.slice(0, key.length),
    window: node.window,
    means: [windowText(node.window)],
    aggregates: [{ accumulator, column: prepared.added[key.length]! }],
    output,
  })
  return lowering.operator(spec, lowering.settle(prepared.flow))
}
