/** One rule a node kind: the second of the two places an operator touches. */
import { MillraceError, type NodeKind, type NodeOf, type PlanNode, type SideNode } from '@millrace/plan'
import { lowerAggregate, lowerWindowProcess } from './aggregate.ts'
import type { Flow, Lowering } from './flow.ts'
import { lowerJoin } from './join.ts'
import {
  lowerConnectBroadcast,
  lowerDistinct,
  lowerLimit,
  lowerProcess,
  lowerReduce,
  lowerScan,
  lowerSort,
} from './keyed.ts'
import {
  lowerEventTime,
  lowerFunction,
  lowerMapAsync,
  lowerProject,
  lowerRebalance,
  lowerStream,
  lowerUnion,
  lowerWhere,
} from './stateless.ts'
import { restoreRow } from './steps.ts'

export type Rule<N extends PlanNode> = (node: N, lowering: Lowering) => Flow

export const rules: { readonly [K in NodeKind]: Rule<NodeOf<K>> } = {
  source: (node, lowering) => lowering.source(node),
  map: lowerFunction,
  filter: lowerFunction,
  flatMap: lowerFunction,
  mapAsync: lowerMapAsync,
  where: lowerWhere,
  project: lowerProject,
  eventTime: lowerEventTime,
  union: lowerUnion,
  stream: lowerStream,
  rebalance: lowerRebalance,
  aggregate: lowerAggregate,
  windowProcess: lowerWindowProcess,
  join: lowerJoin,
  process: lowerProcess,
  connectBroadcast: lowerConnectBroadcast,
  reduce: lowerReduce,
  scan: lowerScan,
  distinct: lowerDistinct,
  sort: lowerSort,
  limit: lowerLimit,
  side: lowerSide,
  sink: node => {
    throw new MillraceError('INTERNAL', `a sink has no output: ${node.sink.label}`, { site: node.site })
  },
}

/** Late rows of a window, rejected ones of a source, a process's own. */
function lowerSide(node: SideNode, lowering: Lowering): Flow {
  const { input, side, site } = node
  switch (input.kind) {
    case 'source':
      return lowering.port(input, 1)
    case 'aggregate':
    case 'reduce':
    case 'windowProcess':
      return restoreRow(lowering, lowering.port(input, 1), node.schema, node)
    case 'process':
    case 'connectBroadcast':
      return lowering.port(input, 1 + Object.keys(input.sides).indexOf(side))
    default:
      throw new MillraceError('INTERNAL', `unknown side output ${side} of ${input.kind}`, { site })
  }
}
