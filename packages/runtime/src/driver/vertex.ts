/**
 * A vertex: one operator or sink in the running job, with its inputs, and the rules that hold for all of them.
 *
 * - Watermark: the minimum over inputs that are neither idle nor ended; it never goes back. All idle: idle is forwarded.
 *   Build inputs take no part: the others' events, watermarks too, come after all of theirs (`OperatorVertex`).
 * - Epoch: aligned; an input that has delivered its end waits for the others (`endedEpoch`). At a checkpoint's barrier it
 *   says what it remembers before it lets the barrier go on.
 * - End: after every input has ended, a last watermark (+infinity), the end of the last epoch, the end.
 * - Stop: an input that is stopped gives no more, but has not ended: time stays where it is. After every input has ended
 *   or was stopped, the end of the last epoch, and the stop goes on. Without the whole of its build side an operator
 *   leaves the rest of its input unread.
 *
 * An input has one port for each channel that feeds it: from the same site, and from each of the others.
 *
 * What is resumable waits on the *agenda*: steps that are tried in order until one is not done. A vertex with an
 * agenda accepts nothing, so its steps see no rows in between.
 */
import type { Batch } from '@millrace/algebra'
import type { CallSite } from '@millrace/plan'
import type { ChannelReceiver } from '../channel/channel.ts'
import type { InputSpec } from '../operator.ts'
import type { Json } from '../source.ts'
import type { Capture } from '../state/capture.ts'
import { endedEpoch } from './epoch-alignment.ts'
import type { Outlet } from './exchange.ts'
import { InputPort, type PortRecord } from './input-port.ts'
import { RemotePort } from './remote-port.ts'
import { type Control, isBatch, type SplitEvent, type StreamEvent } from './stream-event.ts'
import { timeFrom, timeJson } from './time-json.ts'
import type { CaptureKind, RestoredVertex, VertexRecord, VertexStates } from './vertex-record.ts'

/** The epoch that ends with the input itself. */
export const LAST_EPOCH = Number.MAX_SAFE_INTEGER

/** A channel into an input: from the same site, from another; or none, of an input that is empty here. */
export interface PortSpec {
  readonly input: number
  readonly channel: 'local' | 'none' | ChannelReceiver
}

/** Where a vertex hangs in its job. */
export interface Surroundings {
  /** This vertex has something queued or unfinished, and wants to be visited. */
  stalled(vertex: Vertex): void
  /** It waits for room below: to be visited again, but nothing to wake up for. */
  blocked(vertex: Vertex): void
  /** Bytes that an operator may keep of inputs that wait for others; default: without limit. */
  readonly keeps?: number
  /** A vertex says what it remembers at the barrier that ends an epoch. */
  snapshot?(
    vertex: Vertex,
    epoch: number,
    record: VertexRecord,
    states?: VertexStates | Capture,
    handles?: readonly Json[],
  ): void
  /** How much of its state a vertex is to tell at the barrier that ends an epoch; default: all. */
  captureKind?(epoch: number): CaptureKind
  /** The epoch of a checkpoint that is being taken, of which this vertex has not seen the barrier; undefined: there is none. */
  awaitedBarrier?(vertex: Vertex): number | undefined
  /** The last epoch at whose end sources here were cut. */
  readonly epoch?: number
  /** The job was stopped behind a checkpoint, from which it goes on: what comes now is given up. */
  readonly suspended?: boolean
  /** A vertex has said its last. */
  finished?(vertex: Vertex): void
}

export abstract class Vertex {
  readonly id: number
  readonly label: string
  /** Where the user wrote it. */
  abstract readonly site: CallSite | undefined
  readonly inputs: readonly InputPort<Vertex>[]
  /** Per output port, what it feeds. */
  readonly outputs: Outlet[][] = []
  /** Of these, what leads to an operator that tells splits apart: nothing else hears of them. */
  readonly splitOutputs: Outlet[] = []
  /** Every input here, and every channel to another site, that rows sent from here may come to. */
  #downstream: readonly Outlet[] = []
  watermark = Number.NEGATIVE_INFINITY
  /** It has said the last it has to say. */
  ended = false
  /** The job was stopped before all its input had ended. */
  stopped = false
  /** What it needs to make sense of the rest of its input will not come. */
  #discards = false
  rowsIn = 0
  rowsOut = 0
  busyMs = 0
  readonly counters: Record<string, number> = {}
  readonly #specs: readonly InputSpec[]
  protected readonly surroundings: Surroundings
  readonly #agenda: (() => boolean)[] = []
  /** The last epoch that has gone on. */
  #epoch = 0
  /** Steps done so far. */
  #steps = 0
  #idle = false

  /** @param ports default: one for each input, from the same site */
  constructor(
    id: number,
    label: string,
    specs: readonly InputSpec[],
    surroundings: Surroundings,
    ports: readonly PortSpec[] = specs.map((_, input) => ({ input, channel: 'local' })),
  ) {
    this.id = id
    this.label = label
    this.#specs = specs
    this.surroundings = surroundings
    this.inputs = ports.map(({ input, channel }) =>
      typeof channel === 'string' ? new InputPort(this, input) : new RemotePort(this, input, channel),
    )
  }

  /** Finds out what lies below, once the graph is whole. */
  seeDownstream(): void {
    const found = new Set<Outlet>()
    const visit = (outlet: Outlet): void => {
      if (outlet.inside !== undefined) for (const inner of outlet.inside) visit(inner)
      else if (!found.has(outlet)) {
        found.add(outlet)
        if (outlet instanceof InputPort) for (const next of outlet.vertex.outputs.flat()) visit(next)
      }
    }
    for (const outlet of this.outputs.flat()) visit(outlet)
    this.#downstream = [...found]
  }

  /** What the operator or sink does; true when done. */
  protected abstract process(batch: Batch, input: number, split: number): void
  protected abstract onWatermark(watermark: number): boolean
  protected abstract onEpoch(epoch: number): boolean
  protected abstract onSplit(event: SplitEvent, split: number): void
  protected abstract onInputEnd(input: number): boolean
  protected abstract onEnd(): boolean
  /** Of one that does not forward watermarks: all inputs are idle; they are so no longer, but time is where it was. */
  protected onIdle(): void {}
  protected onAwake(_time: number): boolean {
    return true
  }
  protected onStop(): boolean {
    return true
  }
  /** Whether it would read this input now, were there anything. */
  protected abstract wants(input: number): boolean
  /** A channel of an input that others wait for was stopped, or ended after another was. */
  protected onBuildStop(): void {}
  protected readonly forwardsWatermarks: boolean = true

  get pending(): boolean {
    return this.#agenda.length > 0
  }

  /** True while something below has enough queued. */
  get full(): boolean {
    for (let i = 0; i < this.#downstream.length; i++) if (this.#downstream[i].full) return true
    return false
  }

  /** Whether rows sent from here may come to an input. */
  feeds(input: InputPort): boolean {
    return this.#downstream.some(other => other === input)
  }

  accepts(input: InputPort): boolean {
    return this.#agenda.length === 0 && input.aligned === 0 && this.wants(input.index)
  }

  stalled(): void {
    this.surroundings.stalled(this)
  }

  handle(input: InputPort, event: StreamEvent, split: number): void {
    this.receive(input, event, split)
    if (!isBatch(event)) this.advance()
  }

  /** Processes a batch; schedules what follows from anything else. */
  protected receive(input: InputPort, event: StreamEvent, split: number): void {
    if (!isBatch(event)) return this.#control(input, event)
    if (this.#discards) return
    this.rowsIn += event.length
    this.process(event, input.index, split)
  }

  /** Works off the agenda as far as it goes. */
  advance(): void {
    while (this.#agenda.length > 0) {
      if (!this.#agenda[0]()) {
        this.surroundings.blocked(this)
        return
      }
      this.#agenda.shift()
      this.#steps++
    }
  }

  /** Goes on with what is unfinished or queued, at most `turns` events; true if anything moved. */
  visit(turns: number, choose: (count: number) => number): boolean {
    const before = this.rowsOut
    const steps = this.#steps
    this.advance()
    let moved = this.rowsOut !== before || this.#steps !== steps
    for (let i = 0; i < turns && this.#agenda.length === 0; i++) {
      const waiting = this.inputs.filter(input => input.queued > 0 && this.accepts(input) && this.#mayPull(input))
      if (waiting.length === 0) break
      waiting[waiting.length === 1 ? 0 : choose(waiting.length)].pull()
      moved = true
    }
    return moved
  }

  /** What waits in a channel from another site is read only with room below, like what waits in a source. */
  #mayPull(input: InputPort): boolean {
    return !input.remote || !this.full
  }

  /** Something is queued or unfinished. */
  get restless(): boolean {
    return this.#agenda.length > 0 || this.inputs.some(input => input.queued > 0)
  }

  /** Adds a resumable step behind those there are. */
  protected schedule(step: () => boolean): void {
    this.#agenda.push(step)
  }

  emit(batch: Batch, port: number, split: number): void {
    if (batch.length === 0) return
    this.rowsOut += batch.length
    const targets = this.outputs[port]
    for (let i = 0; i < targets.length; i++) targets[i].push(batch, split)
  }

  broadcast(control: Control): void {
    for (const port of this.outputs) for (const target of port) target.push(control, 0)
  }

  protected broadcastSplit(control: Control & { readonly split: number }): void {
    for (const target of this.splitOutputs) target.push(control, 0)
  }

  #control(input: InputPort, control: Control): void {
    if (this.#discards && control.kind !== 'end' && control.kind !== 'stopped') return
    switch (control.kind) {
      case 'watermark':
        input.idle = false
        if (control.time > input.watermark) input.watermark = control.time
        return this.#time()
      case 'idle':
        input.idle = true
        return this.#time()
      case 'epoch':
        if (this.#isBuild(input.index)) input.passed = control.epoch
        if (control.barrier || !this.#isBuild(input.index)) {
          input.aligned = control.epoch
          input.barrier = control.barrier
        }
        return this.#align()
      case 'splitStart':
      case 'splitEnd':
      case 'caughtUp':
        this.schedule(() => {
          this.onSplit(control.kind, control.split)
          this.broadcastSplit(control)
          return true
        })
        return
      case 'end':
        return this.#end(input)
      case 'stopped':
        return this.#stop(input)
    }
  }

  #time(): void {
    let least = Number.POSITIVE_INFINITY
    let active = false
    let open = false
    for (const input of this.inputs) {
      if (input.ended) continue
      if (this.#specs[input.index].build === true) return // the others have said nothing yet
      if (this.#specs[input.index].timeless === true) continue
      open = true
      if (input.idle) continue
      active = true
      if (input.watermark < least) least = input.watermark
    }
    if (!open) return
    if (!active) return this.#goIdle()
    const woken = this.#idle
    this.#idle = false
    if (woken && !(least > this.watermark)) this.#resume()
    this.#advanceTo(least)
  }

  #goIdle(): void {
    if (this.#idle) return
    this.#idle = true
    this.schedule(() => {
      if (this.forwardsWatermarks) this.broadcast({ kind: 'idle' })
      else this.onIdle()
      return true
    })
  }

  /** Says again where time stands, so that nobody below leaves this out any longer. */
  #resume(): void {
    const time = this.watermark
    this.schedule(() => {
      if (!this.forwardsWatermarks) return this.onAwake(time)
      this.broadcast({ kind: 'watermark', time })
      return true
    })
  }

  #advanceTo(time: number): void {
    if (!(time > this.watermark)) return
    this.watermark = time
    this.schedule(() => this.onWatermark(time))
    if (!this.forwardsWatermarks) return
    this.schedule(() => {
      this.broadcast({ kind: 'watermark', time })
      return true
    })
  }

  /** All that a channel gives has come and is kept: no epoch waits for it. */
  protected keptToEnd(input: InputPort): void {
    input.keptToEnd = true
    this.#align()
    this.advance()
  }

  readonly #isBuild = (input: number): boolean => this.#specs[input].build === true

  /** Lets an epoch go on that has ended, or a later one has, on every input that takes part. */
  #align(): void {
    const ended = endedEpoch(this.inputs, this.#isBuild)
    if (ended === undefined || ended.epoch <= this.#epoch) return
    const { epoch, barrier } = ended
    this.#epoch = epoch
    this.schedule(() => this.onEpoch(epoch))
    if (barrier) this.onBarrier(epoch)
    this.schedule(() => {
      for (const input of this.inputs) {
        if (input.aligned !== epoch) continue
        input.aligned = 0
        input.barrier = false
      }
      this.broadcast({ kind: 'epoch', epoch, barrier })
      return true
    })
  }

  /** Schedules what a checkpoint wants of this vertex: everything before the barrier is done, nothing behind it has come. */
  protected onBarrier(epoch: number): void {
    this.schedule(() => {
      this.tellState(epoch)
      return true
    })
  }

  /**
   * All of its inputs have ended, but it has not: for who reads from it, it is like a source, and is cut like one.
   */
  protected cutAtEnd(): void {
    const barrier = this.surroundings.awaitedBarrier?.(this)
    const epoch = barrier ?? this.surroundings.epoch ?? 0
    if (epoch <= this.#epoch) return
    this.#epoch = epoch
    if (barrier !== undefined) this.tellState(epoch)
    this.broadcast({ kind: 'epoch', epoch, barrier: barrier !== undefined })
  }

  protected tellState(epoch: number): void {
    this.surroundings.snapshot?.(this, epoch, this.record())
  }

  /** Where it stands, at a barrier. */
  record(): VertexRecord {
    return {
      finished: false,
      watermark: timeJson(this.watermark),
      driver: { idle: this.#idle, ports: this.inputs.map(input => input.record()) },
    }
  }

  /** Goes on from a barrier. With other channels it only knows from where time goes on. */
  restore({ record: { finished, watermark, driver }, moved }: RestoredVertex): void {
    this.watermark = timeFrom(watermark)
    if (finished) {
      this.ended = true
      for (const input of this.inputs) input.ended = true
      return
    }
    if (moved) return
    const { idle, ports } = driver as { readonly idle: boolean; readonly ports: readonly PortRecord[] }
    this.#idle = idle
    for (const [i, input] of this.inputs.entries()) input.restore(ports[i])
    if (ports.length === 0 || !ports.every(({ ended }) => ended)) return
    this.#finish()
    this.stalled()
  }

  /** With other channels nobody below knows how far time had come here. */
  announce(): void {
    if (this.inputs.length > 0 && this.announced > Number.NEGATIVE_INFINITY)
      this.broadcast({ kind: 'watermark', time: this.announced })
  }

  /** The watermark that it has sent. */
  protected get announced(): number {
    return this.watermark
  }

  /** It had said its last before the checkpoint. Who reads from it may not have heard. */
  endAgain(): void {
    this.broadcast({ kind: 'end' })
  }

  #end(input: InputPort): void {
    if (input.ended) return // said again after a restart
    input.ended = true
    const last = this.inputs.every(i => i.index !== input.index || i.ended)
    if (last && !this.#discards) this.schedule(() => this.onInputEnd(input.index))
    if (this.#discards && this.#specs[input.index].build === true) this.onBuildStop()
    this.#inputDone()
  }

  #stop(input: InputPort): void {
    input.stopped = true
    if (this.#specs[input.index].build === true) {
      this.#discards = true
      this.onBuildStop()
    }
    this.#inputDone()
  }

  #inputDone(): void {
    if (!this.inputs.every(i => i.done)) {
      this.#time()
      this.#align()
    } else if (this.inputs.some(i => i.stopped)) this.#finishStopped()
    else this.#finish()
  }

  #finish(): void {
    this.#advanceTo(Number.POSITIVE_INFINITY)
    this.schedule(() => this.onEpoch(LAST_EPOCH))
    this.schedule(() => this.onEnd())
    this.schedule(() => {
      this.ended = true
      this.broadcast({ kind: 'end' })
      this.surroundings.finished?.(this)
      return true
    })
  }

  #finishStopped(): void {
    if (!this.#discards) {
      this.schedule(() => this.onStop())
      this.schedule(() => this.onEpoch(LAST_EPOCH))
    }
    this.schedule(() => {
      this.ended = true
      this.stopped = true
      this.broadcast({ kind: 'stopped' })
      return true
    })
  }
}
