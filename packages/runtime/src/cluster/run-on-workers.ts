/**
 * Runs a job on several workers, each a thread that evaluates the job's module itself. The caller's thread coordinates
 * them and has a share of its own: the sources and sinks that must live there.
 */
import type { SinkNode } from '@millrace/plan'
import type { CheckpointStorage } from '../checkpoint/storage.ts'
import { newJobId } from '../driver/job-id.ts'
import type { ExecuteOptions } from '../execute-options.ts'
import { realHost } from '../host/real.ts'
import { boardBytes } from './alignment-board.ts'
import { Coordinator, type Member } from './coordinator.ts'
import { DEFAULT_MEMORY, layOut } from './layout.ts'
import { planJob } from './plan-job.ts'
import { findProgram, type Program } from './program.ts'
import type { Attempt, Runner, Running } from './running.ts'
import { Share } from './share.ts'
import { Crew, type ThreadsOptions } from './threads.ts'
import { doorbellOf, siteOf, type WiringOptions } from './wiring.ts'

export class WorkersJob implements Runner {
  readonly #sinks: readonly SinkNode[]
  readonly #options: ExecuteOptions
  /** Bundled once, for all attempts. */
  #program: Promise<Program> | undefined
  /** That of the last attempt, without what it runs for. */
  #last: Omit<ThreadsOptions, 'buffer'> | undefined
  /** Started ahead, for the next attempt. */
  #crew: Crew | undefined

  constructor(sinks: readonly SinkNode[], options: ExecuteOptions) {
    this.#sinks = sinks
    this.#options = options
  }

  start({ jobId, checkpointing, failing, report }: Attempt): Running {
    const options = this.#options
    const { host = realHost, parallelism: workers = 1, memory = DEFAULT_MEMORY, maxRowBytes } = options
    const { nodes, routes, plan, fingerprint } = planJob(this.#sinks, workers, options)
    const layout = layOut(routes, workers + 1, memory, boardBytes(nodes, workers + 1))
    const coordinator = new Coordinator({
      nodes,
      workers,
      host,
      jobId: jobId ?? newJobId(host),
      plan,
      fingerprint,
      ringBytes: layout.ringBytes,
      checkpointing,
      failing,
      report,
    })
    const program = this.#bundled()
    this.#last = {
      workers,
      layout,
      memory,
      module: program.then(({ module }) => module),
      timeoutMs: options.workerTimeoutMs ?? 30_000,
      checkpoints: checkpointing?.storage.label,
    }
    const crew = this.#crew ?? this.#newCrew()
    this.#crew = undefined
    program.catch(error => coordinator.fail(error))
    const wiring: WiringOptions = { nodes, workers, routes, layout, buffer: crew.buffer, maxRowBytes }
    const share = callerShare(wiring, options, coordinator, checkpointing?.storage)
    const caller: Member = { post: message => share.receive(message), terminate: async () => {} }
    const finished = coordinator.run([...crew.members, caller])
    crew.listen(coordinator)
    share.announce(fingerprint, plan)
    return { finished, cancel: reason => coordinator.cancel(reason), stop: () => coordinator.stop() }
  }

  /** Threads take longest to be there. */
  prepare(): void {
    if (this.#last !== undefined) this.#crew ??= this.#newCrew()
  }

  async close(): Promise<void> {
    await this.#crew?.end()
    const program = await this.#program?.catch(() => undefined)
    program?.remove()
  }

  #newCrew(): Crew {
    const last = this.#last!
    return new Crew({ ...last, buffer: new SharedArrayBuffer(last.layout.bytes) })
  }

  #bundled(): Promise<Program> {
    if (this.#program === undefined) {
      this.#program = findProgram(this.#options.job)
      this.#program.catch(() => {}) // whoever waits for it says so
    }
    return this.#program
  }
}

function callerShare(
  wiring: WiringOptions,
  { host = realHost, batchRows = 1024, metricsMs = 200, memory = DEFAULT_MEMORY, state }: ExecuteOptions,
  coordinator: Coordinator,
  storage: CheckpointStorage | undefined,
): Share {
  const index = wiring.workers
  const bell = doorbellOf(wiring, index)
  return new Share({
    site: siteOf(wiring, index),
    host: { ...host, doorbell: () => bell },
    batchRows,
    memory,
    metricsMs,
    state,
    storage,
    post: message => coordinator.receive(index, message),
  })
}
