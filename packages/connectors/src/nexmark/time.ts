import type { NexmarkConfig } from './options.ts'

/** Event time in milliseconds: event n happens n inter-event delays after the base time, cut to whole milliseconds. */
export function eventTime({ baseTime, delayUs }: NexmarkConfig, event: number): number {
  return baseTime + Math.floor(Math.floor(event * delayUs) * 0.001)
}

/** The times of `count` events in a row, from `values[at]` on. Events are monotone in time, so never out of order. */
export function fillTimes(values: Float64Array, at: number, count: number, event: number, config: NexmarkConfig): void {
  const { baseTime, delayUs } = config
  for (let i = 0; i < count; i++) values[at + i] = baseTime + Math.floor(Math.floor((event + i) * delayUs) * 0.001)
}
