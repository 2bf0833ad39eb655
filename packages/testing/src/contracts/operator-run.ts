/**
 * Runs a script through an operator in its vertex, with a driver's freedoms: how rows are cut into batches, where it is
 * stopped and restored into a fresh vertex, how soon what is below has enough, when inputs that wait for a build input
 * are taken in. What comes out should not show it.
 */

import { isDeepStrictEqual } from 'node:util'
import type { Batch } from '@millrace/algebra'
import {
  InputPort,
  isBatch,
  type OperatorSnapshot,
  type OperatorSpec,
  OperatorVertex,
  SimulatedHost,
  type StateStore,
  type StreamEvent,
} from '@millrace/runtime/inside'
import { rowsOf, type SampleRow } from '../batches.ts'
import { Noise } from '../columns.ts'
import { CaptureChain } from './capture-chain.ts'
import { copySnapshot } from './copy-snapshot.ts'
import { LentBatch } from './lent-batch.ts'
import type { OperatorEvent } from './operator-events.ts'

/** What came out; controls as they came out of port 0. */
export type OperatorOutput =
  | { readonly kind: 'row'; readonly port: number; readonly row: SampleRow }
  | Exclude<StreamEvent, Batch>

export interface OperatorRun {
  /** Of the cuts and of the layout of batches: the same seed gives the same. */
  readonly seed: number
  /** Rows in a batch at most. */
  readonly batchRows: number
  /**
   * One chance in so many to be stopped and restored, wherever that is possible; 0: never. Then inputs that wait for a
   * build input are also taken in now and then.
   */
  readonly stopsOneIn: number
  /** One chance in so many that its state begins to be told, wherever that is possible; default: never. */
  readonly capturesOneIn?: number
  /** Makes where state is kept; default: in memory. */
  readonly store?: () => StateStore
  /** What is below has enough after every batch, until it has been read. */
  readonly throttled: boolean
  /** Batches that a resumable step may still emit to a port when downstream has enough; default 2. */
  readonly batchesAStep?: number
}

/** Runs the script to its end; every input must end in it. */
export function runOperator(
  spec: () => OperatorSpec,
  events: readonly OperatorEvent[],
  run: OperatorRun,
): OperatorOutput[] {
  const specs = spec()
  const bench = new Bench(spec, run)
  const cuts = new Noise(run.seed)
  const stops = new Noise(run.seed + 1)
  const takes = new Noise(run.seed + 2)
  for (const piece of cut(events, () => 1 + cuts.below(run.batchRows))) {
    if (Array.isArray(piece)) {
      const { input, split } = piece[0]
      const { schema } = specs.inputs[input]
      bench.send(
        input,
        split,
        () =>
          new LentBatch(
            schema,
            piece.map(e => e.row),
            cuts.below(1e9),
          ),
      )
    } else bench.happen(piece)
    if (run.stopsOneIn > 0 && takes.below(4) === 0) bench.takeIn()
    if (run.capturesOneIn !== undefined) bench.goOnTelling(run.capturesOneIn)
    if (run.stopsOneIn > 0 && stops.below(run.stopsOneIn) === 0) bench.restart()
  }
  bench.finish()
  return bench.outputs
}

type RowEvent = Extract<OperatorEvent, { kind: 'row' }>
type OtherEvent = Exclude<OperatorEvent, RowEvent>

/** Rows that follow one another on one input, in pieces of the lengths drawn; all else by itself. */
function cut(events: readonly OperatorEvent[], draw: () => number): (RowEvent[] | OtherEvent)[] {
  const pieces: (RowEvent[] | OtherEvent)[] = []
  let open: RowEvent[] = []
  let room = 0
  for (const event of events) {
    if (event.kind !== 'row') {
      pieces.push(event)
      room = 0
    } else if (room > 0 && event.input === open[0].input && event.split === open[0].split) {
      open.push(event)
      room--
    } else {
      open = [event]
      room = draw() - 1
      pieces.push(open)
    }
  }
  return pieces
}

/** The place of whatever is downstream: writes down what comes. */
class OutputPort extends InputPort<OperatorVertex> {
  readonly #written: OperatorOutput[]
  readonly #run: OperatorRun
  batches = 0
  enough = false

  constructor(vertex: OperatorVertex, port: number, written: OperatorOutput[], run: OperatorRun) {
    super(vertex, port)
    this.#written = written
    this.#run = run
  }

  override get full(): boolean {
    return this.enough
  }

  override push(event: StreamEvent): void {
    if (isBatch(event)) {
      this.batches++
      this.enough = this.#run.throttled
      for (const row of rowsOf(event)) this.#written.push({ kind: 'row', port: this.index, row })
    } else if (this.index === 0) this.#written.push(event)
  }
}

type Delivery = { readonly kind: 'batch'; readonly lent: () => LentBatch } | Exclude<StreamEvent, Batch>

/** What the end of an input may set off: its own step, the last watermark, the last epoch, the end. */
const STEPS = 4

interface ToldState {
  readonly snapshot: OperatorSnapshot
  readonly now: number
}

class Bench {
  readonly outputs: OperatorOutput[] = []
  readonly #spec: () => OperatorSpec
  readonly #run: OperatorRun
  readonly #host: SimulatedHost
  /** What each input's channel holds back while the operator does not read it. */
  readonly #queues: { readonly delivery: Delivery; readonly split: number }[][]
  readonly #sentEnd: boolean[]
  #vertex: OperatorVertex
  #ports: OutputPort[] = []
  #epoch = 0
  #betweenEpochs = false
  readonly #captures: Noise
  #chain: CaptureChain
  /** What the state was when it began to be told, and when that was. */
  #told: ToldState | undefined

  constructor(spec: () => OperatorSpec, run: OperatorRun) {
    this.#spec = spec
    this.#run = run
    this.#host = new SimulatedHost(run.seed)
    this.#captures = new Noise(run.seed + 3)
    this.#vertex = this.#fresh()
    this.#chain = new CaptureChain(this.#vertex.state, this.#captures)
    this.#queues = this.#vertex.inputs.map(() => [])
    this.#sentEnd = this.#vertex.inputs.map(() => false)
  }

  #fresh(): OperatorVertex {
    const surroundings = { stalled: () => {}, blocked: () => {} }
    const store = this.#run.store?.()
    const vertex = new OperatorVertex(0, this.#spec(), this.#host, surroundings, undefined, store)
    this.#ports = vertex.spec.outputs.map((_, port) => new OutputPort(vertex, port, this.outputs, this.#run))
    vertex.outputs.push(...this.#ports.map(port => [port]))
    vertex.seeDownstream()
    return vertex
  }

  send(input: number, split: number, lent: () => LentBatch): void {
    this.#queues[input].push({ delivery: { kind: 'batch', lent }, split })
    this.#betweenEpochs = false
    this.#pump()
  }

  happen(event: OtherEvent): void {
    this.#betweenEpochs = event.kind === 'epoch'
    if (event.kind === 'clock') {
      this.#host.advance(event.byMs)
      this.#settle()
    } else if (event.kind === 'epoch') {
      this.#epoch++
      this.#queues.forEach((queue, input) => {
        if (!this.#sentEnd[input])
          queue.push({ delivery: { kind: 'epoch', epoch: this.#epoch, barrier: false }, split: 0 })
      })
    } else {
      if (event.kind === 'end') this.#sentEnd[event.input] = true
      this.#queues[event.input].push({ delivery: event, split: 0 })
    }
    this.#pump()
  }

  takeIn(): void {
    if (this.#vertex.building.length > 0 && this.#vertex.takeIn()) this.#pump()
  }

  /** Delivers what is read, until nothing is; where the operator waits for answers, time passes. */
  #pump(): void {
    for (let moved = true; moved || this.#waitsForAnswers; ) {
      if (!moved) this.#pass()
      moved = false
      this.#queues.forEach((queue, input) => {
        const port = this.#vertex.inputs[input]
        while (queue.length > 0 && this.#vertex.accepts(port)) {
          const { delivery, split } = queue.shift()!
          this.#deliver(port, delivery, split)
          moved = true
        }
      })
    }
  }

  get #waitsForAnswers(): boolean {
    if (this.#vertex.spec.calls === undefined) return false
    return this.#queues.some((queue, input) => queue.length > 0 && this.#vertex.inputs[input].aligned === 0)
  }

  #pass(): void {
    this.#host.advance(5)
    this.#settle()
  }

  #deliver(port: InputPort, delivery: Delivery, split: number): void {
    this.#readOutputs()
    if (delivery.kind === 'batch') {
      const lent = delivery.lent()
      port.push(lent.batch, split)
      lent.checkUnchanged()
      lent.poison()
    } else {
      port.push(delivery, split)
      this.#checkPatience()
    }
    this.#settle()
  }

  /** Lets resumable steps finish, reading what is below between their calls. */
  #settle(): void {
    for (let turns = 0; this.#vertex.restless; turns++) {
      if (turns > 100_000) throw new Error('a resumable step never finishes')
      const before = this.outputs.length
      this.#readOutputs()
      this.#vertex.advance()
      this.#checkPatience()
      const waits = this.#vertex.spec.calls !== undefined && this.#vertex.pending && this.outputs.length === before
      if (waits) this.#host.advance(5)
    }
  }

  #readOutputs(): void {
    for (const out of this.#ports) {
      out.enough = false
      out.batches = 0
    }
  }

  /** One call may run all the steps of an input's end. */
  #checkPatience(): void {
    const most = (this.#run.batchesAStep ?? 2) * STEPS
    if (this.#run.throttled && this.#ports.some(out => out.batches > most))
      throw new Error('a resumable step goes on emitting though downstream has enough')
  }

  /** Whether this is a place where the state may be told. */
  get #mayStop(): boolean {
    const vertex = this.#vertex
    if (vertex.pending || vertex.ended || vertex.inputs.some(input => input.aligned > 0)) return false
    if (vertex.spec.needsEpochs !== true) return true
    return this.#betweenEpochs && this.#queues.every(queue => queue.length === 0)
  }

  /** Has the state told piece by piece, while the operator goes on; a fresh one that is restored from it is as it was. */
  goOnTelling(oneIn: number): void {
    const { state } = this.#vertex
    if (this.#chain.isOpen) this.#chain.pull()
    if (this.#captures.below(oneIn) > 0 || !this.#mayStop) return
    if (this.#told !== undefined && this.#captures.below(4) > 0) this.#checkTold(this.#told)
    this.#told = { snapshot: copySnapshot(state.snapshot()), now: this.#host.now() }
    this.#chain.begin()
  }

  #checkTold({ snapshot, now }: ToldState): OperatorSnapshot {
    const host = new SimulatedHost(this.#run.seed)
    host.advance(now - host.now())
    const vertex = new OperatorVertex(0, this.#spec(), host, { stalled: () => {}, blocked: () => {} })
    const told = this.#chain.end()
    this.#told = undefined
    vertex.state.restore(told)
    const restored = copySnapshot(vertex.state.snapshot())
    vertex.dispose()
    if (!isDeepStrictEqual(restored, snapshot))
      throw new Error('a state that was told while it went on has another snapshot than when that began')
    return told
  }

  /** A snapshot as another process would read it. */
  #snapshot(): OperatorSnapshot {
    const { state } = this.#vertex
    const snapshot = copySnapshot(state.snapshot())
    if (this.#run.capturesOneIn === undefined) return snapshot
    this.#chain.begin()
    return this.#checkTold({ snapshot, now: this.#host.now() })
  }

  /** Stops and goes on in a fresh vertex, if this is a place for it. */
  restart(): void {
    const old = this.#vertex
    if (!this.#mayStop) return
    // Before: a snapshot at once lets go of what has expired meanwhile.
    if (this.#told !== undefined) this.#checkTold(this.#told)
    const snapshot = copySnapshot(old.state.snapshot())
    const stored = this.#snapshot()
    old.dispose()
    const vertex = this.#fresh()
    vertex.restore({ record: old.record(), states: stored, moved: false, formerly: 1 })
    if (vertex.spec.transient === true) vertex.state.restore(stored)
    this.#chain = new CaptureChain(vertex.state, this.#captures)
    if (!isDeepStrictEqual(copySnapshot(vertex.state.snapshot()), snapshot))
      throw new Error('a restored state has another snapshot than the one it was made from')
    this.#vertex = vertex
  }

  finish(): void {
    if (!this.#vertex.ended) throw new Error('the operator has not ended though all its inputs have')
    this.#vertex.dispose()
  }
}
