/** What a running job looks like on a terminal: one line of figures, soon after it begins and every other second. */
import type { JobEvent, JobSummary, WorkerMetrics } from '@millrace/runtime'
import { bytesText, momentText, spanText } from './amounts.ts'

const everyMs = 2000

/** Takes a job's events and writes a line now and then, and one at the end. */
export function progress(write: (line: string) => void): (event: JobEvent) => void {
  let lastMs = -Infinity
  let before: readonly WorkerMetrics[] = []
  let checkpoint = ''
  return event => {
    if (event.kind === 'rejected') write(`skipped ${event.at}: ${event.message}`)
    else if (event.kind === 'notClosed') write(`warning: ${event.source}, ${event.split}: not closed: ${event.message}`)
    else if (event.kind === 'finished') write(progressLine(event.summary))
    else if (event.kind === 'restored') for (const line of restoredLines(event)) write(line)
    else if (event.kind === 'checkpoint' || event.kind === 'savepoint')
      checkpoint = `  ${event.kind} ${event.id} (${bytesText(event.bytes)}, ${spanText(event.tookMs)})`
    else if (event.kind === 'metrics' && event.atMs - lastMs >= everyMs) {
      lastMs = event.atMs
      write(progressLine(event.summary) + workersLine(event.workers, before) + checkpoint)
      before = event.workers
    }
  }
}

/** What is told whether or not progress is shown: what went wrong and was got over, and what was lost by it. */
export function warnings(write: (line: string) => void): (event: JobEvent) => void {
  return event => {
    if (event.kind === 'restarting')
      write(`warning: the job failed, and begins again in ${spanText(event.afterMs)}: ${messageOf(event.error)}`)
    else if (event.kind === 'checkpointFailed')
      write(`warning: checkpoint ${event.id} failed: ${messageOf(event.error)}`)
    else if (event.kind === 'restored') for (const state of event.dropped) write(`warning: dropped ${state}`)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function restoredLines({ id, takenAtMs, finished, added }: Extract<JobEvent, { kind: 'restored' }>): string[] {
  const from = `goes on from checkpoint ${id} of ${momentText(takenAtMs)} UTC`
  const line = finished ? `${from}: the job had finished, and there is nothing left to do` : from
  return added.length === 0 ? [line] : [line, `begin anew: ${added.join(', ')}`]
}

/** For example: `  1.2 s  2,400,000 rows  2.00 M rows/s  watermark 2001-03-04 05:06:00  late 12`. */
export function progressLine({ elapsedMs, rowsRead, watermark, late, skipped }: JobSummary): string {
  const perSecond = elapsedMs > 0 ? (rowsRead / elapsedMs) * 1000 : 0
  const parts = [
    `${(elapsedMs / 1000).toFixed(1)} s`.padStart(8),
    `${rowsRead.toLocaleString('en-US')} rows`,
    `${rate(perSecond)} rows/s`,
  ]
  if (Math.abs(watermark) <= 8.64e15)
    parts.push(`watermark ${new Date(watermark).toISOString().slice(0, 19).replace('T', ' ')}`)
  if (late > 0) parts.push(`late ${late.toLocaleString('en-US')}`)
  if (skipped > 0) parts.push(`skipped ${skipped.toLocaleString('en-US')}`)
  return parts.join('  ')
}

/**
 * How busy each of several workers was since the last line, and how much it waited for others to take what it has:
 * `  busy 97 % 83 %  held up 0 % 12 %`. The caller, who comes last, has little to do and is left out.
 */
export function workersLine(workers: readonly WorkerMetrics[], before: readonly WorkerMetrics[]): string {
  if (workers.length < 2) return ''
  const shares = (of: (worker: WorkerMetrics) => number): string[] =>
    workers.slice(0, -1).map((worker, i) => {
      const since = before[i] ?? { busyMs: 0, idleMs: 0, backpressuredMs: 0 }
      const spent = total(worker) - total(since)
      return `${spent > 0 ? Math.round(((of(worker) - of(since)) / spent) * 100) : 0} %`
    })
  const heldUp = shares(worker => worker.backpressuredMs)
  const busy = `  busy ${shares(worker => worker.busyMs).join(' ')}`
  return heldUp.every(share => share === '0 %') ? busy : `${busy}  held up ${heldUp.join(' ')}`
}

function total({ busyMs, idleMs, backpressuredMs }: WorkerMetrics): number {
  return busyMs + idleMs + backpressuredMs
}

function rate(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)} M`
  if (perSecond >= 1e4) return `${(perSecond / 1e3).toFixed(0)} k`
  return perSecond.toFixed(0)
}
