/** A job on several workers, simulated, from a seed (`Simulation`): one attempt at it, without checkpoints. */
import type { SinkNode } from '@millrace/plan'
import type { JobEvent, JobSummary } from '../events.ts'
import type { SimulatedSite } from '../host/simulated-site.ts'
import { Simulation, type TraceEntry } from '../host/simulation.ts'
import { type ClusterOptions, SimulatedAttempt } from './simulated-attempt.ts'

export interface SimulationOptions extends ClusterOptions {
  readonly seed: number
  readonly onEvent?: ((event: JobEvent) => void) | undefined
}

export interface SimulatedJob {
  /** Rejects as the job does; with INTERNAL, and what each site waits for, if nobody can go on. */
  readonly finished: Promise<JobSummary>
  /** All that has happened so far, in order. */
  readonly trace: readonly TraceEntry[]
  /** Timers that are set, and pauses that are not over, by site. */
  readonly left: readonly string[]
  cancel(reason: unknown): void
  stop(): void
  /** Calls back at the caller's site, in so many virtual milliseconds. */
  after(delayMs: number, act: () => void): void
}

export function simulateCluster(sinks: readonly SinkNode[], options: SimulationOptions): SimulatedJob {
  return new Cluster(sinks, options)
}

class Cluster implements SimulatedJob {
  readonly finished: Promise<JobSummary>
  readonly #simulation: Simulation
  readonly #attempt: SimulatedAttempt
  /** Where the coordinator is. */
  readonly #caller: SimulatedSite

  constructor(sinks: readonly SinkNode[], options: SimulationOptions) {
    const { workers, seed, onEvent } = options
    const simulation = new Simulation(seed, workers === 1 ? 1 : workers + 1)
    const { sites } = simulation
    const attempt = { jobId: undefined, report: (event: JobEvent): void => onEvent?.(event) }
    this.#simulation = simulation
    this.#caller = sites.at(-1)!
    this.#attempt = new SimulatedAttempt({ ...options, simulation, sites, sinks, attempt })
    this.finished = simulation.run(this.#attempt.finished, () => this.#attempt.describe())
  }

  get trace(): readonly TraceEntry[] {
    return this.#simulation.trace
  }

  get left(): readonly string[] {
    return this.#simulation.left.map(({ site, what }) => `${what} of ${site}`)
  }

  cancel(reason: unknown): void {
    this.#attempt.cancel(reason)
  }

  stop(): void {
    this.#attempt.stop()
  }

  after(delayMs: number, act: () => void): void {
    this.#caller.receive(this.#caller.trueMs + delayMs, 'act', true, act)
  }
}
