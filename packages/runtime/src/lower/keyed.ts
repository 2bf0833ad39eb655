/** Lowering of a user's functions by key, and of distinct: the row stays whole, its key stands beside it. */
import { field, type Schema } from '@millrace/algebra'
import {
  type DistinctNode,
  hasEventTime,
  type KeySpec,
  type LimitNode,
  type NodeOf,
  type PlanNode,
  type ProcessNode,
  type ReduceNode,
  type ScanNode,
  type SortNode,
  type WindowSpec,
} from '@millrace/plan'
import { connectBroadcastOperator } from '../operators/connect-broadcast.ts'
import { distinctOperator } from '../operators/distinct.ts'
import { gatherOperator } from '../operators/gather.ts'
import { limitOperator } from '../operators/limit.ts'
import { processOperator } from '../operators/process.ts'
import { reduceOperator } from '../operators/reduce.ts'
import { scanOperator } from '../operators/scan.ts'
import { sortOperator } from '../operators/sort.ts'
import { lowerWindowReduce } from './aggregate.ts'
import type { Flow, Lowering } from './flow.ts'
import { type Added, keyColumns, type Prepared, prepareExtended } from './steps.ts'

interface Keyed extends Prepared {
  readonly options: {
    readonly label: string
    readonly site: PlanNode['site']
    readonly name: string | undefined
    readonly schema: Schema
    readonly key: readonly number[]
    readonly row: { readonly schema: Schema; readonly columns: readonly number[] }
  }
}

function keyed(node: PlanNode & { readonly input: PlanNode }, key: KeySpec, lowering: Lowering): Keyed {
  const flow = lowering.lower(node.input)
  const prepared = prepareExtended(lowering, flow, node, keyColumns(flow.schema, key))
  const { site, name } = node
  return {
    ...prepared,
    options: {
      label: name ?? node.kind,
      site,
      name,
      schema: prepared.flow.schema,
      key: prepared.added,
      row: { schema: flow.schema, columns: prepared.row },
    },
  }
}

export function lowerProcess(node: ProcessNode, lowering: Lowering): Flow {
  const { flow, options } = keyed(node, node.key, lowering)
  const { schema: output, state, sides, onElement, onTimer, input } = node
  const keyNames = keyNamesOf(node.key)
  const changes = input.collection === 'updating'
  const spec = processOperator({ ...options, keyNames, output, state, sides, onElement, onTimer, changes })
  return lowering.operator(spec, lowering.settle(flow))
}

/** What every worker is to see in one order goes by way of one of them. */
export function lowerConnectBroadcast(node: NodeOf<'connectBroadcast'>, lowering: Lowering): Flow {
  const { key, input, schema: output, state, sides, onElement, onTimer, onBroadcast, site } = node
  const { flow, options } = key === null ? unkeyed(node, lowering) : keyed(node, key, lowering)
  const other = lowering.lower(node.broadcast)
  const edge = lowering.settle(other)
  const { schema } = other
  const seen = lowering.isSpread(edge) ? lowering.operator(gatherOperator({ schema, site }), edge).edge : edge
  const spec = connectBroadcastOperator({
    ...options,
    key: key === null ? null : options.key,
    keyNames: key === null ? [] : keyNamesOf(key),
    output,
    state,
    sides,
    onElement,
    onTimer,
    changes: input.collection === 'updating',
    timed: hasEventTime(input),
    broadcast: {
      schema,
      changes: node.broadcast.collection === 'updating',
      first: node.broadcast.collection === 'bounded',
      timed: hasEventTime(node.broadcast),
      onBroadcast,
    },
  })
  return lowering.operator(spec, lowering.settle(flow), seen)
}

function unkeyed(node: PlanNode & { readonly input: PlanNode }, lowering: Lowering): Keyed {
  const flow = lowering.lower(node.input)
  const { site, name } = node
  const { schema } = flow
  const row = schema.fields.map((_, i) => i)
  const options = { label: name ?? node.kind, site, name, schema, key: [], row: { schema, columns: row } }
  return { flow, row, added: [], options }
}

function keyNamesOf(key: KeySpec): readonly string[] {
  return key.kind === 'function' ? ['key'] : key.columns
}

export function lowerReduce(node: ReduceNode, lowering: Lowering): Flow {
  const { window } = node
  if (window !== null) return lowerWindowReduce(node as ReduceNode & { readonly window: WindowSpec }, lowering)
  const { flow, options } = keyed(node, node.key, lowering)
  const spec = reduceOperator({ ...options, fn: node.fn, bounded: node.collection === 'bounded' })
  return lowering.operator(spec, lowering.settle(flow))
}

export function lowerScan(node: ScanNode, lowering: Lowering): Flow {
  const { flow, options } = keyed(node, node.key, lowering)
  const spec = scanOperator({ ...options, output: node.schema, initial: node.initial, fn: node.fn })
  return lowering.operator(spec, lowering.settle(flow))
}

export function lowerDistinct(node: DistinctNode, lowering: Lowering): Flow {
  const whole: KeySpec = { kind: 'columns', columns: node.schema.fields.map(f => f.name) }
  const bareKey: KeySpec = { kind: 'function', fn: (row: unknown) => row }
  const key = node.key ?? (node.schema.bare ? bareKey : whole)
  const { flow, row, options } = keyed(node, key, lowering)
  const spec = distinctOperator({ ...options, columns: row, output: node.schema })
  return lowering.operator(spec, lowering.settle(flow))
}

export function lowerSort(node: SortNode, lowering: Lowering): Flow {
  const flow = lowering.lower(node.input)
  const wanted = node.by.map(({ expression }, i): Added => {
    const name = expression.kind === 'column' ? expression.name : `by ${i}`
    return { name, value: expression, type: field(name, expression.type, expression.nullable) }
  })
  const prepared = prepareExtended(lowering, flow, node, wanted)
  const spec = sortOperator({
    label: node.name ?? 'sort',
    site: node.site,
    name: node.name,
    schema: prepared.flow.schema,
    by: node.by.map(({ descending }, i) => ({ column: prepared.added[i]!, descending })),
    columns: prepared.row,
    output: node.schema,
  })
  return lowering.operator(spec, lowering.settle(prepared.flow))
}

export function lowerLimit(node: LimitNode, lowering: Lowering): Flow {
  const { schema, rows, site, name } = node
  const edge = lowering.settle(lowering.lower(node.input))
  return lowering.operator(limitOperator({ label: name ?? 'limit', schema, rows, site, name }), edge)
}
