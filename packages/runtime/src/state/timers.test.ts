import { copySnapshot } from '@millrace/testing/contracts/copy-snapshot'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DroppedKeys } from './dropped-keys.ts'
import { TimersState } from './timers.ts'

const key = fc.integer({ min: 0, max: 5 })
const time = fc.integer({ min: 0, max: 20 })
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('set' as const), id: key, time }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), id: key, time }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('take' as const), id: key, time }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore' as const), id: key, time }) },
  ),
  { maxLength: 60, size: 'max' },
)

/** Timers as a list of (time, id). */
class Twin {
  timers: (readonly [number, number])[] = []
  set(id: number, at: number): void {
    this.cancel(id, at)
    this.timers.push([at, id])
  }
  cancel(id: number, at: number): void {
    this.timers = this.timers.filter(([t, i]) => t !== at || i !== id)
  }
  take(until: number): { id: number; timeMs: number } | undefined {
    const [first] = this.timers.filter(([t]) => t <= until).sort(([t, i], [u, j]) => t - u || i - j)
    if (first === undefined) return undefined
    this.cancel(first[1], first[0])
    return { id: first[1], timeMs: first[0] }
  }
  holds(id: number): boolean {
    return this.timers.some(([, i]) => i === id)
  }
}

test('fires in order of time and id, one a key and time, whatever is cancelled or restored in between', () => {
  fc.assert(
    fc.property(steps, script => {
      let timers = new TimersState(new DroppedKeys())
      const twin = new Twin()
      for (const { kind, id, time } of script) {
        if (kind === 'set') {
          timers.set(id, time)
          twin.set(id, time)
        } else if (kind === 'cancel') {
          timers.cancel(id, time)
          twin.cancel(id, time)
        } else if (kind === 'take') {
          expect(timers.take(time)).toEqual(twin.take(time))
        } else {
          const parts = copySnapshot(new Map([['t', timers.snapshot(i => i % 3)]])).get('t')!
          timers = new TimersState(new DroppedKeys())
          timers.restore(parts)
        }
        expect(timers.holds(id)).toBe(twin.holds(id))
      }
      for (;;) {
        const due = timers.take(Number.POSITIVE_INFINITY)
        expect(due).toEqual(twin.take(Number.POSITIVE_INFINITY))
        if (due === undefined) break
      }
      expect(timers.entries).toBe(0)
    }),
  )
})

test('a key whose last timer fires or is cancelled counts as dropped', () => {
  const dropped = new DroppedKeys()
  const timers = new TimersState(dropped)
  timers.set(3, 10)
  timers.set(3, 11)
  timers.set(4, 12)
  timers.cancel(3, 10)
  expect(dropped.length).toBe(0)
  expect(timers.take(11)).toEqual({ id: 3, timeMs: 11 })
  timers.cancel(4, 12)
  expect([...dropped.ids.subarray(0, dropped.length)]).toEqual([3, 4])
})

test('moving a timer for ever costs no memory', () => {
  const timers = new TimersState(new DroppedKeys())
  timers.set(1, 5)
  for (let at = 10; at < 10_000; at++) {
    timers.cancel(0, at - 1)
    timers.set(0, at)
  }
  expect(timers.entries).toBeLessThan(200)
  expect(timers.take(1e6)).toEqual({ id: 1, timeMs: 5 })
  expect(timers.take(1e6)).toEqual({ id: 0, timeMs: 9999 })
  expect(timers.take(1e6)).toBeUndefined()
})
