/** Programs whose clock and chance are bound, bundled and evaluated. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDate } from 'node:util/types'
import { afterAll, afterEach, expect, test } from 'vitest'
import { SimulatedHost } from '../host/simulated.ts'
import { bundleJob } from './bundle.ts'
import { bindGlobals, provideGlobals } from './globals.ts'

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'millrace-globals-'))
mkdirSync(join(folder, 'node_modules'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => bindGlobals())

/** Long before any clock this runs under. */
const then = Date.UTC(2001, 0, 5, 12)
const fixed = { now: () => then + 0.75, elapsed: () => 42.5, random: () => 0.25 }

let programs = 0

/** What a program exports as its default. */
async function evaluate<T>(source: string): Promise<T> {
  const file = join(folder, `job-${programs++}.ts`)
  writeFileSync(file, source)
  const bundle = await bundleJob(file)
  provideGlobals()
  const { default: value } = (await import(bundle.url)) as { default: T }
  bundle.remove()
  return value
}

test('now and chance are those of the source', async () => {
  bindGlobals(fixed)
  expect(
    await evaluate(`export default [
      Date.now(), new Date().getTime(), +new Date, Math.random(), performance.now(), JSON.stringify(new Date()),
      Math?.random(), Date() === new Date(${then}).toString(), (() => { const now = Date.now; return now() })(),
    ]`),
  ).toEqual([then, then, then, 0.25, 42.5, '"2001-01-05T12:00:00.000Z"', 0.25, true, then])
})

test('the source may change while a program runs; without one it is the machine', async () => {
  const read = await evaluate<() => number[]>('export default () => [Date.now(), Math.random(), performance.now()]')
  bindGlobals(fixed)
  expect(read()).toEqual([then, 0.25, 42.5])
  bindGlobals()
  const before = Date.now()
  const [now, random, elapsed] = read()
  expect(now).toBeGreaterThanOrEqual(before)
  expect(now).toBeLessThanOrEqual(Date.now())
  expect(random).not.toBe(0.25)
  expect(elapsed).toBeLessThanOrEqual(performance.now())
})

test('the same seed gives a program the same chance', async () => {
  const read = await evaluate<() => unknown>('export default () => [Math.random(), crypto.randomUUID(), new Date()]')
  const from = (seed: number) => {
    bindGlobals(new SimulatedHost(seed))
    return [read(), read()]
  }
  expect(from(3)).toEqual(from(3))
  expect(from(3)).not.toEqual(from(4))
})

test('dates are dates', async () => {
  bindGlobals(fixed)
  const source = `
const made = new Date()
class Day extends Date { get iso() { return this.toISOString().slice(0, 10) } }
const day = new Day(), other = new Day(2020, 1, 3)
const parts = new Date(2020, 1, 3, 4, 5, 6, 7)
export default {
  made, day, parts,
  copies: [new Date(made), new Date('2020-02-03'), new Date(0)].map(Number),
  nothing: [new Date(undefined), new Date(null as never)].map(Number),
  instances: [made instanceof Date, day instanceof Date, day instanceof Day, made instanceof Day, ({}) instanceof Date],
  days: [day.iso, other.getMonth(), day.getTime()],
  shape: [typeof Date, Date.name, Date.UTC(2020, 1), Date.parse('1970-01-02'), 'now' in Date],
  prototype: Date.prototype,
  object: { Date }.Date === Date,
}`
  const got = await evaluate<Record<string, unknown> & { made: Date; day: Date }>(source)
  expect(got).toMatchObject({
    made: new Date(then),
    parts: new Date(2020, 1, 3, 4, 5, 6, 7),
    copies: [then, Date.UTC(2020, 1, 3), 0],
    nothing: [Number.NaN, 0],
    instances: [true, true, true, false, false],
    days: ['2001-01-05', 1, then],
    shape: ['function', 'Date', Date.UTC(2020, 1), 86_400_000, true],
    object: true,
  })
  expect(got.prototype).toBe(Date.prototype)
  expect([isDate(got.made), isDate(got.day), got.made instanceof Date]).toEqual([true, true, true])
  expect(structuredClone(got.made)).toEqual(new Date(then))
})

test('a variable of the program that is called Date or Math is its own', async () => {
  bindGlobals(fixed)
  const source = `
const local = (Date: number) => Date + 1
function inner() {
  const Math = { random: () => 'mine' }
  class performance { static now() { return 'also' } }
  return [Math.random(), performance.now(), local(1)]
}
export default [inner(), { Date: 1, Math: 2 }, typeof globalThis.Date.now()]`
  expect(await evaluate(source)).toEqual([['mine', 'also', 2], { Date: 1, Math: 2 }, 'number'])
})

test('what is reached another way is the machine', async () => {
  bindGlobals(fixed)
  const read = await evaluate<unknown[]>('const { random } = Math\nexport default [random, globalThis.Date]')
  expect(read).toEqual([Math.random, Date])
})

test('a UUID is one of version 4', async () => {
  const make = await evaluate<() => string>('export default () => crypto.randomUUID()')
  const host = new SimulatedHost(9)
  for (const source of [undefined, host, { ...fixed, random: () => 0 }, { ...fixed, random: () => 1 - 2 ** -53 }]) {
    bindGlobals(source)
    for (let i = 0; i < 50; i++)
      expect(make()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  }
  bindGlobals(host)
  expect(new Set(Array.from({ length: 1000 }, make)).size).toBe(1000)
})
