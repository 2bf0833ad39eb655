/**
 * A process of a simulation that runs a job with checkpoints: it opens the storage anew and goes on from what is there, and
 * begins again within itself when an attempt fails. All that it has in memory is gone when it crashes; what it has
 * written lies on the disk. Every attempt has worker sites of its own.
 */
import { KEY_GROUPS } from '@millrace/algebra'
import { fingerprint, type SinkNode } from '@millrace/plan'
import { openCheckpoints } from '../checkpoint/checkpoints.ts'
import { Attempts } from '../cluster/attempts.ts'
import type { CheckpointSettings } from '../cluster/checkpointing.ts'
import type { RestartStrategy } from '../cluster/restart.ts'
import type { Attempt, Running } from '../cluster/running.ts'
import { newJobId } from '../driver/job-id.ts'
import type { JobEvent, JobSummary } from '../events.ts'
import type { SimulatedSite } from '../host/simulated-site.ts'
import type { Simulation } from '../host/simulation.ts'
import { type ClusterOptions, SimulatedAttempt } from './simulated-attempt.ts'
import type { SimulatedStorage } from './simulated-storage.ts'

export interface SimulatedProcessOptions extends ClusterOptions, CheckpointSettings {
  readonly simulation: Simulation
  readonly restart: RestartStrategy
  /** The program, evaluated by this process. */
  sinks(host: SimulatedSite): readonly SinkNode[]
  /** The disk, as a site sees it. */
  storage(host: SimulatedSite): SimulatedStorage
  report(event: JobEvent): void
}

export class SimulatedProcess {
  /** Never settles when it has crashed. */
  readonly finished: Promise<JobSummary>
  /** Where its coordinator is. */
  readonly host: SimulatedSite
  readonly #options: SimulatedProcessOptions
  readonly #storage: SimulatedStorage
  readonly #sinks: readonly SinkNode[]
  readonly #attempts: Attempts
  #attempt: SimulatedAttempt | undefined
  /** Workers of the attempt. */
  #workers: readonly SimulatedSite[] = []

  constructor(options: SimulatedProcessOptions) {
    const { simulation, report } = options
    this.#options = options
    const host = simulation.addSite()
    const storage = options.storage(host)
    this.host = host
    this.#storage = storage
    this.#sinks = options.sinks(host)
    this.#attempts = new Attempts({
      ...options,
      host,
      storage,
      takesRequests: true,
      report,
      fingerprint: fingerprint(this.#sinks),
      open: async () => ({
        checkpoints: await openCheckpoints(storage, { host, jobId: newJobId(host), keyGroups: KEY_GROUPS }),
      }),
      start: attempt => this.#start(attempt),
    })
    this.finished = this.#attempts.finished
  }

  get workers(): number {
    return this.#options.workers
  }

  get gone(): boolean {
    return this.host.gone
  }

  /** All sites that are alive. */
  get sites(): readonly SimulatedSite[] {
    return [...this.#workers, this.host].filter(site => !site.gone)
  }

  #start(attempt: Attempt): Running {
    const { simulation, workers, storage } = this.#options
    this.#workers = workers === 1 ? [] : Array.from({ length: workers }, () => simulation.addSite())
    for (const { index } of this.#workers) simulation.note(this.host.index, `starts worker ${index}`)
    const storages = [...this.#workers.map(site => storage(site)), this.#storage]
    const sites = [...this.#workers, this.host]
    this.#attempt = new SimulatedAttempt({ ...this.#options, sites, sinks: this.#sinks, attempt, storages })
    return this.#attempt
  }

  stop(): void {
    this.#attempts.stop()
  }

  /** Everything in memory is lost. */
  crash(): void {
    this.#attempt?.end()
    this.host.gone = true
    this.#storage.crash()
  }

  /** One of its workers crashes (`SimulatedAttempt.crash`); false if there is none. */
  crashWorker(worker: number, noticedMs: number, lingersMs: number): boolean {
    const site = this.#workers[worker]
    if (this.#attempt === undefined || site === undefined || site.gone) return false
    this.#attempt.crash(worker, noticedMs, lingersMs)
    return true
  }

  describe(): string {
    return this.#attempt?.describe() ?? 'nothing has begun'
  }
}
