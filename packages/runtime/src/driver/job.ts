/**
 * A site's share of a job at work: the scheduler.
 *
 * A turn first sends on what waits for other sites, then visits vertices that have something queued or unfinished, those
 * nearest the sinks first, then lets one source be polled whose downstream has room. Turns repeat for at most
 * `QUANTUM_MS`, less while a checkpoint is being written, then the event loop has its own; when nothing moves, the worker sleeps until its doorbell rings: a reader
 * has rows, a sink is ready, a timer is due, another site has sent something or made room.
 *
 * Epochs: with an operator that needs them, the job asks for the next one after `EPOCH_BATCHES` polls, `EPOCH_MS`, or
 * when there is nothing else to read; then every source's output on every site is cut where it is. A site that only waits
 * for room, or for the end of an epoch elsewhere, is as busy as those that it waits for: were it to ask at once, epochs
 * would be the shorter the more sites wait for one another, and what comes once a key and epoch so much more.
 */
import type { ChannelSender } from '../channel/channel.ts'
import type { SiteMetrics } from '../cluster/protocol.ts'
import type { OperatorMetrics } from '../events.ts'
import type { Doorbell, Host } from '../host/host.ts'
import type { Json, NumberedSplit } from '../source.ts'
import type { Capture } from '../state/capture.ts'
import { Alignment, type AlignmentBoard } from './alignment.ts'
import type { InputPort } from './input-port.ts'
import type { OperatorVertex } from './operator-vertex.ts'
import type { SinkVertex } from './sink-vertex.ts'
import { type PreparedHandles, type SiteSnapshot, SnapshotGathering, type VertexSnapshot } from './site-snapshot.ts'
import type { SourceVertex } from './source-vertex.ts'
import type { Surroundings, Vertex } from './vertex.ts'
import type { CaptureKind, RestoredVertex, VertexRecord, VertexStates } from './vertex-record.ts'

const QUANTUM_MS = 5
/** While a checkpoint is being written: each of its many short waits for the disk ends with a turn of the event loop. */
const WRITING_QUANTUM_MS = 0.5
/** Turns of the event loop behind one long turn. */
const MOST_BREATHS = 20
const EPOCH_MS = 100
const EPOCH_BATCHES = 1024
/** Events a visit may handle before others have their turn. */
const VISIT_EVENTS = 16

export interface JobSettings {
  readonly host: Host
  /** Rows asked of a source in a poll; at most the size of a batch. */
  readonly batchRows: number
  /** Bytes that an operator may keep of inputs that wait for others. */
  readonly memory: number
  /** Asks for the epoch after this one; `cut` is the answer, perhaps at once. */
  wantEpoch(after: number): void
  /** Something of a checkpoint is being written in this thread. */
  writing?(): boolean
  /** How much of their state vertices tell at the barrier that ends an epoch; default: all. */
  captureKind?(epoch: number): CaptureKind
  /** Something fails beside its work. */
  failed?(error: unknown): void
  /** All that this site remembers at a barrier, and what its sinks have prepared since the last. */
  takeSnapshot?(snapshot: SiteSnapshot, handles: PreparedHandles): void
}

export interface Graph {
  readonly sources: readonly SourceVertex[]
  readonly operators: readonly OperatorVertex[]
  readonly sinks: readonly SinkVertex[]
  /** Channels to other sites. */
  readonly senders: readonly ChannelSender[]
  /** Inputs that nothing feeds here: they end at once. */
  readonly unfed: readonly InputPort[]
  /** How far aligned streams are elsewhere; undefined on the only site of a job. */
  readonly board?: AlignmentBoard | undefined
  /** Some operator of the job, here or elsewhere, needs epochs. */
  readonly needsEpochs: boolean
}

const NOTHING: Graph = { sources: [], operators: [], sinks: [], senders: [], unfed: [], needsEpochs: false }

/** The last of what a site's sinks have to say. */
export interface PreparedJob {
  readonly handles: PreparedHandles
  readonly vertices: readonly VertexSnapshot[]
}

export class Job implements Surroundings {
  readonly #settings: JobSettings
  readonly #host: Host
  readonly #bell: Doorbell
  #graph = NOTHING
  #vertices: readonly Vertex[] = []
  /** Those with an input from another site. */
  #listening: readonly Vertex[] = []
  #alignment = new Alignment([])
  readonly #stalled = new Set<Vertex>()
  /** The last epoch cut, polls since then, and whether the next has been asked for. */
  #epoch = 0
  #epochBatches = 0
  #epochBegan: number
  #askedEpoch = false
  #began: number
  /** When its work was done. */
  #ended: number | undefined
  #idleMs = 0
  #asleep: { readonly since: number; readonly blocked: boolean } | undefined
  #backpressuredMs = 0
  #stopping = false
  #suspended = false
  /** The checkpoint that is being taken. */
  #gathering: SnapshotGathering | undefined
  /** What sinks have prepared that no snapshot has told of. */
  #prepared = new Map<number, Json[]>()
  #cancelled: { readonly reason: unknown } | undefined
  #rejectCancelled: (reason: unknown) => void = () => {}
  /** Rejects when the job is cancelled, and never resolves. */
  readonly #whenCancelled = new Promise<never>((_, reject) => {
    this.#rejectCancelled = reject
  })

  constructor(settings: JobSettings) {
    this.#settings = settings
    this.#host = settings.host
    this.#bell = settings.host.doorbell()
    this.#began = this.#epochBegan = this.#host.elapsed()
    this.#whenCancelled.catch(() => {}) // awaited only while something opens
  }

  get keeps(): number {
    return this.#settings.memory
  }

  /** The graph is made with the job as its surroundings, so it comes second. */
  attach(graph: Graph): void {
    this.#graph = graph
    this.#vertices = [...graph.sources, ...graph.operators, ...graph.sinks].sort((a, b) => a.id - b.id)
    this.#listening = this.#vertices.filter(v => v.inputs.some(input => input.remote))
    for (const vertex of this.#vertices) vertex.seeDownstream()
    this.#alignment = new Alignment(graph.operators, graph.board)
  }

  /** Before anything is cut: this epoch has ended, and the next is the one behind it. */
  goOn(epoch: number): void {
    this.#epoch = epoch
  }

  /** Gives a source the splits it is to read here. */
  assign(node: number, splits: readonly NumberedSplit[]): void {
    this.#graph.sources.find(source => source.id === node)!.assign(splits)
  }

  blocked(vertex: Vertex): void {
    this.#stalled.add(vertex)
  }

  stalled(vertex: Vertex): void {
    this.#stalled.add(vertex)
    this.#bell.ring()
  }

  /** Ends the sources where they are; what they have given is worked off and flushed. */
  stop(): void {
    this.#stopping = true
    this.#bell.ring()
  }

  /** Gives up: what opens or works rejects with the reason. */
  cancel(reason: unknown): void {
    this.#cancelled ??= { reason }
    this.#rejectCancelled(reason)
    this.#bell.ring()
  }

  /**
   * Cuts every source's output where it is: the epoch ends here.
   *
   * @param barrier it ends with a checkpoint, which takes the place of one that is not complete yet
   * @param last nothing is read afterwards
   */
  cut(epoch: number, barrier = false, last = false): void {
    this.#epoch = epoch
    this.#askedEpoch = false
    this.#epochBatches = 0
    this.#epochBegan = this.#host.elapsed()
    if (barrier) this.#gather(epoch)?.cut(this.#graph.sources)
    for (const source of this.#graph.sources) source.cut(epoch, barrier)
    if (last) this.#stopping = this.#suspended = true
    this.#lookAtSnapshot()
    this.#bell.ring()
  }

  /** What is gathered for the checkpoint of this epoch; undefined if a later one has taken its place. */
  #gather(epoch: number): SnapshotGathering | undefined {
    if (this.#gathering === undefined || this.#gathering.epoch < epoch)
      this.#gathering = new SnapshotGathering(epoch, this.#vertices, this.#takeHandles)
    return this.#gathering.epoch === epoch ? this.#gathering : undefined
  }

  readonly #takeHandles = (node: number, handles: readonly Json[]): void => {
    const prepared = this.#prepared.get(node)
    if (prepared === undefined) this.#prepared.set(node, [...handles])
    else prepared.push(...handles)
  }

  snapshot(
    vertex: Vertex,
    epoch: number,
    record: VertexRecord,
    states: VertexStates | Capture = new Map(),
    handles: readonly Json[] = [],
  ): void {
    const gathering = this.#gather(epoch)
    if (gathering !== undefined) gathering.say(vertex, record, states, handles)
    else if (handles.length > 0) this.#takeHandles(vertex.id, handles)
    this.#lookAtSnapshot()
  }

  captureKind(epoch: number): CaptureKind {
    return this.#settings.captureKind?.(epoch) ?? { whole: true, counts: undefined }
  }

  awaitedBarrier(vertex: Vertex): number | undefined {
    return this.#gathering?.awaits(vertex) === true ? this.#gathering.epoch : undefined
  }

  get epoch(): number {
    return this.#epoch
  }

  get suspended(): boolean {
    return this.#suspended
  }

  finished(): void {
    this.#lookAtSnapshot()
  }

  #lookAtSnapshot(): void {
    const snapshot = this.#gathering?.complete(error => {
      if (error === undefined) this.#lookAtSnapshot()
      else this.#fail(error)
    })
    if (snapshot === undefined) return
    this.#gathering = undefined
    this.#settings.takeSnapshot?.(snapshot, this.#takePrepared())
  }

  /** Its work may be over: then nobody hears of it here. */
  #fail(error: unknown): void {
    this.cancel(error)
    this.#settings.failed?.(error)
  }

  #takePrepared(): PreparedHandles {
    const prepared = [...this.#prepared]
    this.#prepared = new Map()
    return prepared
  }

  /** Goes on from a checkpoint: before it opens. */
  restore(restored: ReadonlyMap<number, RestoredVertex>): void {
    const all = this.#vertices.flatMap(vertex => {
      const from = restored.get(vertex.id)
      return from === undefined ? [] : [{ vertex, from }]
    })
    for (const { vertex, from } of all) vertex.restore(from)
    for (const { vertex, from } of all) if (from.moved && !from.record.finished) vertex.announce()
    // Those that had finished say so again, to channels that know whether they had heard: all of them know by now what they were.
    for (const { vertex, from } of all) if (from.record.finished) vertex.endAgain()
  }

  async open(): Promise<void> {
    for (const sink of this.#graph.sinks) await Promise.race([sink.open(), this.#whenCancelled])
  }

  /** Until every source has ended or was stopped, and all that follows from it is done. */
  async work(): Promise<void> {
    for (const input of this.#graph.unfed) input.push({ kind: 'end' }, 0)
    for (;;) {
      const until = this.#host.elapsed() + (this.#settings.writing?.() === true ? WRITING_QUANTUM_MS : QUANTUM_MS)
      let moved = true
      do {
        if (this.#cancelled !== undefined) throw this.#cancelled.reason
        moved = this.#turn()
      } while (moved && this.#host.elapsed() < until)
      if (!moved && (this.#askInTime() || this.#unlock())) continue
      if (this.#finished) {
        this.#alignment.publish() // of an end that came with the last turn
        this.#ended = this.#host.elapsed()
        return
      }
      if (moved) await this.#breathe(until)
      else await this.#sleep()
    }
  }

  /**
   * The event loop has its turn. While a checkpoint is being written it has several after a long turn: each short wait for the
   * disk ends with one, and there are dozens of them, one behind the other.
   */
  async #breathe(until: number): Promise<void> {
    const late = this.#host.elapsed() - until
    let turns = this.#settings.writing?.() === true ? Math.min(MOST_BREATHS, 1 + Math.floor(late)) : 1
    for (; turns > 0; turns--) await this.#host.yield()
  }

  async #sleep(): Promise<void> {
    const since = this.#host.elapsed()
    const blocked =
      this.#graph.sources.some(s => s.ready && s.full) ||
      this.#listening.some(v => v.full && v.inputs.some(input => input.remote && input.queued > 0))
    this.#asleep = { since, blocked }
    const untilOld = EPOCH_MS - (since - this.#epochBegan)
    const alarm = this.#hasEpochToAsk ? this.#host.timer(this.#host.now() + untilOld, () => this.#bell.ring()) : null
    await this.#bell.wait()
    alarm?.()
    this.#asleep = undefined
    const slept = this.#host.elapsed() - since
    if (blocked) this.#backpressuredMs += slept
    else this.#idleMs += slept
  }

  #turn(): boolean {
    let moved = false
    for (const sender of this.#graph.senders) if (sender.waitingBytes > 0 && sender.flush()) moved = true
    for (const vertex of this.#listening) if (vertex.restless) this.#stalled.add(vertex)
    if (this.#stalled.size > 0 && this.#visitStalled()) moved = true
    this.#alignment.publish()
    if (this.#stopping) return this.#stopSources() || moved
    return this.#pollSource() || moved
  }

  #visitStalled(): boolean {
    const order = [...this.#stalled].sort((a, b) => b.id - a.id)
    this.#stalled.clear()
    let moved = false
    for (const vertex of order) {
      if (vertex.visit(VISIT_EVENTS, count => this.#host.choose(count))) moved = true
      if (vertex.restless) this.#stalled.add(vertex)
    }
    return moved
  }

  #pollSource(): boolean {
    const { sources, needsEpochs } = this.#graph
    let only: SourceVertex | undefined
    let count = 0
    for (const source of sources) {
      if (!this.#mayPoll(source)) continue
      only ??= source
      count++
    }
    if (only === undefined) return false
    const source = count === 1 ? only : sources.filter(s => this.#mayPoll(s))[this.#host.choose(count)]
    if (source.step(this.#settings.batchRows)) this.#epochBatches++
    if (needsEpochs && (this.#epochBatches >= EPOCH_BATCHES || this.#epochIsOld())) this.#askEpoch()
    return true
  }

  #mayPoll(source: SourceVertex): boolean {
    return source.ready && !source.full && !this.#alignment.holdsBack(source)
  }

  #stopSources(): boolean {
    let some = false
    for (const source of this.#graph.sources) {
      if (source.ended) continue
      source.stop()
      some = true
    }
    return some
  }

  #epochIsOld(): boolean {
    return this.#host.elapsed() - this.#epochBegan >= EPOCH_MS
  }

  /** For when nothing moves: rows that wait to be read are of this epoch, until it is old. True as of `#askEpoch`. */
  #askInTime(): boolean {
    if (!this.#hasEpochToAsk || (this.#graph.sources.some(s => s.ready) && !this.#epochIsOld())) return false
    return this.#askEpoch()
  }

  get #hasEpochToAsk(): boolean {
    return this.#graph.needsEpochs && this.#epochBatches > 0 && !this.#askedEpoch
  }

  /** Asks for the next epoch, if there is anything to end; true if it has been cut at once. */
  #askEpoch(): boolean {
    if (!this.#hasEpochToAsk) return false
    this.#askedEpoch = true
    this.#settings.wantEpoch(this.#epoch)
    return !this.#askedEpoch
  }

  /**
   * Joins read their build side first. Where every source of it, or else a step above it, waits for room that only
   * reading the other side would make, the join has to take that side in. True if one now does. With
   * several sites nobody sees all of it: there the plan says which joins take in from the beginning (`takeIn`).
   */
  #unlock(): boolean {
    if (this.#graph.senders.length > 0) return false
    for (const operator of this.#graph.operators) {
      for (const build of operator.building) {
        const feeding = this.#graph.sources.filter(s => !s.ended && s.feeds(build))
        const waits = feeding.length > 0 || this.#graph.operators.some(o => o.pending && o.full && o.feeds(build))
        if (!waits || !feeding.every(s => s.ready && s.full)) continue
        if (this.#askEpoch() || operator.takeIn()) return true
      }
    }
    return false
  }

  get #finished(): boolean {
    return this.#vertices.every(vertex => vertex.ended) && this.#graph.senders.every(s => s.waitingBytes === 0)
  }

  /** Sinks here that a stop left without the whole of their input. */
  get cutSinks(): readonly number[] {
    return this.#graph.sinks.filter(sink => sink.stopped).map(sink => sink.id)
  }

  /** These sinks' output becomes durable; the others' is given up. */
  async prepare(whole: readonly number[]): Promise<PreparedJob> {
    for (const sink of this.#graph.sinks) if (!whole.includes(sink.id)) await sink.abort()
    const vertices: VertexSnapshot[] = []
    for (const sink of this.#graph.sinks) {
      if (!whole.includes(sink.id)) continue
      const { handles, states } = await sink.prepare()
      this.#takeHandles(sink.id, handles)
      vertices.push({ node: sink.id, record: { ...sink.record(), finished: true, driver: null }, states })
    }
    return { handles: this.#takePrepared(), vertices }
  }

  /** Lets go of everything, after the output has been committed. */
  async release(): Promise<void> {
    for (const sink of this.#graph.sinks) await sink.close()
    await this.#dispose()
  }

  /** Lets go of everything, and removes what was written but by these sinks. */
  async abandon(committed: readonly number[]): Promise<void> {
    await Promise.allSettled(this.#graph.sinks.map(s => (committed.includes(s.id) ? s.close() : s.abort())))
    await this.#dispose()
  }

  async #dispose(): Promise<void> {
    for (const operator of this.#graph.operators) operator.dispose()
    await Promise.allSettled(this.#graph.sources.map(source => source.dispose()))
  }

  metrics(): SiteMetrics {
    const operators = this.#vertices.map(metricsOf)
    const { senders } = this.#graph
    const now = this.#ended ?? this.#host.elapsed()
    const asleep = this.#asleep === undefined ? 0 : now - this.#asleep.since
    const idleMs = this.#idleMs + (this.#asleep?.blocked === true ? 0 : asleep)
    const backpressuredMs = this.#backpressuredMs + (this.#asleep?.blocked === true ? asleep : 0)
    return {
      operators,
      busyMs: now - this.#began - idleMs - backpressuredMs,
      idleMs,
      backpressuredMs,
      memory: {
        waiting: senders.reduce((sum, sender) => sum + sender.waitingBytes, 0),
        kept: this.#graph.operators.reduce((sum, operator) => sum + operator.keptBytes, 0),
        queued: this.#vertices.reduce((sum, v) => sum + v.inputs.reduce((bytes, i) => bytes + i.queuedBytes, 0), 0),
      },
    }
  }
}

function metricsOf(vertex: Vertex): OperatorMetrics {
  return {
    id: vertex.id,
    label: vertex.label,
    site: vertex.site,
    rowsIn: vertex.rowsIn,
    rowsOut: vertex.rowsOut,
    busyMs: vertex.busyMs,
    queued: vertex.inputs.reduce((sum, input) => sum + input.queued, 0),
    watermark: vertex.watermark,
    counters: { ...vertex.counters },
  }
}
