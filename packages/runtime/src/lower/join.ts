/** Lowering of joins: the right is the build side, and must end. */
import { hasEventTime, inputsOf, type JoinNode, type KeySpec, MillraceError, type PlanNode } from '@millrace/plan'
import { type JoinSide, joinOperator } from '../operators/join.ts'
import type { Flow, Lowering } from './flow.ts'
import { keyColumns, type Prepared, prepareExtended } from './steps.ts'

export function lowerJoin(node: JoinNode, lowering: Lowering): Flow {
  const { how, strategy, site, name, schema, left, right } = node
  if (right.collection !== 'bounded')
    throw new MillraceError('UNSUPPORTED', `invalid join: ${left.collection} with ${right.collection}, ${how}`, {
      site,
      hint: 'the right side must be a DataSet',
    })
  const prepared = [side(left, node.leftKey, node, lowering), side(right, node.rightKey, node, lowering)] as const
  const spec = joinOperator({
    label: name ?? `${how} join`,
    site,
    name,
    left: described(prepared[0], left),
    right: described(prepared[1], right),
    how,
    output: schema,
    rows: node.columns ?? (node.select as (left: never, right: never) => unknown),
    timedByRight: hasEventTime(right) && !hasEventTime(left),
    buffer: shareSource(left, right),
    broadcast: strategy === 'broadcast',
  })
  return lowering.operator(spec, ...prepared.map(p => lowering.settle(p.flow)))
}

function side(input: PlanNode, key: KeySpec, node: JoinNode, lowering: Lowering): Prepared {
  const flow = lowering.lower(input)
  return prepareExtended(lowering, flow, node, keyColumns(flow.schema, key))
}

function described({ flow, added, row }: Prepared, input: PlanNode): JoinSide {
  return { schema: flow.schema, key: added, row: { schema: input.schema, columns: row } }
}

/** A source that feeds both sides would wait for the left, which waits for the right, which waits for the source. */
function shareSource(left: PlanNode, right: PlanNode): boolean {
  const sources = sourcesOf(left)
  return [...sourcesOf(right)].some(source => sources.has(source))
}

function sourcesOf(node: PlanNode, found = new Set<PlanNode>(), seen = new Set<PlanNode>()): Set<PlanNode> {
  if (seen.has(node)) return found
  seen.add(node)
  if (node.kind === 'source') found.add(node)
  for (const input of inputsOf(node)) sourcesOf(input, found, seen)
  return found
}
