/**
 * Which epoch has ended on all inputs of a vertex, by its ports.
 *
 * A port that has had the end of an epoch waits for the others (`aligned`). Ports that have ended, or whose end is kept,
 * take no part. Build inputs take no part either, unless only they are still open: then an epoch has ended when it has
 * on all of them. But at a checkpoint's barrier every port waits for every other, build inputs too: what a
 * barrier leaves behind it must be in no state.
 */
import type { InputPort } from './input-port.ts'

export interface EndedEpoch {
  readonly epoch: number
  readonly barrier: boolean
}

/** @param isBuild whether an input is a build input */
export function endedEpoch(ports: readonly InputPort[], isBuild: (input: number) => boolean): EndedEpoch | undefined {
  let epoch = Number.POSITIVE_INFINITY
  let passed = Number.POSITIVE_INFINITY
  let barrier = false
  for (const port of ports) {
    if (port.done || port.keptToEnd) continue
    if (isBuild(port.index)) passed = Math.min(passed, port.passed)
    else if (port.aligned < epoch) {
      epoch = port.aligned
      barrier = port.barrier
    }
  }
  if (epoch === Number.POSITIVE_INFINITY) {
    epoch = passed
    barrier = ports.some(port => !port.done && port.aligned === epoch && port.barrier)
  }
  if (epoch === Number.POSITIVE_INFINITY || epoch === 0) return undefined
  if (barrier && ports.some(port => !port.done && !port.keptToEnd && port.aligned < epoch)) return undefined
  return { epoch, barrier }
}

/** A build input waits at a barrier: the others are read up to theirs. */
export function barrierWaits(builds: readonly InputPort[]): boolean {
  for (let i = 0; i < builds.length; i++) if (builds[i]!.aligned > 0) return true
  return false
}
