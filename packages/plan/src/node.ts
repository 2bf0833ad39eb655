/**
 * The logical plan: what a program means, as frozen nodes that point at their inputs.
 *
 * A node knows the schema of its rows, which kind of collection it is, and where the user wrote it. Sources, sinks
 * and user functions ride along as the objects they are; explain and JSON print their names.
 */
import type { Schema } from '@millrace/algebra'
import type { CallSite } from './call-site.ts'
import type { Expression } from './expression/expression.ts'
import type { StateSpec } from './state-spec.ts'

/** Bounded: its final rows. Appending: rows only come. Updating: rows come and go, by weight. */
export type CollectionKind = 'bounded' | 'appending' | 'updating'

export type UserFunction = (...parameters: never[]) => unknown

interface Common {
  readonly schema: Schema
  readonly collection: CollectionKind
  readonly site: CallSite | undefined
  /** A stable name given by the user, by which state finds its operator again. */
  readonly name: string | undefined
  /** The identity that it had in checkpoints before it was given this name. */
  readonly was?: string | undefined
  /** What the columns of its key were called then. */
  readonly keyWas?: readonly string[] | undefined
}

/** What the plan needs to know of a source; the runtime's contract extends it with how to read. */
export interface SourceSpec {
  /** As explain prints it: `csv airports.csv`. */
  readonly label: string
  readonly schema: Schema
  readonly bounded: boolean
  /** True: its rows come with event times, and it makes watermarks of them itself. */
  readonly timed?: boolean
  /** True: reads only the columns asked for. */
  readonly prunes: boolean
  /** The conjuncts it can apply itself while reading; the others stay in the plan. Absent: none. */
  accepts?(conjunct: Expression): boolean
  /** Where it is read when there are several workers: splits are dealt to them (default), or all in the caller's thread. */
  readonly place?: 'workers' | 'caller'
}

/** What the plan needs to know of a sink. */
export interface SinkSpec {
  readonly label: string
  /** Which collections it can represent. */
  readonly takes: readonly CollectionKind[]
  /** What it alone may write in a job: a path. Absent: it may stand beside others like it. */
  readonly exclusive?: string
  /** Where it is written when there are several workers: in each of them, in one (default), or in the caller's thread. */
  readonly place?: 'workers' | 'one' | 'caller'
}

export interface SourceNode extends Common {
  readonly kind: 'source'
  readonly source: SourceSpec
  /** Names of the columns to read, those of the predicates among them; `schema` has just these, in this order. */
  readonly columns: readonly string[]
  /** What the source said it accepts. */
  readonly predicates: readonly Expression[]
}

/** A function of one row. `schema` is opaque unless the user declared what it returns. */
export interface FunctionNode extends Common {
  readonly kind: 'map' | 'filter' | 'flatMap'
  readonly input: PlanNode
  readonly fn: UserFunction
}

/** When a call that fails is made again. */
interface Retry {
  /** In all, the first among them. */
  readonly attempts: number
  /** Before the second; before each further one `factor` times as long, up to `maxBackoffMs`. */
  readonly backoffMs: number
  readonly factor: number
  readonly maxBackoffMs: number
  /** Absent: whatever the error is. */
  readonly when?: UserFunction | undefined
}

/** An asynchronous function of one row. */
interface MapAsyncNode extends Common {
  readonly kind: 'mapAsync'
  readonly input: PlanNode
  readonly fn: UserFunction
  /** Rows that are asked for at the same time, in each subtask. */
  readonly capacity: number
  /** Results come in the order of their rows. */
  readonly ordered: boolean
  /** Of an attempt. */
  readonly timeoutMs: number
  readonly retry: Retry
}

export interface WhereNode extends Common {
  readonly kind: 'where'
  readonly input: PlanNode
  readonly predicate: Expression
}

/** select, pick, omit, rename: each output column is an expression over the input's. */
export interface ProjectNode extends Common {
  readonly kind: 'project'
  readonly input: PlanNode
  readonly columns: readonly { readonly name: string; readonly expression: Expression }[]
}

export interface WatermarkStrategy {
  /** How far behind the greatest time seen a row may be, in milliseconds. */
  readonly disorderMs: number
  /** A split that gives no row for this long stops holding the others back; undefined: never. */
  readonly idleMs: number | undefined
  /** How far its watermark may be ahead of those of other aligned streams before its sources wait; absent: any. */
  readonly alignMs?: number | undefined
  /** A watermark after every so many rows of a split. */
  readonly everyRows: number
}

export interface EventTimeNode extends Common {
  readonly kind: 'eventTime'
  readonly input: PlanNode
  /** The time of a row: a function of it, or an expression over its columns. */
  readonly time: UserFunction | Expression
  readonly strategy: WatermarkStrategy
}

export interface UnionNode extends Common {
  readonly kind: 'union'
  readonly inputs: readonly PlanNode[]
}

/** What rows are grouped by: named columns, or a function's result, which is then a column called `key`. */
export type KeySpec =
  | { readonly kind: 'columns'; readonly columns: readonly string[] }
  | { readonly kind: 'function'; readonly fn: UserFunction }

/** Windows [start, start + size) that start at every multiple of `slide` plus `offset`; tumbling: slide = size. */
export interface WindowSpec {
  readonly kind: 'tumbling' | 'sliding'
  readonly sizeMs: number
  readonly slideMs: number
  readonly offsetMs: number
}

export type BuiltInAggregate = 'count' | 'sum' | 'avg' | 'min' | 'max'

/** A user's own aggregate; `merge` is needed where windows share slices. */
export interface CustomAggregate {
  readonly create: () => unknown
  readonly add: (accumulator: never, row: never) => unknown
  readonly merge: (a: never, b: never) => unknown
  readonly result: (accumulator: never) => unknown
}

export interface AggregateCall {
  /** The output column. */
  readonly name: string
  readonly aggregate: BuiltInAggregate | CustomAggregate
  /** What is aggregated; null for count and for custom ones, which see the row. */
  readonly argument: Expression | null
}

/** Grouped (key), global (no key), windowed or not. Rows: key columns, then windowStart and windowEnd, then aggregates. */
export interface AggregateNode extends Common {
  readonly kind: 'aggregate'
  readonly input: PlanNode
  readonly key: KeySpec | null
  readonly window: WindowSpec | null
  readonly aggregates: readonly AggregateCall[]
}

/** Rows of a key folded two by two; output: the folded row. */
export interface ReduceNode extends Common {
  readonly kind: 'reduce'
  readonly input: PlanNode
  readonly key: KeySpec
  readonly window: WindowSpec | null
  readonly fn: UserFunction
}

/** All rows of a key and window, given to a function that returns rows. */
export interface WindowProcessNode extends Common {
  readonly kind: 'windowProcess'
  readonly input: PlanNode
  readonly key: KeySpec
  readonly window: WindowSpec
  readonly fn: UserFunction
}

/** Running values: for every row, the fold of its key's rows so far. */
export interface ScanNode extends Common {
  readonly kind: 'scan'
  readonly input: PlanNode
  readonly key: KeySpec
  readonly initial: () => unknown
  readonly fn: UserFunction
}

/** A user's keyed function with declared state, timers and side outputs. */
export interface ProcessNode extends Common {
  readonly kind: 'process'
  readonly input: PlanNode
  readonly key: KeySpec
  readonly state: Readonly<Record<string, StateSpec>>
  readonly sides: Readonly<Record<string, Schema>>
  readonly onElement: UserFunction
  readonly onTimer: UserFunction | undefined
}

/** A user's function of two collections: rows of one, by key or not, and rows of the other, which every worker sees. */
interface ConnectBroadcastNode extends Common {
  readonly kind: 'connectBroadcast'
  readonly input: PlanNode
  readonly broadcast: PlanNode
  readonly key: KeySpec | null
  readonly state: Readonly<Record<string, StateSpec>>
  readonly sides: Readonly<Record<string, Schema>>
  readonly onElement: UserFunction
  readonly onBroadcast: UserFunction
  readonly onTimer: UserFunction | undefined
}

export type JoinHow = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti'

/**
 * A column of a join: the left or right input's column of that index; or, of a full join, key column `column` (an
 * index into both keys' `columns`), equal on both sides and taken from whichever is present.
 */
export interface JoinColumn {
  readonly side: 'left' | 'right' | 'key'
  readonly column: number
}

/**
 * How rows that match meet where there are several workers: both sides are dealt out by key; or every worker has the whole
 * right, and left rows stay where they are.
 */
type JoinStrategy = 'hash' | 'broadcast'

export interface JoinNode extends Common {
  readonly kind: 'join'
  readonly left: PlanNode
  readonly right: PlanNode
  readonly how: JoinHow
  readonly strategy: JoinStrategy
  readonly leftKey: KeySpec
  readonly rightKey: KeySpec
  /**
   * Where output columns come from, in the order of `schema`; null when `select` makes the row. Of a semi or anti join,
   * all columns of the left: it lets rows of the left through as they are.
   */
  readonly columns: readonly JoinColumn[] | null
  readonly select: UserFunction | null
}

export interface DistinctNode extends Common {
  readonly kind: 'distinct'
  readonly input: PlanNode
  /** Null: whole rows; otherwise the first row of each key. */
  readonly key: KeySpec | null
}

export interface SortNode extends Common {
  readonly kind: 'sort'
  readonly input: PlanNode
  readonly by: readonly { readonly expression: Expression; readonly descending: boolean }[]
}

export interface LimitNode extends Common {
  readonly kind: 'limit'
  readonly input: PlanNode
  readonly rows: number
}

/** A DataSet read as the stream of its rows: nothing but a change of kind. */
export interface StreamNode extends Common {
  readonly kind: 'stream'
  readonly input: PlanNode
}

/** The same rows, dealt out evenly to all workers. */
interface RebalanceNode extends Common {
  readonly kind: 'rebalance'
  readonly input: PlanNode
}

/** A side output of its input: a `process`'s own, `late` of a window, `rejected` of a source. */
export interface SideNode extends Common {
  readonly kind: 'side'
  readonly input: PlanNode
  readonly side: string
}

export interface SinkNode extends Common {
  readonly kind: 'sink'
  readonly input: PlanNode
  readonly sink: SinkSpec
}

export type PlanNode =
  | SourceNode
  | FunctionNode
  | MapAsyncNode
  | WhereNode
  | ProjectNode
  | EventTimeNode
  | UnionNode
  | AggregateNode
  | ReduceNode
  | WindowProcessNode
  | ScanNode
  | ProcessNode
  | ConnectBroadcastNode
  | JoinNode
  | DistinctNode
  | SortNode
  | LimitNode
  | StreamNode
  | RebalanceNode
  | SideNode
  | SinkNode

export type NodeKind = PlanNode['kind']
type OfKind<N, K> = N extends PlanNode ? (K extends N['kind'] ? N : never) : never
/** The interface of that kind of node. */
export type NodeOf<K extends NodeKind> = OfKind<PlanNode, K>
