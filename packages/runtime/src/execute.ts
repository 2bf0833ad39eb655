/** Runs a plan in this process: optimise, lower, instantiate, drive. */
import { MillraceError, optimise, type SinkNode } from '@millrace/plan'
import { Job } from './driver/job.ts'
import type { JobEvent, JobSummary } from './events.ts'
import type { Host } from './host/host.ts'
import { realHost } from './host/real.ts'
import { checkedFunctions } from './lower/checked-functions.ts'
import { instantiate } from './lower/instantiate.ts'
import { lower } from './lower/lower.ts'
import { currentMode, type Mode } from './mode.ts'

export interface ExecuteOptions {
  /** Default: the real one. */
  readonly host?: Host | undefined
  /** Gives the job up when aborted; `finished` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: ((event: JobEvent) => void) | undefined
  /** Rows of a batch, 1 to 1024; default 1024. */
  readonly batchRows?: number | undefined
  /** Milliseconds of processing time between two reports of metrics; default 200. */
  readonly metricsMs?: number | undefined
  /** False: run the plan as it was written; default: optimise it first. */
  readonly optimise?: boolean | undefined
  /** False: interpret expressions and aggregates instead of generating code; default: generate where allowed. */
  readonly generate?: boolean | undefined
  /** True: functions are given frozen rows, so that one that changes a row is found; default: as the mode has it. */
  readonly check?: boolean | undefined
}

export interface JobHandle {
  /** Settles when the job's clean-up is done. */
  readonly finished: Promise<JobSummary>
  /** Gives the job up, and resolves when its clean-up is done. */
  cancel(reason?: unknown): Promise<void>
  /** Ends its sources where they are; what they have given is worked off and committed. */
  stop(): void
}

export function execute(sinks: readonly SinkNode[], options: ExecuteOptions = {}): JobHandle {
  refuseSharedTargets(sinks)
  const mode = currentMode()
  if (mode?.explain !== undefined) {
    mode.explain(sinks)
    const never = new Promise<never>(() => {})
    return { finished: never, cancel: () => never, stop: () => {} }
  }
  const report = reporter(options, mode)
  const host = options.host ?? realHost
  const job = new Job({
    host,
    batchRows: options.batchRows ?? 1024,
    metricsMs: options.metricsMs ?? 200,
    report,
  })
  const optimised = options.optimise === false ? sinks : optimise(sinks)
  const asked = options.check ?? mode?.check ?? false
  const plan = lower(
    asked ? checkedFunctions(optimised) : optimised,
    options.generate === undefined ? {} : { generate: options.generate },
  )
  job.attach(instantiate(plan, host, report, job))
  const finished = follow(job, options.signal, mode)
  return {
    finished,
    stop: () => job.stop(),
    cancel: async (reason = cancelled()) => {
      job.cancel(reason)
      await finished.catch(() => {})
    },
  }
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

async function follow(job: Job, signal: AbortSignal | undefined, mode: Mode | undefined): Promise<JobSummary> {
  const letGo = [
    on(signal, () => job.cancel(signal!.reason)),
    on(mode?.cancel, () => job.cancel(mode!.cancel!.reason)),
    on(mode?.stop, () => job.stop()),
  ]
  if (mode !== undefined) mode.running++
  try {
    const summary = await job.run()
    mode?.stop?.throwIfAborted()
    return summary
  } finally {
    for (const off of letGo) off()
    if (mode !== undefined) mode.running--
  }
}

/** Calls back when the signal is or becomes aborted; returns a function that lets go of it. */
function on(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => {}
  if (signal.aborted) callback()
  signal.addEventListener('abort', callback, { once: true })
  return () => signal.removeEventListener('abort', callback)
}
