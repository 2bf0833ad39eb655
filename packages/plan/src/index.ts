export { type CallSite, callSite, userFrames } from './call-site.ts'
export { children, inputsOf, withInputs } from './children.ts'
export { type Duration, duration, durationMs, positiveMs, signedMs } from './duration.ts'
export { type ErrorCode, type ErrorDetails, type ErrorKind, errorCodes, MillraceError } from './error.ts'
export { hasEventTime, requireEventTime } from './event-time.ts'
export { call, cast, column, literal, withOperands } from './expression/build.ts'
export { castable, castValue } from './expression/cast.ts'
export { evaluate } from './expression/evaluate.ts'
export type { Call, ColumnReference, Expression, Literal } from './expression/expression.ts'
export { commonType, type Family, familyOf } from './expression/family.ts'
export { like } from './expression/like.ts'
export { type OperationName, operationNames } from './expression/operation-names.ts'
export { type Operation, operations, type ValueOf } from './expression/operations.ts'
export { compareValues } from './expression/order.ts'
export { print, printName } from './expression/print.ts'
export { parseTime } from './expression/time-text.ts'
export { isTotal } from './expression/total.ts'
export { columnsOf, conjunction, conjuncts, rebase, substitute } from './expression/traverse.ts'
export { identify } from './identity.ts'
export type {
  AggregateCall,
  AggregateNode,
  BuiltInAggregate,
  CollectionKind,
  CustomAggregate,
  DistinctNode,
  EventTimeNode,
  FunctionNode,
  JoinColumn,
  JoinHow,
  JoinNode,
  KeySpec,
  LimitNode,
  NodeKind,
  NodeOf,
  PlanNode,
  ProcessNode,
  ProjectNode,
  ReduceNode,
  ScanNode,
  SideNode,
  SinkNode,
  SinkSpec,
  SortNode,
  SourceNode,
  SourceSpec,
  StreamNode,
  UnionNode,
  UserFunction,
  WatermarkStrategy,
  WhereNode,
  WindowProcessNode,
  WindowSpec,
} from './node.ts'
export { aggregateNode } from './nodes/aggregate.ts'
export { connectBroadcastNode } from './nodes/connect-broadcast.ts'
export { rejectedSchema, sideNode, sidesOf, sinkNode, sourceNode, streamNode } from './nodes/ends.ts'
export { type JoinSpec, joinNode } from './nodes/join.ts'
export { processNode, reduceNode, scanNode, windowProcessNode } from './nodes/keyed.ts'
export { mapAsyncNode } from './nodes/map-async.ts'
export { distinctNode, limitNode, sortNode } from './nodes/ordered.ts'
export type { Place } from './nodes/place.ts'
export { rebalanceNode } from './nodes/rebalance.ts'
export { eventTimeNode, functionNode, projectNode, whereNode } from './nodes/rows.ts'
export { unionNode } from './nodes/union.ts'
export { windowFields } from './nodes/window.ts'
export { optimise } from './optimise/optimise.ts'
export { closed, grouped, outcomes } from './outcomes.ts'
export { describe, describeFunction } from './show/describe.ts'
export { durationText } from './show/duration-text.ts'
export { explain } from './show/explain.ts'
export { fingerprint } from './show/fingerprint.ts'
export {
  type JsonOptions,
  type JsonValue,
  type NodeJson,
  type PlanJson,
  planFormat,
  planVersion,
  toJSON,
} from './show/json.ts'
export type { StateSpec, StateTtl } from './state-spec.ts'
export { suggestion, unknownName } from './suggestion.ts'
export { clone, nodesOf, rewrite, usesOf, walk } from './traverse.ts'
