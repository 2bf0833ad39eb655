export type { RestartStrategy } from './cluster/restart.ts'
export type { JobEvent, JobSummary, MemoryMetrics, OperatorMetrics, WorkerMetrics } from './events.ts'
export { execute, type JobHandle } from './execute.ts'
export { CHECKPOINT_DEFAULTS, type CheckpointOptions, type DiskState, type ExecuteOptions } from './execute-options.ts'
export type { Doorbell, Host } from './host/host.ts'
export { type CheckpointWishes, currentMode, type Mode, setMode } from './mode.ts'
export { refusePromise } from './rows/refuse-promise.ts'
export { type RowReader, rowReader } from './rows/row-reader.ts'
export {
  any,
  bigint,
  boolean,
  type Columns,
  type ColumnType,
  double,
  int32,
  type RowOf,
  schemaOf,
  text,
  timestamp,
} from './schema/columns.ts'
export { type DeclaredRows, declaredRows, InvalidRow, type RowsArgument } from './schema/declared-rows.ts'
export { type RowSchema, row } from './schema/row.ts'
export type { OutputOf, StandardIssue, StandardResult, StandardSchema } from './schema/standard-schema.ts'
export type { Recovery, Sink, SinkWriter, WriterContext, WriterJob, WriterState } from './sink.ts'
export type { Json, OnError, ReaderContext, Rejected, Source, Split, SplitContext, SplitReader } from './source.ts'
