import { MillraceError } from '@millrace/plan'
import { describe, expect, it } from 'vitest'
import { Restarts } from './restart.ts'

const bang = new Error('bang')
/** Pauses after failures at these moments, each of a run that began when the one before had failed. */
function pauses(restarts: Restarts, ...atMs: number[]): (number | undefined)[] {
  return atMs.map((at, i) => restarts.afterFailure(bang, atMs[i - 1] ?? 0, at))
}

describe('a job that has failed begins again', () => {
  it('never', () => {
    expect(pauses(new Restarts({ kind: 'none' }), 5)).toEqual([undefined])
  })
  it('a fixed number of times', () => {
    expect(pauses(new Restarts({ kind: 'fixed', attempts: 2, delayMs: 7 }), 1, 2, 30_000)).toEqual([7, 7, undefined])
  })
  it('after ever longer pauses, and short ones again when it has run for long', () => {
    const restarts = new Restarts({ kind: 'exponential', firstMs: 10, mostMs: 35, resetAfterMs: 1000 })
    expect(pauses(restarts, 10, 20, 30, 40, 2000, 2010)).toEqual([10, 20, 35, 35, 10, 20])
  })
  it('unless it fails too often within a period', () => {
    const restarts = new Restarts({ kind: 'failureRate', failures: 2, perMs: 100, delayMs: 1 })
    expect(pauses(restarts, 0, 90, 110, 120)).toEqual([1, 1, 1, undefined])
    const often = new Restarts({ kind: 'failureRate', failures: 2, perMs: 100, delayMs: 1 })
    const times = Array.from({ length: 5000 }, (_, i) => i * 60)
    expect(new Set(pauses(often, ...times))).toEqual(new Set([1]))
  })
  it.each(['INVALID_OPTION', 'UNKNOWN_COLUMN', 'PLAN_DIFFERS', 'CHECKPOINT_FENCED', 'CHECKPOINT_DAMAGED'] as const)(
    'but not after %s',
    code => {
      const restarts = new Restarts({ kind: 'fixed', attempts: 9, delayMs: 0 })
      expect(restarts.afterFailure(new MillraceError(code, 'wrong'), 0, 0)).toBeUndefined()
    },
  )
  it.each(['USER_FUNCTION', 'WORKER_LOST', 'MEMORY_LIMIT', 'IO', 'CHECKPOINT_FAILED'] as const)('after %s', code => {
    const restarts = new Restarts({ kind: 'fixed', attempts: 9, delayMs: 0 })
    expect(restarts.afterFailure(new MillraceError(code, 'wrong'), 0, 0)).toBe(0)
  })
})
