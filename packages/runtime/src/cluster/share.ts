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
import { instantiate } from '../lower/instantiate.ts'
import type { Site } from '../lower/site.ts'
import { plainError } from './plain-error.ts'
import type { FromSite, ToSite } from './protocol.ts'

export interface ShareOptions {
  readonly site: Site
  readonly host: Host
  readonly batchRows: number
  readonly metricsMs: number
  post(message: FromSite): void
}

export class Share {
  readonly #options: ShareOptions
  readonly #job: Job
  /** Set once it has failed, was told to give up, or is through. */
  #over = false
  #stopMetrics: () => void = () => {}

  constructor(options: ShareOptions) {
    this.#options = options
    const { host, batchRows, post } = options
    this.#job = new Job({
      host,
      batchRows,
      report: event => this.#report(event),
      wantEpoch: after => post({ kind: 'wantsEpoch', after }),
    })
  }

  /** What the coordinator says, in the order it was said. */
  receive(message: ToSite): void {
    switch (message.kind) {
      case 'begin':
        return void this.#guard(() => this.#begin(message))
      case 'epoch':
        return this.#job.cut(message.epoch)
      case 'stop':
        return this.#job.stop()
      case 'cancel':
        return this.#job.cancel(new MillraceError('CANCELLED', 'the job was given up'))
      case 'prepare':
        return void this.#guard(() => this.#prepare(message.sinks))
      case 'leave':
        return void this.#guard(() => this.#leave())
    }
  }

  /** Gives up because of something that went wrong beside the job: an error nobody handled. */
  fail(error: unknown): void {
    this.#job.cancel(error)
    void this.#giveUp(error)
  }

  async #begin({ jobId, assignment }: ToSite & { readonly kind: 'begin' }): Promise<void> {
    const { site, host, post, metricsMs } = this.#options
    const job = this.#job
    job.attach(instantiate(site.nodes, { site, host, jobId, surroundings: job, report: e => this.#report(e) }))
    for (const [node, splits] of assignment) job.assign(node, splits)
    this.#stopMetrics = repeat(host, metricsMs, () => post({ kind: 'metrics', metrics: job.metrics() }))
    await job.open()
    await job.work()
    post({ kind: 'done', cut: job.cutSinks(), metrics: job.metrics() })
  }

  async #prepare(sinks: readonly number[]): Promise<void> {
    const handles = await this.#job.prepare(sinks)
    this.#options.post({ kind: 'prepared', handles })
  }

  async #leave(): Promise<void> {
    this.#stopMetrics()
    await this.#job.release()
    if (this.#over) return
    this.#over = true
    this.#options.post({ kind: 'left' })
  }

  async #guard(step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      await this.#giveUp(error)
    }
  }

  async #giveUp(error: unknown): Promise<void> {
    if (this.#over) return
    this.#over = true
    this.#stopMetrics()
    await this.#job.abandon()
    this.#options.post({ kind: 'failed', error: plainError(error) })
  }

  #report(event: JobEvent): void {
    if (event.kind === 'rejected') this.#options.post(event)
  }
}

function repeat(host: Host, everyMs: number, act: () => void): () => void {
  let cancel = (): void => {}
  const again = (): void => {
    cancel = host.timer(host.now() + everyMs, () => {
      act()
      again()
    })
  }
  again()
  return () => cancel()
}
