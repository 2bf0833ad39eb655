/**
 * The coordinator: one a job, in the caller's thread. It deals out splits, numbers epochs, commits what all sites have
 * prepared, and when one fails sees to it that none is left behind.
 *
 * A job goes through phases, each over when every site has said so. The first failure ends whatever phase it is in:
 * all sites are told to give up, workers that do not answer within `PATIENCE_MS` are put an end to, and what writers
 * without an `abort` left behind is discarded.
 */
import { MillraceError } from '@millrace/plan'
import type { Manifest } from '../checkpoint/manifest.ts'
import type { StoredFile } from '../checkpoint/storage.ts'
import { connectorFailure } from '../driver/connector-failure.ts'
import type { JobEvent, JobSummary } from '../events.ts'
import type { Host } from '../host/host.ts'
import type { DistributedNode } from '../lower/distribute.ts'
import { labelOf } from '../lower/label.ts'
import { sitesOf } from '../lower/routes.ts'
import type { Sink } from '../sink.ts'
import type { Json } from '../source.ts'
import { Checkpointing, type CheckpointingOptions } from './checkpointing.ts'
import { dealSplits } from './deal-splits.ts'
import { type GoingOn, recoverSinks, restoreOf } from './go-on.ts'
import { JobMetrics } from './job-metrics.ts'
import { matchOperators } from './match-operators.ts'
import type { Assignment, FromSite, SiteCheckpoint, ToSite } from './protocol.ts'
import { isRemembering, requireCompatible } from './require-compatible.ts'
import { SavepointWatch } from './savepoint-watch.ts'
import { stoppedBehind, stoppedWithout } from './stopped.ts'

/** How long a worker gets to clean up after a failure. */
const PATIENCE_MS = 10_000

/** A site as the coordinator sees it. */
export interface Member {
  post(message: ToSite): void
  /** Puts an end to it, whatever it does, and resolves when it is gone. */
  terminate(): Promise<void>
}

export interface CoordinatorOptions {
  readonly nodes: readonly DistributedNode[]
  readonly workers: number
  readonly host: Host
  readonly jobId: string
  /** What explain shows, and its fingerprint: every worker must have built the same. */
  readonly plan: string
  readonly fingerprint: string
  /** Bytes of the channels, for the metrics. */
  readonly ringBytes: number
  /** Absent: the job takes no checkpoints. */
  readonly checkpointing?: CheckpointingOptions | undefined
  failing?: ((error: unknown) => void) | undefined
  report(event: JobEvent): void
}

type Phase = FromSite['kind']

export class Coordinator {
  readonly #options: CoordinatorOptions
  readonly #metrics: JobMetrics
  /** Workers, then the caller. */
  #members: readonly Member[] = []
  /** What each site has said, of the kinds that end a phase. */
  #said: readonly Set<Phase>[] = []
  readonly #handles = new Map<number, Json[]>()
  readonly #cut = new Set<number>()
  readonly #committed: number[] = []
  /** The checkpoint that it goes on from. */
  readonly #goingOn: GoingOn | undefined
  #epoch = 0
  #checkpointing: Checkpointing | undefined
  /** It was stopped: whether the checkpoint that it can go on from is complete. */
  #suspended: Promise<boolean> = Promise.resolve(false)
  /** It was stopped behind this savepoint. */
  #savepoint: Promise<Manifest> | undefined
  #watch: SavepointWatch | undefined
  /** Parts that sites have written of the last preparation. */
  readonly #lastFiles = new Map<number, StoredFile>()
  #ready: (() => void) | undefined
  #awaited: Phase = 'planned'
  #failure: { readonly error: unknown; readonly cancelled: boolean } | undefined
  #failed: () => void = () => {}
  readonly #whenFailed = new Promise<void>(resolve => {
    this.#failed = resolve
  })
  #stopping = false
  /** A site went without cleaning up. */
  #lost = false
  /** Sites that have told their metrics since the job last did. */
  readonly #told = new Set<number>()
  /** Sites where nothing had changed when they last told. */
  readonly #quiet = new Set<number>()
  #begun = false
  /** Every sink has prepared. */
  #committing = false

  constructor(options: CoordinatorOptions) {
    this.#options = options
    this.#metrics = new JobMetrics(options.nodes, options.host, options.ringBytes)
    const { nodes, workers, fingerprint, checkpointing } = options
    const manifest = checkpointing?.from
    if (manifest === undefined) return
    const matched = matchOperators(manifest, nodes)
    this.#goingOn = { manifest, folder: checkpointing?.fromStorage?.label, matched, nodes, workers, fingerprint }
  }

  // What comes from outside.

  receive(site: number, message: FromSite): void {
    switch (message.kind) {
      case 'planned':
        this.#compare(site, message.fingerprint, message.plan)
        break
      case 'wantsEpoch':
        return this.#nextEpoch(message.after)
      case 'metrics':
        return this.#takeMetrics(site, message)
      case 'rejected':
      case 'notClosed':
        return this.#report(message)
      case 'done':
        this.#metrics.take(site, message.metrics)
        for (const sink of message.cut) this.#cut.add(sink)
        break
      case 'snapshot':
      case 'snapshotFailed':
        return this.#checkpointing?.receive(site, message)
      case 'prepared':
        for (const [sink, handles] of message.handles) this.#handlesOf(sink).push(...handles)
        if (message.file !== undefined) this.#lastFiles.set(site, message.file)
        break
      case 'failed':
        if (message.unclean === true) this.#lost = true
        if (!this.#said[site].has('prepared')) this.#said[site].add('left')
        this.fail(this.#located(message.error, site))
        break
      case 'left':
        if (message.unclean === true) this.#lost = true
        break
    }
    this.#said[site].add(message.kind)
    this.#look()
  }

  /** A site is gone without having said so. */
  lost(site: number, error: unknown): void {
    if (this.#said[site].has('left')) return
    this.#said[site].add('left')
    this.#lost = true
    this.fail(this.#located(error, site))
    this.#look()
  }

  fail(error: unknown, cancelled = false): void {
    if (this.#failure !== undefined) return
    this.#failure = { error, cancelled }
    if (!cancelled) this.#options.failing?.(error)
    this.#failed()
  }

  /** Gives the job up: it rejects with this reason. Too late once output is being put in place, which is done whole. */
  cancel(reason: unknown): void {
    if (!this.#committing) this.fail(reason, true)
  }

  /** Ends the sources where they are; what they have given is worked off and flushed, or in the last checkpoint. */
  stop(): void {
    if (this.#stopping) return
    this.#stopping = true
    if (this.#begun) this.#stop()
  }

  #stop(): void {
    const stopAll = (): void => {
      for (const member of this.#members) member.post({ kind: 'stop' })
    }
    if (this.#checkpointing === undefined) return stopAll()
    this.#suspended =
      this.#savepoint?.then(
        () => true,
        () => false,
      ) ?? this.#checkpointing.take(true)
    this.#suspended.then(stopAll) // what had ended before the barrier hears of it only now
  }

  /** Takes a savepoint; with `stop`, the job is stopped behind it. */
  #takeSavepoint(stop: boolean): Promise<Manifest> {
    const checkpointing = this.#checkpointing!
    if (!stop || this.#stopping || checkpointing.ended) return checkpointing.savepoint()
    this.#stopping = true
    this.#savepoint = checkpointing.savepoint(true)
    this.#stop()
    return this.#savepoint
  }

  /** A checkpoint is being completed. */
  get writing(): boolean {
    return this.#checkpointing?.writing === true
  }

  // The phases.

  /** @param members the job's sites: its workers, then the caller; for a job of one worker only the caller */
  async run(members: readonly Member[]): Promise<JobSummary> {
    const { host, nodes, checkpointing } = this.#options
    this.#members = members
    this.#said = members.map(() => new Set())
    this.#checkpointing = this.#newCheckpointing()
    if (checkpointing?.takesRequests === true)
      this.#watch = new SavepointWatch({
        storage: checkpointing.storage,
        host,
        take: stop => this.#takeSavepoint(stop),
      })
    try {
      const assignments = this.#unlessFailed(this.#assign())
      assignments.catch(() => {}) // awaited below, unless a worker fails first
      await this.#all('planned')
      const dealt = await assignments
      this.#report({ kind: 'started', atMs: host.now(), operators: nodes.map(labelOf) })
      this.#metrics.begin()
      this.#begin(dealt)
      await this.#all('done')
      await this.#commit()
      await this.#checkpointing?.idle()
      await this.#watch?.end()
      for (const member of this.#members) member.post({ kind: 'leave' })
      await this.#all('left')
    } catch (error) {
      this.#checkpointing?.end()
      await this.#watch?.end()
      await this.#giveUp()
      await this.#checkpointing?.idle()
      if (this.#failure?.cancelled === true) this.#report({ kind: 'cancelled', atMs: host.now() })
      else this.#report({ kind: 'failed', atMs: host.now(), error })
      throw error
    }
    await Promise.all(this.#members.map(member => member.terminate()))
    this.#metrics.report(this.#report)
    const summary = this.#metrics.summary()
    this.#report({ kind: 'finished', atMs: host.now(), summary })
    if (this.#failure !== undefined) throw this.#failure.error // a listener's
    if (this.#savepoint !== undefined) throw stoppedBehind(await this.#savepoint)
    return summary
  }

  #begin(assignments: readonly Assignment[]): void {
    this.#begun = true
    const { jobId } = this.#options
    for (const [site, member] of this.#members.entries()) {
      const restore = this.#goingOn === undefined ? undefined : restoreOf(this.#goingOn, site)
      member.post({ kind: 'begin', jobId, epoch: this.#epoch, assignment: assignments[site], restore })
    }
    if (this.#stopping) this.#stop()
    else this.#checkpointing?.begin()
    this.#watch?.begin()
  }

  #newCheckpointing(): Checkpointing | undefined {
    const { checkpointing, nodes, workers, host, jobId, fingerprint } = this.#options
    if (checkpointing === undefined) return undefined
    this.#epoch = checkpointing.from?.epoch ?? 0
    return new Checkpointing(checkpointing, {
      nodes,
      workers,
      host,
      jobId,
      fingerprint,
      sites: this.#members.length,
      records: this.#goingOn?.matched.records,
      cut: at => this.#cutForCheckpoint(at),
      completed: id => {
        for (const member of this.#members) member.post({ kind: 'completed', id })
      },
      commit: (sink, handles) => this.#commitSink(sink, handles),
      report: this.#report,
      fail: error => this.fail(error),
    })
  }

  #cutForCheckpoint(at: (site: number) => SiteCheckpoint): number {
    const epoch = ++this.#epoch
    for (const [site, member] of this.#members.entries()) member.post({ kind: 'epoch', epoch, checkpoint: at(site) })
    return epoch
  }

  /** Splits for all sites, once sinks are as the checkpoint has them that the job goes on from. */
  async #assign(): Promise<readonly Assignment[]> {
    const { nodes, workers, host, checkpointing } = this.#options
    const goingOn = this.#goingOn
    if (goingOn !== undefined) await this.#restore(goingOn)
    else if (checkpointing !== undefined) await this.#clear(checkpointing)
    return dealSplits({ nodes, workers, host, sites: this.#members.length }, goingOn)
  }

  async #restore(goingOn: GoingOn): Promise<void> {
    const { nodes, checkpointing } = this.#options
    const { manifest, matched } = goingOn
    const dropped = requireCompatible(matched, nodes, checkpointing?.allowDropped === true)
    const { id, atMs, finished } = manifest
    const added = matched.added.flatMap(index => (isRemembering(nodes[index]) ? [nodes[index].node.id] : []))
    this.#report({ kind: 'restored', id, takenAtMs: atMs, finished, added, dropped })
    await recoverSinks(goingOn, (sink, handles) => this.#commitSink(sink, handles, false))
  }

  /** Every sink prepares on every site before any commits; a bounded result that is not whole is none. */
  async #commit(): Promise<void> {
    const { nodes } = this.#options
    const sinks: number[] = []
    for (const [index, { node }] of nodes.entries())
      if (node.kind === 'sink' && !(this.#cut.has(index) && node.node.input.collection === 'bounded')) sinks.push(index)
    if (this.#checkpointing !== undefined) return this.#commitLast(this.#checkpointing, sinks)
    for (const member of this.#members) member.post({ kind: 'prepare', sinks })
    await this.#all('prepared')
    this.#committing = true
    for (const index of sinks) {
      await this.#commitSink(index, this.#handlesOf(index))
      this.#committed.push(index)
    }
  }

  /** The end of a job with checkpoints. One that was stopped has taken its last, and goes on from there some day. */
  async #commitLast(checkpointing: Checkpointing, sinks: readonly number[]): Promise<void> {
    if (this.#stopping) {
      const complete = await this.#unlessFailed(this.#suspended)
      checkpointing.end()
      if (complete) return
      throw stoppedWithout()
    }
    checkpointing.end()
    const { id, path } = checkpointing.finishPaths()
    for (const [site, member] of this.#members.entries()) member.post({ kind: 'prepare', sinks, path: path(site) })
    await this.#all('prepared')
    this.#committing = true
    checkpointing.keep(sinks.map(sink => [sink, this.#handlesOf(sink)]))
    await checkpointing.finish(
      id,
      this.#members.map((_, site) => this.#lastFiles.get(site)),
    )
  }

  async #commitSink(index: number, handles: readonly Json[], first = true): Promise<void> {
    const { node } = this.#options.nodes[index]
    if (node.kind !== 'sink') return
    const sink = node.node.sink as Sink
    try {
      await sink.commit(handles, first)
    } catch (error) {
      throw connectorFailure(error, sink.label, node.node.site)
    }
    this.#report({ kind: 'committed', sink: sink.label, handles: handles.length })
  }

  async #giveUp(): Promise<void> {
    const { host } = this.#options
    for (const [site, member] of this.#members.entries()) {
      const said = this.#said[site]
      if (said.has('left')) continue
      if (said.has('planned')) member.post({ kind: 'cancel', committed: this.#committed })
      else said.add('left') // it has nothing of the job yet, and listens to nobody
    }
    const cancelTimer = host.timer(host.now() + PATIENCE_MS, () => this.#outOfPatience())
    await new Promise<void>(resolve => this.#wait('left', resolve))
    cancelTimer()
    await Promise.allSettled(this.#members.map(member => member.terminate()))
    if (this.#lost && (await this.#checkpointing?.hasNone()) !== false) await this.#discard()
  }

  async #clear({ checkpoints, again }: CheckpointingOptions): Promise<void> {
    for (const jobId of checkpoints.leftovers) await this.#discard(jobId)
    checkpoints.cleared()
    if (again === true) await this.#discard() // what was prepared for checkpoints that never came about
  }

  /** What writers have left, where there is no checkpoint that needs it. */
  async #discard(jobId = this.#options.jobId): Promise<void> {
    const { nodes, workers } = this.#options
    for (const { node, place } of nodes) {
      if (node.kind !== 'sink') continue
      const parallelism = sitesOf(place, workers).length
      await (node.node.sink as Sink).discard?.({ jobId, parallelism }).catch(() => {})
    }
  }

  /** Workers are put an end to. The caller cannot be: its writers live until they have cleaned up, however long that takes. */
  #outOfPatience(): void {
    for (const said of this.#said.slice(0, -1)) {
      if (said.has('left')) continue
      said.add('left')
      this.#lost = true
    }
    this.#look()
  }

  // Waiting.

  /** Resolves when every site has said this; rejects with the first failure. */
  #all(phase: Phase): Promise<void> {
    return this.#unlessFailed(new Promise<void>(resolve => this.#wait(phase, resolve)))
  }

  #wait(phase: Phase, resolve: () => void): void {
    this.#awaited = phase
    this.#ready = resolve
    this.#look()
  }

  #look(): void {
    if (this.#ready !== undefined && this.#said.every(said => said.has(this.#awaited))) {
      const ready = this.#ready
      this.#ready = undefined
      ready()
    }
  }

  async #unlessFailed<T>(phase: Promise<T>): Promise<T> {
    const failed = this.#whenFailed.then((): never => {
      throw this.#failure!.error
    })
    return Promise.race([phase, failed])
  }

  // Particulars.

  /** A listener that throws fails the job. */
  readonly #report = (event: JobEvent): void => {
    try {
      this.#options.report(event)
    } catch (error) {
      this.fail(error)
    }
  }

  #compare(site: number, fingerprint: string, plan: string): void {
    if (fingerprint === this.#options.fingerprint) return
    this.fail(differentPlan(site, this.#options.plan, plan))
  }

  /** The first site that asks for the epoch after the last begins it for all. */
  #nextEpoch(after: number): void {
    if (after !== this.#epoch) return
    this.#epoch++
    for (const member of this.#members) member.post({ kind: 'epoch', epoch: this.#epoch })
  }

  #handlesOf(sink: number): Json[] {
    const handles = this.#handles.get(sink) ?? []
    this.#handles.set(sink, handles)
    return handles
  }

  #located(error: unknown, site: number): unknown {
    const callers = site === this.#members.length - 1
    if (callers || !(error instanceof MillraceError)) return error
    return error.with({ worker: site, hint: hintFor(error) })
  }

  /** Every site tells at about the same time: once all have, the job does. Where some have news, none waits for quiet ones. */
  #takeMetrics(site: number, { metrics, quiet }: Extract<FromSite, { kind: 'metrics' }>): void {
    this.#metrics.take(site, metrics)
    this.#told.add(site)
    if (quiet) this.#quiet.add(site)
    else this.#quiet.delete(site)
    const news = [...this.#told].some(other => !this.#quiet.has(other))
    for (const [other, said] of this.#said.entries())
      if (!said.has('left') && !this.#told.has(other) && !(news && this.#quiet.has(other))) return
    this.#told.clear()
    this.#metrics.report(this.#report)
  }
}

/** What is said of values that are not there: perhaps only the caller was given them. */
const absent = /undefined|null|is not (a function|a constructor|defined|iterable)|before initialization/

function hintFor({ code, cause, message }: MillraceError): string | undefined {
  const kind = (cause as Error | undefined)?.name
  if (code !== 'USER_FUNCTION' || (kind !== 'ReferenceError' && kind !== 'TypeError')) return undefined
  if (!absent.test(message)) return undefined
  return 'each worker evaluates the program anew, up to its job: what only the caller was given is not there'
}

/** Workers evaluate the program themselves: one that depends on chance or on who runs it comes to another plan. */
function differentPlan(site: number, here: string, there: string): MillraceError {
  const expected = here.split('\n')
  const found = there.split('\n')
  const line = expected.findIndex((text, i) => text !== found[i])
  const at = line < 0 ? expected.length : line
  const difference = `worker ${site} has "${(found[at] ?? 'nothing').trim()}", not "${(expected[at] ?? 'nothing').trim()}"`
  return new MillraceError('PLAN_DIFFERS', `invalid plan: ${difference}`, {
    worker: site,
    hint: 'each worker evaluates the program anew: let its plan depend only on its arguments, environment and files',
  })
}
