/**
 * A job running on one worker: the scheduler.
 *
 * A turn first visits vertices that have something queued or unfinished, those nearest the sinks first, then lets one
 * source be polled whose downstream has room. Turns repeat for at most `QUANTUM_MS`, then the event loop has its own;
 * when nothing moves, the worker sleeps until its doorbell rings: a reader has rows, a sink is ready, a timer is due.
 *
 * Epochs: with an operator that needs them, every source's output is cut after `EPOCH_BATCHES` polls, `EPOCH_MS`, or
 * when the job has nothing else to do.
 */
import type { JobEvent, JobSummary, OperatorMetrics } from '../events.ts'
import type { Doorbell, Host } from '../host/host.ts'
import { Alignment } from './alignment.ts'
import { newJobId } from './job-id.ts'
import type { OperatorVertex } from './operator-vertex.ts'
import type { SinkVertex } from './sink-vertex.ts'
import type { SourceVertex } from './source-vertex.ts'
import type { Surroundings, Vertex } from './vertex.ts'

const QUANTUM_MS = 5
const EPOCH_MS = 100
const EPOCH_BATCHES = 1024
/** Events a visit may handle before others have their turn. */
const VISIT_EVENTS = 16

export interface JobSettings {
  readonly host: Host
  /** Rows asked of a source in a poll; at most the size of a batch. */
  readonly batchRows: number
  readonly metricsMs: number
  report(event: JobEvent): void
}

export interface Graph {
  readonly sources: readonly SourceVertex[]
  readonly operators: readonly OperatorVertex[]
  readonly sinks: readonly SinkVertex[]
}

export class Job implements Surroundings {
  readonly #settings: JobSettings
  readonly #host: Host
  readonly #bell: Doorbell
  readonly #jobId: string
  #graph: Graph = { sources: [], operators: [], sinks: [] }
  #vertices: readonly Vertex[] = []
  #alignment = new Alignment([])
  readonly #stalled = new Set<Vertex>()
  #needsEpochs = false
  #epoch = 0
  #epochBatches = 0
  #epochBegan = 0
  #began = 0
  #stopping = false
  #cancelled: { readonly reason: unknown } | undefined
  #rejectCancelled: (reason: unknown) => void = () => {}
  /** Rejects when the job is cancelled, and never resolves. */
  readonly #whenCancelled = new Promise<never>((_, reject) => {
    this.#rejectCancelled = reject
  })

  constructor(settings: JobSettings) {
    this.#settings = settings
    this.#host = settings.host
    this.#jobId = newJobId(settings.host)
    this.#bell = settings.host.doorbell()
    this.#whenCancelled.catch(() => {}) // awaited only while something opens
  }

  /** The graph is made with the job as its surroundings, so it comes second. */
  attach(graph: Graph): void {
    this.#graph = graph
    this.#vertices = [...graph.sources, ...graph.operators, ...graph.sinks].sort((a, b) => a.id - b.id)
    this.#needsEpochs = graph.operators.some(o => o.spec.needsEpochs === true)
    for (const vertex of this.#vertices) vertex.downstream = reachable(vertex)
    this.#alignment = new Alignment(graph.operators)
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

  /** Gives up: nothing more is written, what was not committed is removed. */
  cancel(reason: unknown): void {
    this.#cancelled ??= { reason }
    this.#rejectCancelled(reason)
    this.#bell.ring()
  }

  async run(): Promise<JobSummary> {
    const { report } = this.#settings
    this.#began = this.#host.elapsed()
    this.#epochBegan = this.#began
    const stopMetrics = this.#startMetrics()
    try {
      report({ kind: 'started', atMs: this.#host.now(), operators: this.#vertices.map(v => v.label) })
      for (const source of this.#graph.sources) await this.#unlessCancelled(source.open())
      for (const sink of this.#graph.sinks) await this.#unlessCancelled(sink.open(this.#host, this.#jobId))
      await this.#work()
      await this.#commit()
    } catch (error) {
      stopMetrics()
      await this.#abandon()
      if (this.#cancelled !== undefined) report({ kind: 'cancelled', atMs: this.#host.now() })
      else report({ kind: 'failed', atMs: this.#host.now(), error })
      throw error
    }
    stopMetrics()
    this.#reportMetrics()
    const summary = this.summary()
    report({ kind: 'finished', atMs: this.#host.now(), summary })
    return summary
  }

  /** What is opening, unless the job is cancelled first. */
  #unlessCancelled(opening: Promise<void>): Promise<void> {
    return Promise.race([opening, this.#whenCancelled])
  }

  async #work(): Promise<void> {
    for (;;) {
      const until = this.#host.elapsed() + QUANTUM_MS
      let moved = true
      do {
        if (this.#cancelled !== undefined) throw this.#cancelled.reason
        moved = this.#turn()
      } while (moved && this.#host.elapsed() < until)
      if (!moved && (this.#endEpoch() || this.#unlock())) continue
      if (this.#finished(moved)) return
      if (moved) await this.#host.yield()
      else await this.#bell.wait()
    }
  }

  #turn(): boolean {
    const moved = this.#stalled.size > 0 && this.#visitStalled()
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
    if (this.#stopping) return false
    const { sources } = this.#graph
    let only: SourceVertex | undefined
    let count = 0
    for (const source of sources) {
      if (!this.#mayPoll(source)) continue
      only ??= source
      count++
    }
    if (only === undefined) return false
    const source = count === 1 ? only : sources.filter(s => this.#mayPoll(s))[this.#host.choose(count)]
    source.step(this.#settings.batchRows)
    if (this.#needsEpochs && (++this.#epochBatches >= EPOCH_BATCHES || this.#epochIsOld())) this.#endEpoch()
    return true
  }

  #mayPoll(source: SourceVertex): boolean {
    return source.ready && !source.full && !this.#alignment.holdsBack(source)
  }

  #epochIsOld(): boolean {
    return this.#host.elapsed() - this.#epochBegan >= EPOCH_MS
  }

  /** Cuts every source's output here; false if there is nothing to cut. */
  #endEpoch(): boolean {
    if (!this.#needsEpochs || this.#epochBatches === 0) return false
    this.#epochBatches = 0
    this.#epochBegan = this.#host.elapsed()
    this.#epoch++
    for (const source of this.#graph.sources) if (!source.ended) source.broadcast({ kind: 'epoch', epoch: this.#epoch })
    return true
  }

  /**
   * Joins read their build side first. Where every source of it, or else a step above it, waits for room that only
   * reading the other side would make, the join has to take that side in. True if one now does.
   */
  #unlock(): boolean {
    for (const operator of this.#graph.operators) {
      for (const build of operator.building) {
        const feeding = this.#graph.sources.filter(s => !s.ended && s.feeds(build))
        const waits = feeding.length > 0 || this.#graph.operators.some(o => o.pending && o.full && o.feeds(build))
        if (waits && feeding.every(s => s.ready && s.full) && operator.takeIn()) return true
      }
    }
    return false
  }

  /** A stopped job is done when nothing can go on: what a join still leaves unread for its build side never will. */
  #finished(moved: boolean): boolean {
    if (this.#stopping)
      return !moved && !this.#vertices.some(v => v.pending) && !this.#graph.sinks.some(s => s.restless)
    return this.#graph.sinks.every(sink => sink.ended) && this.#graph.sources.every(source => source.ended)
  }

  /**
   * Every sink prepares before any commits. A stopped job keeps what appending and updating sinks were given; a bounded
   * result that is not whole is none.
   */
  async #commit(): Promise<void> {
    const whole = this.#graph.sinks.filter(sink => sink.ended || sink.node.input.collection !== 'bounded')
    for (const sink of this.#graph.sinks) if (!whole.includes(sink)) await sink.abort()
    for (const sink of whole) await sink.prepare()
    for (const sink of whole) {
      const handles = await sink.commit()
      this.#settings.report({ kind: 'committed', sink: sink.label, handles })
    }
    await this.#release()
  }

  async #abandon(): Promise<void> {
    await Promise.allSettled(this.#graph.sinks.map(sink => sink.abort()))
    await this.#release()
  }

  async #release(): Promise<void> {
    for (const operator of this.#graph.operators) operator.dispose()
    await Promise.allSettled(this.#graph.sources.map(source => source.dispose()))
  }

  #startMetrics(): () => void {
    let cancel = (): void => {}
    const again = (): void => {
      cancel = this.#host.timer(this.#host.now() + this.#settings.metricsMs, () => {
        this.#reportMetrics()
        again()
      })
    }
    again()
    return () => cancel()
  }

  #reportMetrics(): void {
    const operators = this.#vertices.map(metricsOf)
    this.#settings.report({ kind: 'metrics', atMs: this.#host.now(), operators, summary: this.summary() })
  }

  summary(): JobSummary {
    const counted = (name: string): number => this.#vertices.reduce((sum, v) => sum + (v.counters[name] ?? 0), 0)
    const timed = this.#vertices.filter(v => v.watermark > Number.NEGATIVE_INFINITY).map(v => v.watermark)
    return {
      rowsRead: this.#graph.sources.reduce((sum, s) => sum + s.rowsOut, 0),
      rowsWritten: this.#graph.sinks.reduce((sum, s) => sum + s.rowsIn, 0),
      late: counted('late'),
      skipped: counted('skipped'),
      watermark: timed.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...timed),
      elapsedMs: this.#host.elapsed() - this.#began,
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

/** Every input that rows sent by a vertex may come to. */
function reachable(from: Vertex): Vertex['inputs'] {
  const found = new Set<Vertex['inputs'][number]>()
  const visit = (vertex: Vertex): void => {
    for (const input of vertex.outputs.flat()) {
      if (found.has(input)) continue
      found.add(input)
      visit(input.vertex)
    }
  }
  visit(from)
  return [...found]
}
