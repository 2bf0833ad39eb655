/** Runs a plan: optimise, lower, distribute, drive; in the caller's thread or, with several workers, in threads of their own. */
import { MillraceError, type SinkNode } from '@millrace/plan'
import { runAlone } from './cluster/run-alone.ts'
import { later, type Runner, type Running } from './cluster/running.ts'
import type { JobEvent, JobSummary } from './events.ts'
import { CHECKPOINT_DEFAULTS, type ExecuteOptions } from './execute-options.ts'
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

export function execute(sinks: readonly SinkNode[], given: ExecuteOptions = {}): JobHandle {
  refuseSharedTargets(sinks)
  const mode = currentMode()
  const options = asked(given, mode)
  const takes = mode?.explain ?? mode?.share
  if (takes !== undefined) {
    takes(sinks, options)
    const never = new Promise<never>(() => {})
    return { finished: never, cancel: () => never, stop: () => {} }
  }
  const workers = options.parallelism ?? 1
  refuseSecond(workers > 1 && options.job === undefined)
  const report = reporter(options, mode)
  const running = begin(sinks, options, report)
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

/** What the mode says comes before what the program says. */
function asked(given: ExecuteOptions, mode: Mode | undefined): ExecuteOptions {
  const { parallelism = given.parallelism, checkpoints: wishes } = mode ?? {}
  const dir = wishes?.dir ?? given.checkpoints?.dir
  if (wishes === undefined) return { ...given, parallelism }
  if (dir === undefined)
    throw new MillraceError('INVALID_OPTION', 'missing folder of checkpoints: the job takes none', {
      hint: 'name one: --checkpoints DIR',
    })
  return { ...given, parallelism, checkpoints: { ...CHECKPOINT_DEFAULTS, ...given.checkpoints, ...wishes, dir } }
}

function begin(sinks: readonly SinkNode[], options: ExecuteOptions, report: (event: JobEvent) => void): Running {
  const alone = (options.parallelism ?? 1) === 1
  const runner: Runner = alone ? { start: attempt => runAlone(sinks, options, attempt) } : onWorkers(sinks, options)
  const running =
    options.checkpoints === undefined
      ? runner.start({ jobId: undefined, report })
      : later(async () => {
          const { runWithCheckpoints } = await import('./cluster/run-with-checkpoints.ts')
          return runWithCheckpoints(sinks, options, report, runner)
        })
  return {
    finished: running.finished.finally(() => runner.close?.()),
    cancel: reason => running.cancel(reason),
    stop: () => running.stop(),
  }
}

/** Threads are loaded only where they are used. */
function onWorkers(sinks: readonly SinkNode[], options: ExecuteOptions): Runner {
  const loaded = import('./cluster/run-on-workers.ts').then(({ WorkersJob }) => new WorkersJob(sinks, options))
  loaded.catch(() => {}) // an attempt says so
  return {
    start: attempt => later(async () => (await loaded).start(attempt)),
    prepare: () => void loaded.then(job => job.prepare()).catch(() => {}), // the attempt does it itself, and says so
    close: async () => (await loaded).close(),
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
