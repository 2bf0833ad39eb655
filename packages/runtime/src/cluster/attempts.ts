/**
 * A job with checkpoints, over all its attempts: it goes on from the newest complete checkpoint of its storage, and when it
 * fails begins again from the newest one then, as its restart strategy says.
 */
import { MillraceError } from '@millrace/plan'
import type { ForeignCheckpoint } from '../checkpoint/checkpoint-at.ts'
import type { Checkpoints } from '../checkpoint/library.ts'
import type { CheckpointStorage } from '../checkpoint/storage.ts'
import type { JobEvent, JobSummary } from '../events.ts'
import type { Host } from '../host/host.ts'
import type { CheckpointSettings } from './checkpointing.ts'
import { refuseFinished } from './folder-jobs.ts'
import { type RestartStrategy, Restarts } from './restart.ts'
import type { Attempt, Running } from './running.ts'

/** For a pause longer than this nothing is kept ready. */
const AHEAD_MS = 1000

export interface AttemptsOptions extends CheckpointSettings {
  readonly host: Host
  readonly storage: CheckpointStorage
  readonly restart: RestartStrategy
  /** Of the job's plan. */
  readonly fingerprint: string
  /** Takes the storage for this run. */
  open(): Promise<OpenedCheckpoints>
  /** An older checkpoint will do where the newest is damaged. */
  readonly allowOlder?: boolean | undefined
  readonly allowDropped?: boolean | undefined
  readonly takesRequests?: boolean | undefined
  start(attempt: Attempt): Running
  /** Another attempt is about to follow. */
  prepare?(): void
  report(event: JobEvent): void
}

export interface OpenedCheckpoints {
  readonly checkpoints: Checkpoints
  /** What the job is to begin from, where its own storage has nothing. */
  readonly foreign?: ForeignCheckpoint | undefined
}

export class Attempts implements Running {
  readonly finished: Promise<JobSummary>
  readonly #options: AttemptsOptions
  readonly #restarts: Restarts
  #current: Running | undefined
  #attempts = 0
  #stopped = false
  #cancelled: { readonly reason: unknown } | undefined
  #endPause: () => void = () => {}
  /** What the current attempt has failed of, and when another follows. */
  #failed: { readonly error: unknown; readonly afterMs: number | undefined } | undefined

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
    const opened = await open()
    for (;;) {
      const beganMs = host.now()
      const held: JobEvent[] = []
      try {
        return await this.#attempt(opened, held, error => this.#failing(error, beganMs))
      } catch (error) {
        const afterMs = this.#afterFailure(error, beganMs)
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

  /** The attempt is cleaning up. */
  #failing(error: unknown, beganMs: number): void {
    const afterMs = this.#afterFailure(error, beganMs)
    this.#failed = { error, afterMs }
    const follows = afterMs !== undefined && afterMs <= AHEAD_MS && !this.#stopped && this.#cancelled === undefined
    if (follows) this.#options.prepare?.()
  }

  #afterFailure(error: unknown, beganMs: number): number | undefined {
    if (this.#failed !== undefined && this.#failed.error === error) return this.#failed.afterMs
    return this.#restarts.afterFailure(error, beganMs, this.#options.host.now())
  }

  async #attempt(
    { checkpoints, foreign }: OpenedCheckpoints,
    held: JobEvent[],
    failing: (error: unknown) => void,
  ): Promise<JobSummary> {
    this.#failed = undefined
    const { storage, allowOlder, allowDropped, takesRequests, start, report } = this.#options
    const own = await checkpoints.newest(allowOlder === true ? { allowOlder } : {})
    if (own !== undefined && foreign !== undefined && own.origin !== foreign.manifest.origin)
      throw hasItsOwn(storage.label)
    const from = own ?? foreign?.manifest
    this.#throwIfCancelled()
    if (own !== undefined) refuseFinished(own, this.#options.fingerprint, storage.label)
    this.#current = start({
      jobId: from?.jobId ?? checkpoints.jobId,
      checkpointing: {
        ...settingsOf(this.#options),
        storage,
        checkpoints,
        from,
        again: this.#attempts++ > 0,
        fromStorage: own === undefined ? foreign?.storage : undefined,
        allowDropped,
        takesRequests,
      },
      failing,
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

/** To begin from elsewhere would leave behind what this folder has. */
function hasItsOwn(label: string): MillraceError {
  return new MillraceError('INVALID_ARGUMENT', `invalid checkpoint folder: ${label} has checkpoints of its own`, {
    hint: 'Give an empty folder to begin from another checkpoint, or leave out --from (from of environment({ checkpoints })) to go on from the newest one here.',
  })
}
