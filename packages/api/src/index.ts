export { duration } from '@millrace/plan'
export type { Aggregate, Aggregates, Counting, OverallResults, Results } from './aggregate.ts'
export {
  type AvgAggregate,
  avg,
  count,
  type ExtremeAggregate,
  max,
  min,
  type SumAggregate,
  sum,
} from './aggregates.ts'
export type { AsyncCall, AsyncOptions, AsyncRetry } from './async.ts'
export type {
  BroadcastContext,
  BroadcastSpec,
  ElementContext,
  Emitting,
  KeyedBroadcastSpec,
  KeyedElementContext,
} from './broadcast.ts'
export {
  type BroadcastState,
  type BroadcastsOf,
  type BroadcastView,
  broadcast,
  type ReadingHandleOf,
} from './broadcast-state.ts'
export type { Checkpoints, Restart } from './checkpoint-options.ts'
export { type DataSet, DataStream, Keyed, type Processed, type Sides, Windowed } from './collections.ts'
export type { Declares, RowColumns } from './declared.ts'
export { type Environment, environment } from './environment.ts'
export type { EnvironmentOptions } from './environment-options.ts'
export type {
  ColumnsOf,
  Descending,
  Expr,
  ExprOf,
  NumberExpr,
  OrderedExpr,
  SelectedRow,
  TextExpr,
  TruthExpr,
  Wide,
} from './expr.ts'
export { literal, when } from './expr-functions.ts'
export type { Job, RunOptions } from './job.ts'
export type {
  Alike,
  BothSidesHave,
  Clash,
  JoinOptions,
  JoinRow,
  LeftRow,
  Nulled,
  Once,
  Prefixed,
  RightRow,
} from './join.ts'
export type { Change, Closed, Grouped, Kind, Outcomes, Seen } from './kinds.ts'
export { type Context, type ProcessSpec, type Timers, type } from './process.ts'
export { list, map, type StateColumns, value } from './state.ts'
export { aggregating, reducing } from './state-folds.ts'
export type {
  AggregateFunctions,
  AggregatingState,
  Declared,
  DefaultedState,
  HandleOf,
  ListState,
  MapKey,
  MapState,
  ReducingState,
  ValueState,
} from './state-handles.ts'
export type { StateOptions, TimeToLive } from './state-options.ts'
export type { StateStorage } from './state-storage.ts'
export type { SortKey } from './steps/columns.ts'
export type { NamedOptions } from './steps/named.ts'
export type { EventTimeOptions } from './steps/time.ts'
export { sliding, tumbling, type Window, type WindowColumns, type WindowOptions } from './window.ts'
export type { Duration, Flat, Numeric, Orderable, Refused, Strategy } from './words.ts'
