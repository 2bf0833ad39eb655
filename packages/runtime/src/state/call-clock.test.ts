import { expect, test } from 'vitest'
import { CallClock } from './call-clock.ts'

test('a call sees one moment, read when it is first asked for; the next sees another', () => {
  let now = 10
  let readings = 0
  const clock = new CallClock(() => {
    readings++
    return now
  })
  expect(readings).toBe(0)
  expect(clock.now).toBe(10)
  now = 11
  expect([clock.now, readings]).toEqual([10, 1])
  clock.begin()
  now = 12
  expect([clock.now, clock.now, readings]).toEqual([12, 12, 2])
  clock.begin()
  clock.begin()
  expect(readings).toBe(2)
})

test('time never goes back', () => {
  let now = 10
  const clock = new CallClock(() => now)
  clock.advanceTo(20)
  expect(clock.now).toBe(20)
  clock.advanceTo(15)
  clock.begin()
  expect(clock.now).toBe(20)
  now = 21
  clock.begin()
  expect(clock.now).toBe(21)
  now = 5
  clock.begin()
  expect(clock.now).toBe(21)
})
