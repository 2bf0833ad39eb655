/**
 * Ctrl-C and SIGTERM in a program that runs without the command line: while it has jobs they are stopped, what they have
 * read is written, and the process ends with 128 + the signal's number. The second signal ends it at once.
 *
 * A program that listens to a signal itself keeps it: it has an `AbortSignal` to give to its jobs. Listeners are there only
 * while jobs run.
 */
import { constants } from 'node:os'
import { isMainThread } from 'node:worker_threads'
import { realHost } from './host/real.ts'

const signals = ['SIGINT', 'SIGTERM'] as const
/** The running jobs: each a function that stops it. */
const jobs = new Set<() => void>()
let stoppedBy: NodeJS.Signals | undefined

/** What a job has to say when it is over, and its clean-up done. */
export interface Attended {
  /** Once, however it ended. */
  release(): void
  /** After `release`, if it has not failed: resolves, unless a signal has stopped it. Then the process ends with the last job. */
  settled(): Promise<void>
}

/** Has a job stopped at a signal. */
export function stopAtSignals(stop: () => void): Attended {
  if (!isMainThread) return { release: () => {}, settled: async () => {} }
  if (jobs.size === 0) listen()
  jobs.add(stop)
  return {
    release: () => {
      jobs.delete(stop)
      if (jobs.size === 0) for (const name of signals) process.off(name, signalled)
    },
    settled: async () => {
      if (stoppedBy === undefined) return
      // A `for await` has its last rows first.
      if (jobs.size === 0) void realHost.yield().then(() => exit(stoppedBy!))
      await new Promise(() => {})
    },
  }
}

function listen(): void {
  for (const name of signals) if (process.listenerCount(name) === 0) process.on(name, signalled)
}

function signalled(name: NodeJS.Signals): void {
  if (process.listenerCount(name) > 1) return // the program has come to listen itself
  if (stoppedBy !== undefined) exit(name)
  stoppedBy = name
  for (const stop of jobs) stop()
}

function exit(name: NodeJS.Signals): never {
  process.exit(128 + constants.signals[name])
}
