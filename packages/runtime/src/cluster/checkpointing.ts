/**
 * The coordinator's part in checkpoints: when one is taken, when it is complete, and what follows from that.
 *
 * One at a time. It begins with an epoch that ends with a barrier; when every site has written its part, the parts are
 * verified and the manifest is put in place. Only then do sinks commit what it names: nothing is committed that a
 * restart would not know of, and what it names is committed at latest by the restart. A checkpoint that takes too long or
 * fails is forgotten: its barriers are superseded by the next one's, and what sinks have prepared for it is named by the next
 * manifest. (Carbone et al., Lightweight Asynchronous Snapshots for Distributed Dataflows, 2015, algorithm 1; with
 * aligned barriers.)
 *
 * A bounded result is whole or nothing: what its sinks prepare is carried from manifest to manifest, and committed at the end.
 */
import { MillraceError } from '@millrace/plan'
import type { Checkpoints } from '../checkpoint/library.ts'
import type { CheckpointKind, Manifest, OperatorRecord } from '../checkpoint/manifest.ts'
import type { CheckpointStorage, StoredFile } from '../checkpoint/storage.ts'
import type { PreparedHandles } from '../driver/site-snapshot.ts'
import type { JobEvent } from '../events.ts'
import type { Host } from '../host/host.ts'
import type { DistributedNode } from '../lower/distribute.ts'
import type { Json } from '../source.ts'
import { finishedManifest, type ManifestFacts, manifestOf } from './manifest-of.ts'
import type { FromSite, SiteCheckpoint, SnapshotTaken } from './protocol.ts'

/** When checkpoints are taken, and what becomes of them. */
export interface CheckpointSettings {
  readonly everyMs: number
  /** From the end of one to the beginning of the next at least. */
  readonly minPauseMs: number
  readonly timeoutMs: number
  /** Complete ones that are kept. */
  readonly retain: number
  /** Failures in a row that the job survives. */
  readonly tolerates: number
}

export interface CheckpointingOptions extends CheckpointSettings {
  readonly storage: CheckpointStorage
  readonly checkpoints: Checkpoints
  /** What this run goes on from. */
  readonly from?: Manifest | undefined
  /** It failed before, in this process. */
  readonly again?: boolean | undefined
  /** Where that is, if not in `storage`. */
  readonly fromStorage?: CheckpointStorage | undefined
  /** Whoever has access to the storage may ask for savepoints. */
  readonly takesRequests?: boolean | undefined
  /** State of it that the program has no operator for may be let go of. */
  readonly allowDropped?: boolean | undefined
}

/** What it asks of the coordinator. */
export interface CheckpointingContext {
  readonly nodes: readonly DistributedNode[]
  readonly workers: number
  readonly host: Host
  readonly jobId: string
  readonly fingerprint: string
  readonly sites: number
  /** By node, what it goes on from. */
  readonly records?: ReadonlyMap<number, OperatorRecord> | undefined
  /** Begins an epoch on every site; `at` says what a site is to do at its barrier. Returns its number. */
  cut(at: (site: number) => SiteCheckpoint): number
  /** Every site is to know that a checkpoint is complete. */
  completed(id: number): void
  commit(sink: number, handles: readonly Json[]): Promise<void>
  report(event: JobEvent): void
  fail(error: unknown): void
}

/** What became of one: its manifest if it is complete and committed. */
type Outcome = { readonly manifest: Manifest } | { readonly error: unknown }

interface Pending {
  readonly id: number
  readonly epoch: number
  readonly atMs: number
  readonly taken: Map<number, SnapshotTaken>
  readonly kind: CheckpointKind
  readonly settle: (outcome: Outcome) => void
  cancelTimeout: () => void
  /** Its manifest is being written: it is too late to forget it. */
  completing: boolean
}

export class Checkpointing {
  readonly #options: CheckpointingOptions
  readonly #context: CheckpointingContext
  #pending: Pending | undefined
  #cancelTimer: () => void = () => {}
  #failures = 0
  #over = false
  /** The last was taken: sources give nothing any more. */
  #last = false
  /** By sink: what was prepared and is not committed. */
  readonly #uncommitted = new Map<number, Json[]>()
  #steps = 0
  #work: Promise<void> = Promise.resolve()

  constructor(options: CheckpointingOptions, context: CheckpointingContext) {
    this.#options = options
    this.#context = context
    for (const [sink, { handles }] of context.records ?? [])
      if (handles !== undefined && this.#waitsForEnd(sink)) this.#uncommitted.set(sink, [...handles])
  }

  /** There is none to go on from, for sure: nor is there another run by now that has taken the storage over. */
  async hasNone(): Promise<boolean> {
    const { from, checkpoints } = this.#options
    return (
      from === undefined &&
      (await checkpoints.newest().then(
        newest => newest === undefined,
        () => false,
      ))
    )
  }

  /** None is begun any more. */
  get ended(): boolean {
    return this.#over
  }

  /** Steps on the storage are under way. */
  get writing(): boolean {
    return this.#steps > 0
  }

  /** One step on the storage after the other. */
  #then(step: () => Promise<void>): void {
    this.#steps++
    this.#work = this.#work.then(step).finally(() => this.#steps--)
  }

  begin(): void {
    this.#next(this.#options.everyMs)
  }

  /** No more are begun, and none is completed but by `finish`. */
  end(): void {
    this.#over = true
    this.#cancelTimer()
    this.#forget(false)
  }

  #next(delayMs: number): void {
    const { host } = this.#context
    this.#cancelTimer()
    this.#cancelTimer = host.timer(host.now() + delayMs, () => void this.take())
  }

  /**
   * Takes a checkpoint; true when it is complete and committed, false if it failed, or another is under way.
   *
   * @param last sources give nothing after its barrier; then it waits for another
   */
  async take(last = false): Promise<boolean> {
    if (this.#pending !== undefined && !last) return false
    return 'manifest' in (await this.#take('checkpoint', last))
  }

  /** Takes a savepoint, behind a checkpoint that is under way; its manifest when it is complete and committed. */
  async savepoint(last = false): Promise<Manifest> {
    const outcome = await this.#take('savepoint', last)
    if ('error' in outcome) throw outcome.error
    return outcome.manifest
  }

  #take(kind: CheckpointKind, last: boolean): Promise<Outcome> {
    if (this.#over) return Promise.resolve({ error: atItsEnd() })
    if (this.#pending !== undefined) return this.#settled(this.#pending).then(() => this.#take(kind, last))
    const { host } = this.#context
    const { checkpoints, timeoutMs } = this.#options
    if (last) this.#last = true
    const id = checkpoints.nextId()
    const atMs = host.now()
    let settle: (outcome: Outcome) => void = () => {}
    const settled = new Promise<Outcome>(resolve => {
      settle = resolve
    })
    this.#waiting.set(id, settled)
    const epoch = this.#context.cut(site => ({
      id,
      path: checkpoints.partPath(id, site, kind),
      last,
      whole: kind === 'savepoint',
    }))
    const cancelTimeout = host.timer(atMs + timeoutMs, () =>
      this.#fail(id, new MillraceError('CHECKPOINT_FAILED', `checkpoint ${id} took longer than ${timeoutMs} ms`)),
    )
    this.#pending = { id, epoch, atMs, kind, taken: new Map(), settle, cancelTimeout, completing: false }
    return settled
  }

  readonly #waiting = new Map<number, Promise<Outcome>>()

  #settled({ id }: Pending): Promise<unknown> {
    return this.#waiting.get(id) ?? Promise.resolve()
  }

  receive(site: number, message: Extract<FromSite, { kind: 'snapshot' | 'snapshotFailed' }>): void {
    this.keep(message.handles)
    if (message.kind === 'snapshotFailed') return this.#fail(message.id, message.error)
    const pending = this.#pending
    if (pending?.id !== message.id) return
    pending.taken.set(site, message)
    if (pending.taken.size < this.#context.sites) return
    pending.completing = true
    pending.cancelTimeout()
    this.#then(() => this.#complete(pending))
  }

  /** To be committed with the next checkpoint that is complete. */
  keep(handles: PreparedHandles): void {
    for (const [sink, prepared] of handles) {
      const kept = this.#uncommitted.get(sink)
      if (kept === undefined) this.#uncommitted.set(sink, [...prepared])
      else kept.push(...prepared)
    }
  }

  async #complete(pending: Pending): Promise<void> {
    const { id, epoch, atMs, taken, kind } = pending
    const { checkpoints } = this.#options
    if (this.#over) return this.#settle(pending, { error: atItsEnd() })
    const manifest = manifestOf(this.#facts(id, epoch, atMs), taken, kind)
    const handles = new Map([...this.#uncommitted].map(([sink, list]) => [sink, list.length] as const))
    try {
      await checkpoints.complete(manifest)
    } catch (error) {
      return this.#fail(id, error)
    }
    this.#failures = 0
    const { host, report, completed } = this.#context
    completed(id)
    report({ kind, id, atMs, tookMs: host.now() - atMs, bytes: bytesOf(taken) })
    try {
      await this.#commit(handles, false)
    } catch (error) {
      this.#context.fail(error)
      return this.#settle(pending, { error })
    }
    this.#settle(pending, { manifest })
    await this.#prune()
  }

  /** What is not deleted now is deleted after the next one. That another run has taken over is found out here, too. */
  async #prune(): Promise<void> {
    try {
      await this.#options.checkpoints.prune(this.#options.retain)
    } catch (error) {
      if (isFenced(error)) this.#context.fail(error)
    }
  }

  /** The first `counts` handles of each sink are named by a complete checkpoint. */
  async #commit(counts: ReadonlyMap<number, number>, last: boolean): Promise<void> {
    for (const [sink, count] of counts) {
      if (count === 0 || (!last && this.#waitsForEnd(sink))) continue
      const handles = this.#uncommitted.get(sink)!
      await this.#context.commit(sink, handles.slice(0, count))
      handles.splice(0, count)
    }
  }

  #waitsForEnd(sink: number): boolean {
    const { node } = this.#context.nodes[sink]
    return node.kind === 'sink' && node.node.input.collection === 'bounded'
  }

  #settle(pending: Pending, outcome: Outcome): void {
    if (this.#pending === pending) this.#pending = undefined
    pending.cancelTimeout()
    this.#waiting.delete(pending.id)
    pending.settle(outcome)
    const { everyMs, minPauseMs } = this.#options
    const { host } = this.#context
    if (!this.#over && !this.#last) this.#next(Math.max(minPauseMs, pending.atMs + everyMs - host.now()))
  }

  #fail(id: number, error: unknown): void {
    const pending = this.#pending
    if (pending === undefined || pending.id !== id) return
    this.#failures++
    const { report, fail } = this.#context
    report({ kind: 'checkpointFailed', id, error })
    this.#forget(true, error)
    if (isFenced(error) || isOfUser(error)) fail(error)
    else if (this.#failures > this.#options.tolerates) fail(failed(id, this.#failures, error))
  }

  #forget(discard: boolean, error: unknown = atItsEnd()): void {
    const pending = this.#pending
    if (pending === undefined) return
    if (!discard && pending.completing) return
    this.#settle(pending, { error })
    this.#then(() => this.#options.checkpoints.discard(pending.id).catch(() => {}))
  }

  /** Where a site writes what its writers remember of the last preparation. */
  finishPaths(): { readonly id: number; path(site: number): string } {
    const { checkpoints } = this.#options
    const id = checkpoints.nextId()
    return { id, path: site => checkpoints.partPath(id, site) }
  }

  /** The job has come to its end: its last checkpoint names the rest, which is then committed. */
  async finish(id: number, files: readonly (StoredFile | undefined)[]): Promise<void> {
    const facts = this.#facts(id, 0, this.#context.host.now())
    await this.#work
    const handles = new Map([...this.#uncommitted].map(([sink, list]) => [sink, list.length] as const))
    await this.#options.checkpoints.complete(finishedManifest(facts, files))
    await this.#commit(handles, true)
  }

  #facts(id: number, epoch: number, atMs: number): ManifestFacts {
    const { nodes, workers, host, jobId, fingerprint } = this.#context
    const { checkpoints, from } = this.#options
    const tookMs = Math.max(0, host.now() - atMs)
    const of = { nodes, workers, jobId, fingerprint, fence: checkpoints.fence, origin: from?.origin }
    return { ...of, id, epoch, atMs, tookMs, handles: this.#uncommitted }
  }

  /** Until what was begun on the storage is over. */
  idle(): Promise<void> {
    return this.#work
  }
}

/** What was written for a checkpoint. */
function bytesOf(taken: ReadonlyMap<number, SnapshotTaken>): number {
  return [...taken.values()].reduce((sum, { files }) => sum + (files.at(-1)?.bytes ?? 0), 0)
}

function atItsEnd(): MillraceError {
  return new MillraceError('CHECKPOINT_FAILED', 'invalid checkpoint: the job has come to its end')
}

function isFenced(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'CHECKPOINT_FENCED'
}

/** What a program keeps in its state cannot be stored: the next checkpoint would fail as this one. */
function isOfUser(error: unknown): boolean {
  return error instanceof MillraceError && error.kind === 'data'
}

function failed(id: number, times: number, cause: unknown): MillraceError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new MillraceError('CHECKPOINT_FAILED', `checkpoint ${id} failed: ${why}`, {
    hint:
      times > 1
        ? `it was failure ${times} in a row: see that the storage can be written, or let checkpoints take longer`
        : 'see that the storage can be written',
    cause,
  })
}
