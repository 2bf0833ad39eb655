/** Lowering of what looks at one row at a time: steps of a chain. */
import { Schema } from '@millrace/algebra'
import {
  type EventTimeNode,
  type FunctionNode,
  hasEventTime,
  type NodeOf,
  type ProjectNode,
  type StreamNode,
  type UnionNode,
  type WhereNode,
} from '@millrace/plan'
import type { CallSpec } from '../call-spec.ts'
import { mapAsyncOperator } from '../operators/map-async.ts'
import { rebalanceOperator } from '../operators/rebalance.ts'
import { unionOperator } from '../operators/union.ts'
import { watermarkOperator } from '../operators/watermark.ts'
import type { Flow, Lowering } from './flow.ts'

export function lowerFunction(node: FunctionNode, lowering: Lowering): Flow {
  const { kind, fn, site, schema } = node
  const flow = lowering.extend(lowering.lower(node.input), { kind, fn, site, label: node.name ?? kind })
  if (kind === 'filter' || Schema.isOpaque(schema)) return flow
  return lowering.extend(flow, { kind: 'convert', schema, site, label: 'as' })
}

export function lowerWhere(node: WhereNode, lowering: Lowering): Flow {
  const { predicate, site } = node
  return lowering.extend(lowering.lower(node.input), { kind: 'where', predicate, site, label: node.name ?? 'where' })
}

export function lowerProject(node: ProjectNode, lowering: Lowering): Flow {
  const columns = node.columns.map(({ name, expression }) => ({ name, value: expression }))
  const { schema, site } = node
  return lowering.extend(lowering.lower(node.input), {
    kind: 'project',
    columns,
    schema,
    site,
    label: node.name ?? 'select',
  })
}

/** The time is a step; the watermarks come from an operator behind it. */
export function lowerEventTime(node: EventTimeNode, lowering: Lowering): Flow {
  const { time, site, schema, strategy } = node
  const flow = lowering.extend(lowering.lower(node.input), { kind: 'time', time, site, label: 'eventTime' })
  return lowering.operator(watermarkOperator({ schema, strategy, site, name: node.name }), lowering.settle(flow))
}

export function lowerUnion(node: UnionNode, lowering: Lowering): Flow {
  const flows = node.inputs.map(input => lowering.lower(input))
  const timed = node.inputs.every(hasEventTime)
  const spec = unionOperator({ schema: node.schema, inputs: flows.map(f => f.schema), timed, site: node.site })
  return lowering.operator(spec, ...flows.map(f => lowering.settle(f)))
}

export function lowerRebalance({ input, schema, site, name }: NodeOf<'rebalance'>, lowering: Lowering): Flow {
  return lowering.operator(rebalanceOperator({ schema, site, name }), lowering.settle(lowering.lower(input)))
}

export function lowerMapAsync(node: NodeOf<'mapAsync'>, lowering: Lowering): Flow {
  const { input, schema: output, fn, capacity, ordered, timeoutMs, retry, site, name } = node
  const flow = lowering.lower(input)
  const { attempts, backoffMs, factor, maxBackoffMs, when } = retry
  const calls: CallSpec = {
    fn: fn as CallSpec['fn'],
    timeoutMs,
    attempts,
    backoffMs: attempt => Math.min(maxBackoffMs, backoffMs * factor ** (attempt - 2)),
    retries: error => when === undefined || Boolean(when(error as never)),
  }
  const label = name ?? 'mapAsync'
  const spec = mapAsyncOperator({ label, site, name, schema: flow.schema, output, calls, capacity, ordered })
  return lowering.operator(spec, lowering.settle(flow))
}

export function lowerStream(node: StreamNode, lowering: Lowering): Flow {
  return lowering.lower(node.input)
}
