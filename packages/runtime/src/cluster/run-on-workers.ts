/**
 * Runs a job on several workers, each a thread that evaluates the job's module itself. The caller's thread coordinates
 * them and has a share of its own: the sources and sinks that must live there.
 */
import type { SinkNode } from '@millrace/plan'
import type { CheckpointStorage } from '../checkpoint/storage.ts'
import { newJobId } from '../driver/job-id.ts'
import type { ExecuteOptions } from '../execute-options.ts'
import { realHost } from '../host/real.ts'
import type { Bundle } from '../job-module/bundle.ts'
import type { JobModule } from '../job-module/evaluate.ts'
import { locateJob } from '../job-module/locate.ts'
import { currentMode } from '../mode.ts'
import { boardBytes } from './alignment-board.ts'
import { Coordinator, type Member } from './coordinator.ts'
import { DEFAULT_MEMORY, layOut } from './layout.ts'
import { planJob } from './plan-job.ts'
import type { Attempt, Running } from './running.ts'
import { Share } from './share.ts'
import { startThreads } from './threads.ts'
import { doorbellOf, siteOf, type WiringOptions } from './wiring.ts'

export function runOnWorkers(sinks: readonly SinkNode[], options: ExecuteOptions, attempt: Attempt): Running {
  const { checkpointing, report } = attempt
  const workers = options.parallelism ?? 1
  const host = options.host ?? realHost
  const { nodes, routes, plan, fingerprint } = planJob(sinks, workers, options)
  const memory = options.memory ?? DEFAULT_MEMORY
  const layout = layOut(routes, workers + 1, memory, boardBytes(nodes, workers + 1))
  const buffer = new SharedArrayBuffer(layout.bytes)
  const wiring: WiringOptions = { nodes, workers, routes, layout, buffer, maxRowBytes: options.maxRowBytes }
  const ringBytes = layout.ringBytes
  const jobId = attempt.jobId ?? newJobId(host)
  const coordinator = new Coordinator({
    nodes,
    workers,
    host,
    jobId,
    plan,
    fingerprint,
    ringBytes,
    checkpointing,
    report,
  })
  const program = findProgram(options.job)
  program.catch(() => {}) // whoever waits for it says so
  const threads = startThreads({
    workers,
    buffer,
    layout,
    memory,
    module: program.then(({ module }) => module),
    timeoutMs: options.workerTimeoutMs ?? 30_000,
    checkpoints: checkpointing?.storage.label,
    receive: (site, message) => coordinator.receive(site, message),
    lost: (site, error) => coordinator.lost(site, error),
  })
  program.catch(error => coordinator.fail(error))
  const share = callerShare(wiring, options, coordinator, checkpointing?.storage)
  const caller: Member = { post: message => share.receive(message), terminate: async () => {} }
  const finished = coordinator.run([...threads, caller])
  share.announce(fingerprint, plan)
  const cleaned = finished.finally(async () => (await program.catch(() => undefined))?.remove())
  return { finished: cleaned, cancel: reason => coordinator.cancel(reason), stop: () => coordinator.stop() }
}

function callerShare(
  wiring: WiringOptions,
  { host = realHost, batchRows = 1024, metricsMs = 200, memory = DEFAULT_MEMORY }: ExecuteOptions,
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
    storage,
    post: message => coordinator.receive(index, message),
  })
}

interface Program {
  readonly module: JobModule
  remove(): void
}

/** The module that workers evaluate: the one that was named, else the running program's. */
async function findProgram(job: URL | string | undefined): Promise<Program> {
  const running = currentMode()?.job
  if (job === undefined && running !== undefined) return { module: running, remove: () => {} }
  const file = locateJob(job)
  const { bundleJob } = await import('../job-module/bundle.ts')
  const bundle = await bundleJob(file)
  const remove = removeAtExit(bundle)
  return { module: { url: bundle.url, file, args: process.argv.slice(2) }, remove }
}

/** Those of jobs that run now: a process that ends before them leaves none behind. */
const bundles = new Set<Bundle>()

function removeAtExit(bundle: Bundle): () => void {
  if (bundles.size === 0) process.on('exit', removeAll)
  bundles.add(bundle)
  return () => {
    bundles.delete(bundle)
    if (bundles.size === 0) process.off('exit', removeAll)
    bundle.remove()
  }
}

function removeAll(): void {
  for (const bundle of bundles) bundle.remove()
}
