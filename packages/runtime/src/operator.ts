/**
 * The operator contract.
 *
 * An operator is a synchronous, deterministic state machine over batches. It reads no clock, keeps nothing outside
 * the state it declares, and emits batches; the driver owns everything else: order, watermarks, epochs, timers,
 * backpressure, residency, snapshots, metrics. Only `process` is required.
 *
 * Methods that may have much to emit are *resumable*: they return false to be called again with the same argument
 * once there is room (`context.full`). Until they return true nothing else, no batch and no barrier, reaches the
 * operator, so a cursor between two calls need not be state.
 *
 * What takes time and comes from outside is asked for by the driver, too (`spec.calls`): the operator keeps the row as a
 * request in its state, starts it, and is given the answer in a call of its own, whatever it waits for in between. Restored,
 * it starts again what it finds there.
 */
import type { Batch, KeyIndex, Schema } from '@millrace/algebra'
import type { CallSite } from '@millrace/plan'
import type { CallSpec } from './call-spec.ts'
import type { HandlesOf, StateDeclarations } from './state/declaration.ts'
import type { Request } from './state/requests.ts'

/** True when finished; false to be called again when there is room. */
export type Done = boolean

export interface Operator {
  /** Takes a batch that is lent for the call. */
  process(batch: Batch, input: number): void
  /** No row at or before `watermark` will come any more; then the watermark is forwarded. */
  onWatermark?(watermark: number): Done
  /** The epoch has ended on every input: emit its consolidated changes. */
  onEpoch?(epoch: number): Done
  /** Its state is that of a checkpoint, from which the job goes on: processing-time timers are to be set anew. */
  onRestore?(): void
  /** A processing-time timer set through the context is due. */
  onTimer?(timeMs: number): Done
  /** Requests that it has started, each with its answer, in the order in which the Host has them. */
  onAnswers?(answered: readonly Request[]): void
  /** With `spec.holdsTime`: nothing may come for a while; what does is followed by `onWatermark`, perhaps of the same time. */
  onIdle?(): void
  /** The job is stopped before the end of its input: done when there is nothing left that it has begun. */
  onStop?(): Done
  /** A split of the source above has been opened. */
  onSplitStart?(split: number): void
  /** A split of the source above has ended. */
  onSplitEnd?(split: number): void
  /** A split of the live source above has given every row it has for now. */
  onCaughtUp?(split: number): void
  onInputEnd?(input: number): Done
  /** Every input has ended, after the last watermark (+infinity) and the last epoch. */
  onEnd?(): Done
  /** False: batches come without the ids of their keys, and no key is kept for them. Asked before each batch. */
  readonly readsKeys?: boolean
  /**
   * False, of an operator with `spec.calls`: it has enough to ask for, and its input waits. But it takes what comes before
   * the barrier of a checkpoint, which waits for no answer.
   */
  readonly takes?: boolean
}

export interface OperatorContext {
  /** The dense key ids of the rows of the batch being processed, for inputs that declare a key; -1: key not present. */
  readonly ids: Int32Array
  /** The keys behind the ids, where an input declares a key. */
  readonly keys: KeyIndex
  /** The split that the batch being processed came from, where the operator stands above a source; else 0. */
  readonly split: number
  /** The operator's own watermark: the minimum over its inputs; -Infinity before the first. */
  readonly watermark: number
  /**
   * Processing time, milliseconds since 1970: the one moment of this call, and never before that of an earlier one. What
   * depends on it comes out differently every time the job runs.
   */
  readonly now: number
  /** True while downstream has enough; resumable methods should then return false. */
  readonly full: boolean
  /** Sends a batch on; port 0 is the main output, the others are side outputs. Empty batches go nowhere. */
  emit(batch: Batch, port?: number): void
  /** For operators that make watermarks or hold them (`spec.makesWatermarks`, `spec.holdsTime`). */
  emitWatermark(watermark: number): void
  emitIdle(): void
  /** Asks for `onTimer` not before `delayMs` from now in processing time; a later call moves it. */
  timer(delayMs: number): void
  /** Has a request asked for, with the function of `spec.calls`. */
  start(request: Request): void
  /** Adds to a counter shown in the metrics (`late`, `skipped`). */
  count(metric: string, by: number): void
}

export interface InputSpec {
  readonly schema: Schema
  /** Which columns are the key; the driver resolves each row to a dense id before `process`. */
  readonly key?: {
    readonly columns: readonly number[]
    /** 'find': rows with a key not present get id -1 instead of a new one. */
    readonly missing: 'insert' | 'find'
  }
  /** Read to its end before the operator sees anything of the other inputs; its epochs end nothing. */
  readonly build?: boolean
  /**
   * Does not wait in its channel while a build input is open: the driver reads it and keeps what comes, to hand it over
   * afterwards as it came. It does so with every input that turns out to hold up a build input.
   */
  readonly early?: boolean
  /** Its rows have no event time: its watermark, which comes with its end, is waited for by nothing. */
  readonly timeless?: boolean
  /**
   * How rows come to it where there are several workers; default: by key group ('hash') where there is a key, else they
   * stay where they are ('forward').
   */
  readonly exchange?: 'forward' | 'broadcast' | 'rebalance'
}

export interface OperatorSpec<S extends StateDeclarations = StateDeclarations> {
  readonly label: string
  readonly inputs: readonly InputSpec[]
  /** Port 0, then side outputs. */
  readonly outputs: readonly Schema[]
  readonly state: S
  /** Emits changes at the end of an epoch, so that the job must have epochs. */
  readonly needsEpochs?: boolean
  /**
   * What it is of the plan's node it was made for, where that became several operators: `chain`, `partial`. The one that
   * holds the node's state has none.
   */
  readonly role?: string
  /** What it holds is gone at the end of every epoch, or not worth keeping: it takes no part in checkpoints. */
  readonly transient?: boolean
  /** One subtask sees all rows: it runs on one worker. */
  readonly global?: boolean
  /** Sends watermarks of its own; those that reach it end there. */
  readonly makesWatermarks?: boolean
  /**
   * Holds watermarks and idleness back until what came before them has left, and sends them on itself: also the last
   * watermark, +infinity.
   */
  readonly holdsTime?: boolean
  /** What it has asked for outside. */
  readonly calls?: CallSpec
  /** Makes watermarks that may be so much ahead of others' that are aligned; then the sources above wait. */
  readonly alignMs?: number | undefined
  readonly site?: CallSite | undefined
  readonly name?: string | undefined
  create(state: HandlesOf<S>, context: OperatorContext): Operator
}

/** Lets specs with differently typed state stand in one list. */
export function operatorSpec<S extends StateDeclarations>(spec: OperatorSpec<S>): OperatorSpec {
  return spec as unknown as OperatorSpec
}
