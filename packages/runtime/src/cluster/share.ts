/**
 * A site's share of a job: the job's plan, cut down to what runs here, driven as the coordinator says.
 *
 * It lives in a worker's thread or in the caller's. All it knows of the others are channels to them, and the port to
 * the coordinator.
 */
import { MillraceError } from '@millrace/plan'
import { folderStorage } from '../checkpoint/folder-storage.ts'
import type { CheckpointStorage } from '../checkpoint/storage.ts'
import { Job } from '../driver/job.ts'
import type { OperatorVertex } from '../driver/operator-vertex.ts'
import type { PreparedHandles, SiteSnapshot, VertexSnapshot } from '../driver/site-snapshot.ts'
import type { JobEvent } from '../events.ts'
import type { DiskState } from '../execute-options.ts'
import type { Host } from '../host/host.ts'
import { repeat } from '../host/repeat.ts'
import { instantiate } from '../lower/instantiate.ts'
import { sitesOf } from '../lower/routes.ts'
import type { Site } from '../lower/site.ts'
import { Capture } from '../state/capture.ts'
import type { DiskStore } from '../state/disk/disk-store.ts'
import { openDiskStore } from '../state/disk/open-disk-store.ts'
import { MetricsPace } from './metrics-pace.ts'
import { type ChainLimits, PartChain } from './part-chain.ts'
import type { FromSite, SiteCheckpoint, SiteMetrics, ToSite } from './protocol.ts'
import { readParts } from './read-part.ts'
import type { RowTarget } from './stream-rows.ts'
import { writePart } from './write-part.ts'

type EpochMessage = ToSite & { readonly kind: 'epoch' }

/** A part is told and written piece by piece, and the job goes on between two. */
export interface PieceLimits {
  /** Keys of a piece, and bytes of a chunk, at most. */
  readonly ids: number
  readonly bytes: number
}

export interface ShareOptions {
  readonly site: Site
  readonly host: Host
  readonly batchRows: number
  readonly memory: number
  readonly metricsMs: number
  /** How long sources and sinks get to let go of what they hold; undefined: as long as they take. */
  readonly cleanUpMs?: number
  /** Absent: all state is in memory. */
  readonly state?: DiskState | undefined
  /** Where this site writes its part of checkpoints; absent: the job takes none. */
  readonly storage?: CheckpointStorage | undefined
  /** When parts are written anew, not changes of them. */
  readonly chainLimits?: ChainLimits | undefined
  /** In what pieces they are written; absent: of about a millisecond each. */
  readonly pieces?: PieceLimits | undefined
  /** Whether something of a checkpoint is being written in this thread beside this site's part. */
  writing?(): boolean
  post(message: FromSite): void
}

export class Share {
  readonly #options: ShareOptions
  readonly #job: Job
  readonly #chain: PartChain
  /** Set once it has failed, was told to give up, or is through. */
  #over = false
  /** Its output is the coordinator's, who may be putting it in place. */
  #prepared = false
  /** It was told to give up, and which sinks' output is in place. */
  #told = false
  #committed: readonly number[] = []
  #steps: Promise<void> = Promise.resolve()
  /** Epochs asked for before this site has what it goes on from; undefined: it has. */
  #early: EpochMessage[] | undefined = []
  /** Parts that are being written, and told of when they are. */
  #writing = 0
  #parts: Promise<unknown> = Promise.resolve()
  /**
   * What sinks have prepared and nobody was told of. Parts of checkpoints that were given up may be longer in the writing than
   * later ones: whichever is through first tells of all of it, since a manifest has to name what was prepared before it.
   */
  readonly #untold: PreparedHandles[number][] = []
  /** The last checkpoint asked for, and the epoch it ends. */
  #checkpoint: { readonly epoch: number; readonly at: SiteCheckpoint } | undefined
  #stopMetrics: () => void = () => {}
  #store: DiskStore | undefined

  constructor(options: ShareOptions) {
    this.#options = options
    const { host, batchRows, memory, post } = options
    this.#chain = new PartChain(options.chainLimits)
    this.#job = new Job({
      host,
      batchRows,
      memory,
      wantEpoch: after => post({ kind: 'wantsEpoch', after }),
      writing: () => this.#writing > 0 || options.writing?.() === true,
      captureKind: epoch => ({ ...this.#chain.kindFor(epoch), pieceIds: options.pieces?.ids }),
      failed: error => this.fail(error),
      takeSnapshot: (snapshot, handles) => {
        this.#untold.push(...handles)
        const before = this.#parts
        this.#parts = Promise.all([before, this.#write(snapshot)])
      },
    })
  }

  /** Says what plan it has. */
  announce(fingerprint: string, plan: string): void {
    this.#options.post({ kind: 'planned', fingerprint, plan })
  }

  metrics(): SiteMetrics {
    return this.#job.metrics()
  }

  /** What the coordinator says, in the order it was said. */
  receive(message: ToSite): void {
    switch (message.kind) {
      case 'begin':
        return this.#next(() => this.#begin(message))
      case 'epoch':
        return this.#cut(message)
      case 'completed':
        return this.#chain.completed(message.id)
      case 'stop':
        return this.#job.stop()
      case 'cancel':
        this.#told = true
        this.#committed = message.committed
        return this.fail(new MillraceError('CANCELLED', 'the job was given up'))
      case 'prepare':
        return this.#next(() => this.#prepare(message))
      case 'leave':
        return this.#next(() => this.#leave())
    }
  }

  /** Gives up: because it was told to, or because of something that went wrong beside the job. */
  fail(error: unknown): void {
    this.#job.cancel(error)
    this.#next(() => Promise.reject(error))
  }

  /** One step after the other; the first that fails is the last. */
  #next(step: () => Promise<void>): void {
    this.#steps = this.#steps.then(async () => {
      if (this.#over) return
      try {
        await step()
      } catch (error) {
        await this.#giveUp(error)
      }
    })
  }

  async #begin({ jobId, epoch = 0, assignment, restore }: ToSite & { readonly kind: 'begin' }): Promise<void> {
    const { site, host, post, metricsMs, storage } = this.#options
    const job = this.#job
    const store = (this.#store = openDiskStore(this.#options))
    const checkpointed = storage !== undefined
    const report = (event: JobEvent): void => this.#report(event)
    const graph = instantiate({ site, host, jobId, checkpointed, surroundings: job, store, report })
    job.attach(graph)
    job.goOn(epoch)
    if (restore !== undefined) {
      const from = restore.folder === undefined ? storage! : folderStorage(restore.folder)
      const target = store === undefined ? undefined : rowTarget(site, graph.operators)
      job.restore(await readParts(from, site, restore, assignment, target))
    }
    for (const [node, splits] of assignment) job.assign(node, splits)
    const early = this.#early!
    this.#early = undefined
    for (const epoch of early) this.#cut(epoch)
    const pace = new MetricsPace(host)
    this.#stopMetrics = repeat(host, metricsMs, () => {
      const metrics = job.metrics()
      const told = pace.pace(metrics)
      if (told !== undefined) post({ kind: 'metrics', metrics, quiet: told === 'quiet' })
    })
    await job.open()
    await job.work()
    post({ kind: 'done', cut: job.cutSinks, metrics: job.metrics() })
  }

  /** Rows may follow from it, and with them what functions throw. */
  #cut(message: EpochMessage): void {
    if (this.#over) return
    if (this.#early !== undefined) return void this.#early.push(message)
    const { epoch, checkpoint } = message
    if (checkpoint !== undefined) {
      this.#checkpoint = { epoch, at: checkpoint }
      this.#chain.kindFor(epoch, checkpoint.whole)
    }
    try {
      this.#job.cut(epoch, checkpoint !== undefined, checkpoint?.last)
    } catch (error) {
      this.fail(error)
    }
  }

  /** This site's part of a checkpoint becomes durable. What sinks have prepared is told of, whatever becomes of it. */
  async #write({ epoch, vertices, splits }: SiteSnapshot): Promise<void> {
    const { storage, site, post, pieces } = this.#options
    const { id, path, whole = false } = this.#checkpoint!.at
    if (this.#checkpoint!.epoch !== epoch) {
      endCaptures(vertices)
      return post({ kind: 'snapshotFailed', id: -1, error: undefined, handles: this.#tell() })
    }
    this.#writing++
    try {
      const onto = whole ? this.#chain.before(epoch) : []
      const { file, sizes } = await writePart(storage!, path, site, vertices, onto, pieces?.bytes)
      const records = vertices.map(({ node, record }) => [node, record] as const)
      const alone = file === undefined ? [] : [file]
      const files = whole ? alone : this.#chain.wrote(id, epoch, file)
      if (!this.#over) post({ kind: 'snapshot', id, files, vertices: records, splits, handles: this.#tell(), sizes })
    } catch (error) {
      if (!this.#over) post({ kind: 'snapshotFailed', id, error, handles: this.#tell() })
    } finally {
      endCaptures(vertices)
      this.#writing--
    }
  }

  #tell(): PreparedHandles {
    return this.#untold.splice(0)
  }

  /** The last preparation; with checkpoints, what the writers remember of it is written down. */
  async #prepare({ sinks, path }: ToSite & { readonly kind: 'prepare' }): Promise<void> {
    const { storage, site, post } = this.#options
    const { handles, vertices } = await this.#job.prepare(sinks)
    const file = path === undefined ? undefined : (await writePart(storage!, path, site, vertices)).file
    await this.#parts // what sinks have prepared for them is told of before
    this.#prepared = true
    post({ kind: 'prepared', handles, file })
  }

  async #leave(): Promise<void> {
    this.#stopMetrics()
    const unclean = !(await this.#within(this.#job.release()))
    await this.#store?.close()
    this.#over = true
    this.#options.post({ kind: 'left', unclean })
  }

  /** What is prepared stays until the coordinator says which of it is in place. */
  async #giveUp(error: unknown): Promise<void> {
    if (this.#prepared && !this.#told) return this.#options.post({ kind: 'failed', error })
    this.#over = true
    this.#stopMetrics()
    const unclean = !(await this.#within(this.#job.abandon(this.#committed)))
    await this.#store?.close()
    this.#options.post(this.#prepared ? { kind: 'left', unclean } : { kind: 'failed', error, unclean })
  }

  /**
   * False if it took too long. A thread's end is the end of what it holds: there, clean-up that takes for ever keeps no
   * job from telling how it ended.
   */
  async #within(cleanUp: Promise<void>): Promise<boolean> {
    const { host, cleanUpMs } = this.#options
    const done = cleanUp.then(() => true)
    if (cleanUpMs === undefined) return done
    let off = (): void => {}
    const patience = new Promise<boolean>(resolve => {
      off = host.timer(host.now() + cleanUpMs, () => resolve(false))
    })
    return Promise.race([done, patience]).finally(off)
  }

  #report(event: JobEvent): void {
    if (event.kind === 'rejected' || event.kind === 'notClosed') this.#options.post(event)
  }
}

/** Rows of operators here whose states take them. */
function rowTarget(site: Site, operators: readonly OperatorVertex[]): RowTarget {
  const states = new Map(operators.map(({ id, state }) => [site.nodes[id].node.id, { id, state }]))
  return ({ operator, subtask, state }) => {
    const of = states.get(operator)
    if (of === undefined || sitesOf(site.nodes[of.id].place, site.workers).indexOf(site.index) !== subtask)
      return undefined
    const take = of.state.pieces(state)
    return take && (rows => take([rows]))
  }
}

function endCaptures(vertices: readonly VertexSnapshot[]): void {
  for (const { states } of vertices) if (states instanceof Capture) states.end()
}
