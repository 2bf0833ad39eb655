/** Runs a plan: optimise, lower, distribute, drive; in the caller's thread or, with several workers, in threads of their own. */
import { MillraceError, type SinkNode } from '@millrace/plan'
import { Coordinator, type Member } from './cluster/coordinator.ts'
import { DEFAULT_MEMORY } from './cluster/layout.ts'
import { planNodes } from './cluster/planned.ts'
import { Share } from './cluster/share.ts'
import { newJobId } from './driver/job-id.ts'
import type { JobEvent, JobSummary } from './events.ts'
import type { ExecuteOptions } from './execute-options.ts'
import { realHost } from './host/real.ts'
import { onlySite } from './lower/site.ts'
import { currentMode, type Mode } from './mode.ts'
import { stopAtSignals } from './signals.ts'
import { refuseSecond } from './terminal-calls.ts'

export interface JobHandle {
  /** Settles when the job's clean-up is done. */
  readonly finished: Promise<JobSummary>
  /** Gives the job up, and resolves when its clean-up is done. */
  cancel(reason?: unknown): Promise<void>
  /** Ends its sources where they are; what they have given is worked off and committed. */
  stop(): void
}

/** A job that can be told to end. */
interface Running {
  readonly finished: Promise<JobSummary>
  cancel(reason: unknown): void
  stop(): void
}

export function execute(sinks: readonly SinkNode[], options: ExecuteOptions = {}): JobHandle {
  refuseSharedTargets(sinks)
  const mode = currentMode()
  const takes = mode?.explain ?? mode?.share
  if (takes !== undefined) {
    takes(sinks, options)
    const never = new Promise<never>(() => {})
    return { finished: never, cancel: () => never, stop: () => {} }
  }
  const workers = options.parallelism ?? 1
  refuseSecond(workers > 1 && options.job === undefined)
  const report = reporter(options, mode)
  const running = workers === 1 ? runAlone(sinks, options, report) : runOnWorkers(sinks, options, report)
  const finished = follow(running, options, mode)
  return {
    finished,
    stop: () => running.stop(),
    cancel: async (reason = cancelled()) => {
      running.cancel(reason)
      await finished.catch(() => {})
    },
  }
}

/** On one site, the caller's thread. */
function runAlone(sinks: readonly SinkNode[], options: ExecuteOptions, report: (event: JobEvent) => void): Running {
  const host = options.host ?? realHost
  const site = onlySite(planNodes(sinks, options))
  const coordinator = new Coordinator({
    nodes: site.nodes,
    workers: 1,
    host,
    jobId: newJobId(host),
    plan: '',
    fingerprint: '',
    ringBytes: 0,
    report,
  })
  const share = new Share({
    site,
    host,
    batchRows: options.batchRows ?? 1024,
    memory: options.memory ?? DEFAULT_MEMORY,
    metricsMs: options.metricsMs ?? 200,
    post: message => coordinator.receive(0, message),
  })
  const member: Member = { post: message => share.receive(message), terminate: async () => {} }
  const finished = coordinator.run([member])
  share.announce('', '')
  return { finished, cancel: reason => coordinator.cancel(reason), stop: () => coordinator.stop() }
}

/** Threads are loaded only where they are used. */
function runOnWorkers(sinks: readonly SinkNode[], options: ExecuteOptions, report: (event: JobEvent) => void): Running {
  const waiting: ((running: Running) => void)[] = []
  let act = (step: (running: Running) => void): void => void waiting.push(step)
  const finished = import('./cluster/run-on-workers.ts').then(({ runOnWorkers }) => {
    const running = runOnWorkers(sinks, options, report)
    act = step => step(running)
    for (const step of waiting) step(running)
    return running.finished
  })
  return { finished, cancel: reason => act(r => r.cancel(reason)), stop: () => act(r => r.stop()) }
}

/** Two sinks into one file would each think it theirs, and the later commit win. */
function refuseSharedTargets(sinks: readonly SinkNode[]): void {
  const writers = new Map<string, SinkNode>()
  for (const node of sinks) {
    const target = node.sink.exclusive
    if (target === undefined) continue
    const other = writers.get(target)
    writers.set(target, node)
    if (other === undefined) continue
    const first = other.site === undefined ? '' : ` (the first at ${other.site.file}:${other.site.line})`
    throw new MillraceError('INVALID_ARGUMENT', `invalid sinks: two write ${target}${first}`, {
      site: node.site,
      hint: 'give each its own path, or write the union of both',
    })
  }
}

function cancelled(): MillraceError {
  return new MillraceError('CANCELLED', 'the job was cancelled')
}

function reporter(options: ExecuteOptions, mode: Mode | undefined): (event: JobEvent) => void {
  return event => {
    mode?.onEvent?.(event)
    options.onEvent?.(event)
  }
}

async function follow(running: Running, { signal, host }: ExecuteOptions, mode: Mode | undefined): Promise<JobSummary> {
  // The command line attends to signals itself; a host of its own is not the machine.
  const attended = mode === undefined && host === undefined ? stopAtSignals(() => running.stop()) : undefined
  const letGo = [
    on(signal, () => running.cancel(signal!.reason)),
    on(mode?.cancel, () => running.cancel(mode!.cancel!.reason)),
    on(mode?.stop, () => running.stop()),
    () => attended?.release(),
  ]
  if (mode !== undefined) mode.running++
  let summary: JobSummary
  try {
    summary = await running.finished
    mode?.stop?.throwIfAborted()
  } finally {
    for (const off of letGo) off()
    if (mode !== undefined) mode.running--
  }
  await attended?.settled()
  return summary
}

/** Calls back when the signal is or becomes aborted; returns a function that lets go of it. */
function on(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => {}
  if (signal.aborted) callback()
  signal.addEventListener('abort', callback, { once: true })
  return () => signal.removeEventListener('abort', callback)
}
