/**
 * Ctrl-C and SIGTERM in a program that runs without the command line: while it has jobs they are stopped, what they have
 * read is written, and the process ends with 128 + the signal's number. The second signal ends it at once.
 *
 * A program that listens to a signal itself keeps it: it has an `AbortSignal` to give to its jobs. Listeners are there only
 * while jobs run.
 */
import { constants } from 'node:os'
import { isMainThread } from 'node:worker_threads'

type Stop = () => void

const signals = ['SIGINT', 'SIGTERM'] as const
const jobs = new Set<Stop>()
let stoppedBy: NodeJS.Signals | undefined

/** Has a job stopped at a signal. Call what it returns when the job's clean-up is done. */
export function stopAtSignals(stop: Stop): () => void {
  if (!isMainThread) return () => {}
  if (jobs.size === 0) listen()
  jobs.add(stop)
  return () => {
    jobs.delete(stop)
    if (jobs.size > 0) return
    for (const name of signals) process.off(name, signalled)
    if (stoppedBy !== undefined) exit(stoppedBy)
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
