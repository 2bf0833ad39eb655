import { expect, test, vi } from 'vitest'
import { realHost } from './real.ts'

test('choices go round', () => {
  const drawn = Array.from({ length: 6 }, () => realHost.choose(3))
  expect([...drawn].sort()).toEqual([0, 0, 1, 1, 2, 2])
})

test('a doorbell that rang before the wait does not wait', async () => {
  const bell = realHost.doorbell()
  bell.ring()
  await bell.wait()
  let woken = false
  const waiting = bell.wait().then(() => {
    woken = true
  })
  await realHost.yield()
  expect(woken).toBe(false)
  bell.ring()
  await waiting
  expect(woken).toBe(true)
})

test('a timer fires not before its time, and not if cancelled', async () => {
  const at = realHost.now() + 20
  const fired = await new Promise<number>(resolve => {
    const cancel = realHost.timer(at, () => resolve(-1))
    cancel()
    realHost.timer(at, () => resolve(realHost.now()))
  })
  expect(fired).toBeGreaterThanOrEqual(at)
})

test('a timer may be further off than setTimeout reaches', () => {
  const cancel = realHost.timer(realHost.now() + 2 ** 40, () => expect.unreachable())
  cancel()
})

test('a timer that setTimeout calls early waits for the rest', async () => {
  const readings = [1000, 1001, 1001, 1002]
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => readings.shift() ?? 1002)
  try {
    const left = await new Promise<number>(resolve => {
      realHost.timer(1002, () => resolve(readings.length))
    })
    expect(left).toBe(0)
  } finally {
    clock.mockRestore()
  }
})

test('what was done outside is heard at once', () => {
  const heard: number[] = []
  realHost.answered(() => heard.push(1))
  expect(heard).toEqual([1])
})
