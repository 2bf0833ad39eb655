/**
 * A site's share of a job: the job's plan, cut down to what runs here, driven as the coordinator says.
 *
 * It lives in a worker's thread or in the caller's. All it knows of the others are channels to them, and the port to
 * the coordinator.
 */
import { MillraceError } from '@millrace/plan'
import { Job } from '../driver/job.ts'
import type { JobEvent } from '../events.ts'
import type { Host } from '../host/host.ts'
import { repeat } from '../host/repeat.ts'
import { instantiate } from '../lower/instantiate.ts'
import type { Site } from '../lower/site.ts'
import { MetricsPace } from './metrics-pace.ts'
import type { FromSite, SiteMetrics, ToSite } from './protocol.ts'

export interface ShareOptions {
  readonly site: Site
  readonly host: Host
  readonly batchRows: number
  readonly memory: number
  readonly metricsMs: number
  /** How long sources and sinks get to let go of what they hold; undefined: as long as they take. */
  readonly cleanUpMs?: number
  post(message: FromSite): void
}

export class Share {
  readonly #options: ShareOptions
  readonly #job: Job
  /** Set once it has failed, was told to give up, or is through. */
  #over = false
  /** Its output is the coordinator's, who may be putting it in place. */
  #prepared = false
  /** It was told to give up, and which sinks' output is in place. */
  #told = false
  #committed: readonly number[] = []
  #steps: Promise<void> = Promise.resolve()
  #stopMetrics: () => void = () => {}

  constructor(options: ShareOptions) {
    this.#options = options
    const { host, batchRows, memory, post } = options
    this.#job = new Job({
      host,
      batchRows,
      memory,
      wantEpoch: after => post({ kind: 'wantsEpoch', after }),
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
        return this.#cut(message.epoch)
      case 'stop':
        return this.#job.stop()
      case 'cancel':
        this.#told = true
        this.#committed = message.committed
        return this.fail(new MillraceError('CANCELLED', 'the job was given up'))
      case 'prepare':
        return this.#next(() => this.#prepare(message.sinks))
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

  async #begin({ jobId, assignment }: ToSite & { readonly kind: 'begin' }): Promise<void> {
    const { site, host, post, metricsMs } = this.#options
    const job = this.#job
    job.attach(instantiate({ site, host, jobId, surroundings: job, report: e => this.#report(e) }))
    for (const [node, splits] of assignment) job.assign(node, splits)
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
  #cut(epoch: number): void {
    if (this.#over) return
    try {
      this.#job.cut(epoch)
    } catch (error) {
      this.fail(error)
    }
  }

  async #prepare(sinks: readonly number[]): Promise<void> {
    const handles = await this.#job.prepare(sinks)
    this.#prepared = true
    this.#options.post({ kind: 'prepared', handles })
  }

  async #leave(): Promise<void> {
    this.#stopMetrics()
    const unclean = !(await this.#within(this.#job.release()))
    this.#over = true
    this.#options.post({ kind: 'left', unclean })
  }

  /** What is prepared stays until the coordinator says which of it is in place. */
  async #giveUp(error: unknown): Promise<void> {
    if (this.#prepared && !this.#told) return this.#options.post({ kind: 'failed', error })
    this.#over = true
    this.#stopMetrics()
    const unclean = !(await this.#within(this.#job.abandon(this.#committed)))
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
