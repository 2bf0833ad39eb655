/**
 * The vertex around an operator: resolves keys, lends batches, keeps timers and metrics. Written once for all of
 * them; it is the operator's whole world.
 *
 * Build inputs are read to their end first: the operator sees nothing of its other inputs before. These wait in their
 * channels or, where that would hold up what the build side itself waits for, are taken in and kept in order
 * (`KeptInput`). Only epochs of theirs pass meanwhile: others may wait for them, and no row has come out.
 */
import { type Batch, compact, ValueError } from '@millrace/algebra'
import { type CallSite, MillraceError } from '@millrace/plan'
import type { Host } from '../host/host.ts'
import type { Operator, OperatorContext, OperatorSpec } from '../operator.ts'
import type { Json } from '../source.ts'
import { CallClock } from '../state/call-clock.ts'
import type { Capture } from '../state/capture.ts'
import { OperatorState } from '../state/operator-state.ts'
import { memoryStore, type StateStore } from '../state/store.ts'
import { AsyncCalls } from './async-calls.ts'
import { barrierWaits } from './epoch-alignment.ts'
import type { InputPort } from './input-port.ts'
import { type KeptInput, keptDeclarations, keptInputs } from './kept-input.ts'
import { PortSplits, type PortSplitsRecord } from './port-splits.ts'
import { isBatch, isEpoch, isLast, type SplitEvent, type StreamEvent } from './stream-event.ts'
import { timeFrom, timeJson } from './time-json.ts'
import { type PortSpec, type Surroundings, Vertex } from './vertex.ts'
import type { RestoredVertex, VertexRecord } from './vertex-record.ts'

interface OwnRecord {
  readonly [name: string]: Json
  readonly sentWatermark: Json
  readonly sentIdle: boolean
  readonly splits: PortSplitsRecord | null
}

/** One batch in so many is timed. */
const TIMED_EVERY = 16
/** Kept events handed over before others have their turn. */
const KEPT_EVENTS = 16

export class OperatorVertex extends Vertex {
  readonly spec: OperatorSpec
  readonly state: OperatorState
  /** Of an operator that makes watermarks: the last it sent, and whether it has said that it is idle since. */
  sentWatermark = Number.NEGATIVE_INFINITY
  sentIdle = false
  readonly #operator: Operator
  /** Where rows of one split may come by several ports. */
  #splits: PortSplits | undefined
  readonly #host: Host
  readonly #clock: CallClock
  #ids: Int32Array = new Int32Array(1024)
  /** The epoch at whose end its state was last told. */
  #captured: number | undefined
  #split = 0
  #untilTimed = 1
  #cancelTimer: (() => void) | undefined
  readonly #calls: AsyncCalls | undefined
  readonly #builds: readonly InputPort[]
  readonly #kept: readonly KeptInput[]
  /** Inputs that wait for build inputs are taken in. */
  #takesIn: boolean
  #handedOver = 0
  protected override readonly forwardsWatermarks: boolean

  constructor(
    id: number,
    spec: OperatorSpec,
    host: Host,
    surroundings: Surroundings,
    ports?: readonly PortSpec[],
    store: StateStore = memoryStore,
  ) {
    super(id, spec.label, spec.inputs, surroundings, ports)
    this.spec = spec
    this.#host = host
    this.#clock = new CallClock(() => host.now())
    this.forwardsWatermarks = spec.makesWatermarks !== true && spec.holdsTime !== true
    this.#calls = spec.calls === undefined ? undefined : new AsyncCalls(spec.calls, host, () => this.stalled())
    this.state = new OperatorState(
      { ...spec, state: { ...spec.state, ...keptDeclarations(spec.inputs) } },
      store,
      this.#clock,
    )
    this.#builds = this.inputs.filter(input => spec.inputs[input.index].build === true)
    this.#kept = keptInputs(this.inputs, spec.inputs, this.state.handles)
    this.#takesIn = spec.inputs.some(input => input.early === true)
    this.#operator = spec.create(this.state.handles as never, this.#context())
  }

  get site(): CallSite | undefined {
    return this.spec.site
  }

  #context(): OperatorContext {
    const vertex = this
    return {
      get ids() {
        return vertex.#ids
      },
      get keys() {
        return vertex.state.index!
      },
      get split() {
        return vertex.#split
      },
      get watermark() {
        return vertex.watermark
      },
      get now() {
        return vertex.#clock.now
      },
      get full() {
        return vertex.full
      },
      emit: (batch, port = 0) => vertex.emit(batch, port, vertex.#split),
      emitWatermark: time => vertex.#mark(time),
      emitIdle: () => {
        vertex.sentIdle = true
        vertex.broadcast({ kind: 'idle' })
      },
      timer: delayMs => vertex.#setTimer(delayMs),
      start: request => vertex.#calls!.start(request),
      count: (metric, by) => {
        vertex.counters[metric] = (vertex.counters[metric] ?? 0) + by
      },
    }
  }

  #mark(time: number): void {
    this.sentWatermark = time
    this.sentIdle = false
    this.broadcast({ kind: 'watermark', time })
  }

  /** Operators below make watermarks by split: tells them apart by port, if there are several. */
  tellSplitsApart(): void {
    if (this.inputs.length > 1) this.#splits = new PortSplits(this.inputs.length)
  }

  override handle(input: InputPort, event: StreamEvent, split: number): void {
    if (this.#splits?.begun === false) this.#beginSplits(this.#splits, input)
    const kept = this.#isBuilding ? this.#kept.find(k => k.input === input.index) : undefined
    if (kept === undefined || isEpoch(event)) super.handle(input, event, split)
    else {
      kept.append(event, split, input)
      if (isLast(event)) this.keptToEnd(input)
      if (this.keptBytes > (this.surroundings.keeps ?? Number.POSITIVE_INFINITY))
        throw this.#located(this.#keepsTooMuch())
    }
  }

  #beginSplits(splits: PortSplits, input: InputPort): void {
    for (const control of splits.begin()) super.receive(input, control, 0)
    this.advance()
  }

  /** About how much memory the rows take that wait for build inputs. */
  get keptBytes(): number {
    return this.#kept.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  #keepsTooMuch(): MillraceError {
    return new MillraceError(
      'MEMORY_LIMIT',
      `invalid join: keeps more than ${this.surroundings.keeps} bytes of its left`,
      {
        hint: 'its sides come from one source, or wait for each other: give the environment more memory, or read the right side from a source of its own',
      },
    )
  }

  protected override receive(input: InputPort, event: StreamEvent, split: number): void {
    const splits = this.#splits
    if (splits === undefined) return super.receive(input, event, split)
    const port = this.inputs.indexOf(input as InputPort<Vertex>)
    if (isBatch(event)) return super.receive(input, event, splits.numberOf(port, split))
    for (const control of splits.translate(port, event)) super.receive(input, control, 0)
  }

  protected process(batch: Batch, input: number, split: number): void {
    this.#split = split
    if (--this.#untilTimed > 0) return this.#run(batch, input)
    this.#untilTimed = TIMED_EVERY
    const begin = this.#host.elapsed()
    this.#run(batch, input)
    this.busyMs += (this.#host.elapsed() - begin) * TIMED_EVERY
  }

  #run(batch: Batch, input: number): void {
    this.#clock.begin()
    try {
      const spec = this.spec.inputs[input]
      if (spec.key === undefined || this.#operator.readsKeys === false) {
        this.#operator.process(batch, input)
        return this.state.settle()
      }
      this.#ids = this.state.resolve(batch, spec, this.#ids)
      const loading = this.state.load(this.#ids, batch.length)
      if (loading !== null) return this.#runLoaded(batch, input, loading)
      this.#operator.process(batch, input)
      this.state.settleBatch(this.#ids, batch.length)
    } catch (error) {
      throw this.#located(error)
    }
  }

  /** Keeps the batch until its keys' state is in memory; nothing else reaches the operator meanwhile. */
  #runLoaded(batch: Batch, input: number, loading: Promise<unknown>): void {
    const kept = compact(batch)
    let loaded = false
    let failure: { readonly error: unknown } | undefined
    const settled = (): void => {
      loaded = true
      this.stalled()
    }
    loading.then(settled, (error: unknown) => {
      failure = { error }
      settled()
    })
    this.schedule(() => {
      if (!loaded) return false
      if (failure !== undefined) throw this.#located(failure.error)
      return this.#guard(() => {
        this.#operator.process(kept, input)
        this.state.settleBatch(this.#ids, kept.length)
        return true
      })
    })
    this.stalled()
  }

  /** The error with the operator and the user's call site, as far as it does not know them. */
  #located(error: unknown): unknown {
    const where = { operator: this.label, site: this.spec.site }
    if (error instanceof MillraceError) return error.with(where)
    if (error instanceof ValueError)
      return new MillraceError('INVALID_VALUE', error.message, { ...where, cause: error })
    return error
  }

  #guard(step: () => boolean): boolean {
    this.#clock.begin()
    try {
      const done = step()
      if (done) this.state.settle()
      return done
    } catch (error) {
      throw this.#located(error)
    }
  }

  /** What has been answered comes first, also where an unfinished step waits for it. */
  override advance(): void {
    if (this.#calls?.waiting === true && !this.ended && !this.full)
      this.#guard(() => {
        this.#operator.onAnswers!(this.#calls!.take())
        return true
      })
    super.advance()
  }

  override get restless(): boolean {
    return super.restless || this.#calls?.waiting === true
  }

  protected onWatermark(watermark: number): boolean {
    return this.#guard(() => this.#operator.onWatermark?.(watermark) ?? true)
  }

  protected onEpoch(epoch: number): boolean {
    return this.#guard(() => this.#operator.onEpoch?.(epoch) ?? true)
  }

  protected onSplit(event: SplitEvent, split: number): void {
    if (event === 'splitStart') this.#operator.onSplitStart?.(split)
    else if (event === 'splitEnd') this.#operator.onSplitEnd?.(split)
    else this.#operator.onCaughtUp?.(split)
  }

  protected onInputEnd(input: number): boolean {
    const done = this.#guard(() => this.#operator.onInputEnd?.(input) ?? true)
    if (done && this.spec.inputs[input].build === true && !this.#isBuilding) this.schedule(() => this.#handOver())
    return done
  }

  /** One kept event, then the steps that follow from it, then the next. */
  #handOver(): boolean {
    if (this.full || ++this.#handedOver > KEPT_EVENTS) {
      this.#handedOver = 0
      return false
    }
    const kept = this.#kept.find(k => !k.isEmpty)
    if (kept === undefined) return true
    kept.pass((event, split, port) => this.receive(port, event, split))
    this.schedule(() => this.#handOver())
    return true
  }

  protected override onBuildStop(): void {
    if (!this.#isBuilding) this.schedule(() => this.#handOver())
  }

  protected onEnd(): boolean {
    this.#endTimer()
    const done = this.#guard(() => this.#operator.onEnd?.() ?? true)
    if (this.#calls === undefined) return done
    if (!done) this.cutAtEnd()
    if (!done && this.surroundings.suspended !== true) return false
    this.dispose()
    return true
  }

  protected override onIdle(): void {
    this.#guard(() => {
      this.#operator.onIdle?.()
      return true
    })
  }

  protected override onAwake(time: number): boolean {
    return this.spec.holdsTime !== true || this.onWatermark(time)
  }

  /** Of what is given up nothing is waited for. */
  protected override onStop(): boolean {
    const done = this.surroundings.suspended === true || this.#guard(() => this.#operator.onStop?.() ?? true)
    if (done) this.dispose()
    return done
  }

  /** Open build inputs: those read to their end before the others. */
  get building(): readonly InputPort[] {
    return this.#builds.filter(input => !input.done)
  }

  get #isBuilding(): boolean {
    for (let i = 0; i < this.#builds.length; i++) if (!this.#builds[i].done) return true
    return false
  }

  /** Has what waits for build inputs read, and kept; false if it is already. */
  takeIn(): boolean {
    if (this.#takesIn || this.#kept.length === 0) return false
    this.#takesIn = true
    this.stalled()
    return true
  }

  protected wants(input: number): boolean {
    if (this.#calls !== undefined && !this.#mayAsk) return false
    return this.#takesIn || !this.#isBuilding || this.spec.inputs[input].build === true || barrierWaits(this.#builds)
  }

  /** It asks for more, or has to take what comes before a barrier. */
  get #mayAsk(): boolean {
    return this.#operator.takes !== false || this.surroundings.awaitedBarrier?.(this) !== undefined
  }

  protected override tellState(epoch: number): void {
    const states = this.spec.transient === true ? new Map() : this.#capture(epoch)
    this.surroundings.snapshot?.(this, epoch, this.record(), states)
  }

  #capture(epoch: number): Capture {
    const kind = this.surroundings.captureKind?.(epoch)
    const last = this.#captured
    this.#captured = epoch
    return this.state.capture(kind?.whole ?? true, last === kind?.counts, kind?.pieceIds)
  }

  override record(): VertexRecord {
    const { finished, watermark, driver } = super.record()
    const { sentWatermark, sentIdle } = this
    const splits = this.#splits?.record() ?? null
    const own = { sentWatermark: timeJson(sentWatermark), sentIdle, splits }
    return { finished, watermark, driver: { ...(driver as object), own } }
  }

  /** Goes on from a checkpoint: states, then channels, then whatever was due meanwhile. */
  override restore(from: RestoredVertex): void {
    super.restore(from)
    const { record, states, moved } = from
    if (record.finished) return
    if (this.spec.transient !== true) this.state.restore(states)
    for (const kept of this.#kept) kept.restored()
    const { own } = record.driver as { readonly own: OwnRecord }
    this.sentWatermark = timeFrom(own.sentWatermark)
    this.#operator.onRestore?.()
    if (moved) return
    this.sentIdle = own.sentIdle
    if (own.splits !== null) this.#splits?.restore(own.splits)
  }

  protected override get announced(): number {
    return this.forwardsWatermarks ? this.watermark : this.sentWatermark
  }

  #setTimer(delayMs: number): void {
    this.#endTimer()
    const atMs = this.#host.now() + delayMs
    this.#cancelTimer = this.#host.timer(atMs, () => {
      this.#cancelTimer = undefined
      if (this.ended) return
      this.schedule(() => this.#guard(() => this.#operator.onTimer?.(this.#host.now()) ?? true))
      this.stalled()
    })
  }

  #endTimer(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  /** Lets go of the timer, and of what it has asked for. */
  dispose(): void {
    this.#endTimer()
    this.#calls?.cancel(jobOver())
  }
}

function jobOver(): MillraceError {
  return new MillraceError('CANCELLED', 'invalid call: the job is over, or goes on elsewhere')
}
