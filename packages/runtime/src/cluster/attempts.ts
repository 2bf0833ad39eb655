/**
 * A job with checkpoints, over all its attempts: it goes on from the newest complete checkpoint of its storage, and when it
 * fails begins again from the newest one then, as its restart strategy says.
 */
import type { Checkpoints } from '../checkpoint/library.ts'
import type { CheckpointStorage } from '../checkpoint/storage.ts'
import { newJobId } from '../driver/job-id.ts'
import type { JobEvent, JobSummary } from '../events.ts'
import type { Host } from '../host/host.ts'
import type { CheckpointSettings } from './checkpointing.ts'
import { type RestartStrategy, Restarts } from './restart.ts'
import type { Attempt, Running } from './running.ts'

export interface AttemptsOptions extends CheckpointSettings {
  readonly host: Host
  readonly storage: CheckpointStorage
  readonly restart: RestartStrategy
  /** Takes the storage for this run. */
  open(): Promise<Checkpoints>
  /** An older checkpoint will do where the newest is damaged. */
  readonly allowOlder?: boolean | undefined
  start(attempt: Attempt): Running
  report(event: JobEvent): void
}

export class Attempts implements Running {
  readonly finished: Promise<JobSummary>
  readonly #options: AttemptsOptions
  readonly #restarts: Restarts
  #current: Running | undefined
  #stopped = false
  #cancelled: { readonly reason: unknown } | undefined
  #endPause: () => void = () => {}

  constructor(options: AttemptsOptions) {
    this.#options = options
    this.#restarts = new Restarts(options.restart)
    this.finished = this.#run()
  }

  cancel(reason: unknown): void {
    this.#cancelled ??= { reason }
    this.#current?.cancel(reason)
    this.#endPause()
  }

  stop(): void {
    this.#stopped = true
    this.#current?.stop()
    this.#endPause()
  }

  async #run(): Promise<JobSummary> {
    const { host, open, report } = this.#options
    const library = await open()
    for (;;) {
      const beganMs = host.now()
      const held: JobEvent[] = []
      try {
        return await this.#attempt(library, held)
      } catch (error) {
        const afterMs = this.#restarts.afterFailure(error, beganMs, host.now())
        if (afterMs === undefined || this.#stopped || this.#cancelled !== undefined) {
          for (const event of held) report(event)
          throw error
        }
        report({ kind: 'restarting', atMs: host.now(), error, afterMs })
        await this.#pause(afterMs)
        this.#throwIfCancelled()
        if (this.#stopped) throw error
      }
    }
  }

  async #attempt(library: Checkpoints, held: JobEvent[]): Promise<JobSummary> {
    const { host, storage, allowOlder, start, report } = this.#options
    const from = await library.newest(allowOlder === true ? { allowOlder } : {})
    this.#throwIfCancelled()
    this.#current = start({
      jobId: from?.jobId ?? newJobId(host),
      checkpointing: { ...settingsOf(this.#options), storage, library, from },
      report: event => (event.kind === 'failed' ? held.push(event) : report(event)),
    })
    if (this.#stopped) this.#current.stop()
    try {
      return await this.#current.finished
    } finally {
      this.#current = undefined
    }
  }

  #throwIfCancelled(): void {
    if (this.#cancelled !== undefined) throw this.#cancelled.reason
  }

  #pause(afterMs: number): Promise<void> {
    const { host } = this.#options
    return new Promise(resolve => {
      const cancel = host.timer(host.now() + afterMs, resolve)
      this.#endPause = () => {
        cancel()
        resolve()
      }
    })
  }
}

function settingsOf({ everyMs, minPauseMs, timeoutMs, retain, tolerates }: CheckpointSettings): CheckpointSettings {
  return { everyMs, minPauseMs, timeoutMs, retain, tolerates }
}
