/** Several sites on one clock: what they do takes time of their own, and what they wait for comes in order. */
import { expect, test } from 'vitest'
import { Simulation } from './simulation.ts'

const describe = (): string => 'all'

test('what two sites do takes place at the same time, what one does one after the other', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const simulation = new Simulation(seed, 2, 0)
    const [a, b] = simulation.sites
    const spans: [site: number, from: number, to: number][] = []
    const finished = new Promise<void>(resolve => {
      const work = (site: typeof a): void => {
        const from = site!.now()
        for (let i = 0; i < 20; i++) site!.elapsed()
        spans.push([site!.index, from, site!.now()])
        if (spans.length === 4) resolve()
      }
      for (const site of [a, a, b, b]) site!.receive(1, 'work', true, () => work(site))
    })
    await simulation.run(finished, describe)
    const of = (index: number) => spans.filter(([site]) => site === index)
    expect(of(0)[0]![1]).toBe(1)
    expect(of(1)[0]![1]).toBe(1)
    for (const site of [0, 1]) expect(of(site)[1]![1]).toBeGreaterThanOrEqual(of(site)[0]![2])
  }
})

test('timers are due not before their time; those that are cancelled never, nor those at a site that is gone', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const simulation = new Simulation(seed, 2, 0)
    const [site, gone] = simulation.sites
    const fired: number[] = []
    gone!.timer(5, () => fired.push(-1))
    gone!.gone = true
    site!.timer(7, () => fired.push(-2))()
    site!.timer(Number.POSITIVE_INFINITY, () => fired.push(-3))
    const finished = new Promise<void>(resolve => {
      site!.timer(10, () => {
        fired.push(site!.now())
        resolve()
      })
    })
    expect(simulation.left.map(event => event.site)).toEqual(expect.arrayContaining([0, 1]))
    await simulation.run(finished, describe)
    expect(fired.length).toBe(1)
    expect(fired[0]).toBeGreaterThanOrEqual(10)
  }
})

test('a ring that came before the wait, or comes while it lasts, ends it', async () => {
  const simulation = new Simulation(1, 2, 0)
  const bell = simulation.sites[0]!.doorbell()
  let waits = 0
  const job = async (): Promise<void> => {
    bell.ring()
    bell.ring()
    await bell.wait()
    waits++
    simulation.add({ atMs: 30, site: 0, what: 'ring', act: () => bell.ring() })
    await bell.wait()
    waits++
    expect(simulation.nowMs).toBeGreaterThanOrEqual(30)
  }
  await simulation.run(job(), describe)
  expect(waits).toBe(2)
})

test('waiting for nothing is an error, which says the seed', async () => {
  const simulation = new Simulation(42, 1, 0)
  const running = simulation.run(simulation.sites[0]!.doorbell().wait(), describe)
  await expect(running).rejects.toMatchObject({ message: 'deadlock after 0 events:\nall', hint: 'seed 42' })
})

test('an error of the job is that of the run', async () => {
  const simulation = new Simulation(1, 1, 0)
  const job = async (): Promise<void> => {
    await simulation.sites[0]!.yield()
    throw new TypeError('no')
  }
  await expect(simulation.run(job(), describe)).rejects.toThrow('no')
})
