import { expect, test } from 'vitest'
import { SimulatedHost } from './simulated.ts'

test('the same seed makes the same choices', () => {
  const draw = (seed: number): number[] => {
    const host = new SimulatedHost(seed)
    return Array.from({ length: 50 }, () => host.choose(10))
  }
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
  expect(new Set(draw(7)).size).toBeGreaterThan(5)
})

test('timers fire in the order of their times, then of their setting, and the clock is theirs meanwhile', () => {
  const host = new SimulatedHost(1, 1000)
  const fired: [string, number][] = []
  const note = (name: string) => () => fired.push([name, host.now()])
  host.timer(1030, note('c'))
  host.timer(1010, note('a'))
  host.timer(1010, note('b'))
  const cancel = host.timer(1020, note('cancelled'))
  cancel()
  host.advance(29)
  expect(fired).toEqual([
    ['a', 1010],
    ['b', 1010],
  ])
  host.advance(1)
  expect(fired.at(-1)).toEqual(['c', 1030])
  expect(host.now()).toBe(1030)
})

test('what was done outside is heard in an order that comes from the seed, each once, and not in the call', () => {
  const heard = (seed: number): number[] => {
    const host = new SimulatedHost(seed)
    const order: number[] = []
    for (let i = 0; i < 50; i++) host.answered(() => order.push(i))
    expect(order).toEqual([])
    host.advance(5000)
    expect(new Set(order).size).toBe(50)
    return order
  }
  expect(heard(7)).toEqual(heard(7))
  expect(heard(7)).not.toEqual(heard(8))
})

test('a worker that waits lets time pass to the next timer', async () => {
  const host = new SimulatedHost(1, 0)
  const bell = host.doorbell()
  host.timer(500, () => bell.ring())
  await bell.wait()
  expect(host.now()).toBe(500)
})

test('waiting for nothing at all is a deadlock, and says the seed', async () => {
  await expect(new SimulatedHost(42).doorbell().wait()).rejects.toMatchObject({ hint: 'seed 42' })
})
