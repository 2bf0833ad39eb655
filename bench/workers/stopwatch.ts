/**
 * The time that a job takes from its first row to its last, without the start of its workers: from the first poll of any
 * source to the moment at which the last sink has everything.
 */
import type { Source } from 'millrace'
import { observed } from '../core/observed-source.ts'
import { micros } from './clock.ts'
import { type ReportingSink, reportingBlackhole } from './reporting-sink.ts'

/** Of one worker, in microseconds. */
type Span = readonly [first: number, last: number]

export interface Rate {
  /** Rows a second. */
  readonly rate: number
  readonly checksum: string
}

/** Of this thread. */
let first = Number.MAX_VALUE

export function timedSource<T, E extends boolean>(source: Source<T, E>): Source<T, E> {
  return observed(source, () => {
    if (first === Number.MAX_VALUE) first = micros()
  })
}

/** Of rows from `timedSource`. */
export function timedSink(): ReportingSink<Span> {
  return reportingBlackhole<Span>(() => [first, micros()])
}

export function rateOf(rows: number, sink: ReportingSink<Span>): Rate {
  const began = Math.min(...sink.reports.map(span => span[0]))
  const ended = Math.max(...sink.reports.map(span => span[1]))
  return { rate: rows / ((ended - began) / 1e6), checksum: sink.checksum() }
}
