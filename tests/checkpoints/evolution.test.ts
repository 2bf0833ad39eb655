/** Programs that have changed since their checkpoint was taken: what they find of it, and what they are told. */
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Workshop } from '../cli/workshop.ts'
import { linesIn } from './results.ts'

const workshop = new Workshop()
const at = (...names: string[]): string => join(workshop.folder, ...names)

interface Parts {
  readonly key?: string
  readonly state?: string
  readonly set?: string
  readonly takes?: string
  readonly name?: string
  readonly before?: string
  readonly more?: string
  readonly jobs?: string
}

/** Sums by card, in one state that a test changes. */
function program({
  key = 'card',
  state,
  set,
  takes = '{ n, card }',
  name = ".named('totals')",
  before = '',
  more = '',
  jobs = '',
}: Parts): string {
  return `
import { count, double, environment, int32, list, row, text, timestamp, type, value } from 'millrace'
import { generate } from 'millrace'
import { jsonLines } from 'millrace/files'
const rate = process.argv[2] === undefined ? {} : { ratePerSecond: Number(process.argv[2]) }
const env = environment({ checkpoints: { dir: 'state', every: 60 } })
const numbers = env.stream(generate({ rows: 6000, splits: 2, ...rate, schema: { n: int32, card: text, shop: text } }, i => ({ n: i, card: 'c' + (i % 50), shop: 's' + (i % 3) })))
const totals = numbers${before}.keyBy('${key}').process({
  emits: type<{ card: string; total: number }>(),
  state: { ${state ?? 'total: value(int32, { default: 0 })'} },
  onElement(${takes}, { state, emit }) {
    ${set ?? 'state.total.set(state.total.get() + 1); if (n >= 5950) emit({ card, total: state.total.get() })'}
  },
})${name}
${more}
await env.run([totals.to(jsonLines('out/')), ${jobs}], {
  onEvent: event => event.kind === 'checkpoint' ? console.log('checkpoint') : event.kind === 'restored' && console.log(JSON.stringify(event)),
})
`
}

const TOTALS = Array.from({ length: 50 }, (_, i) => JSON.stringify({ card: `c${i}`, total: 120 })).sort()

beforeAll(async () => {
  workshop.install()
  workshop.write({ 'job.ts': program({}) })
  const run = workshop.start('run', 'job.ts', '2000')
  await run.printed('checkpoint')
  run.signal('SIGTERM')
  expect(await run.outcome).toMatchObject({ code: 143, stderr: '' })
  for (const name of ['state', 'out']) cpSync(at(name), at('before', name), { recursive: true })
})
afterAll(() => workshop.remove())
beforeEach(() => {
  for (const name of ['state', 'out']) {
    rmSync(at(name), { recursive: true, force: true })
    cpSync(at('before', name), at(name), { recursive: true })
  }
})

async function run(parts: Parts, ...args: string[]) {
  workshop.write({ 'job.ts': program(parts) })
  return workshop.run('run', ...args, 'job.ts')
}

describe('a program that has changed', { timeout: 60_000 }, () => {
  it('in nothing that has state goes on', async () => {
    const more =
      "const shops = numbers.filter(n => n.n % 2 === 0).keyBy('shop').process({ emits: type<number>(), state: { seen: value(int32) }, onElement() {} }).named('shops')"
    const { code, stderr, stdout } = await run({
      before: '.filter(n => n.n >= 0)',
      more,
      jobs: "shops.to(jsonLines('shops/'))",
    })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toContain('"added":["shops","sink#2"],"dropped":[]')
    expect(linesIn(at('out'))).toEqual(TOTALS)
  })

  it('by a name is told what would be lost, and where it was written; nothing is lost by that', async () => {
    const renamed = await run({ name: ".named('sums')" })
    expect(renamed.code).toBe(1)
    expect(renamed.stderr).toMatch(
      /^missing operators of the checkpoint:\n {2}totals: state "total", 50 rows, [\d,]+ bytes, written at job.ts:8:\d+\n.*was: 'old'.*--allow-dropped-state/,
    )
    const found = await run({ name: ".named('sums', { was: 'totals' })" })
    expect(found).toMatchObject({ code: 0, stderr: '' })
    expect(linesIn(at('out'))).toEqual(TOTALS)
  })

  it('may let go of state when asked to', async () => {
    const { code, stderr, stdout } = await run({ name: ".named('sums')" }, '--allow-dropped-state')
    expect(stderr).toMatch(/^warning: dropped totals: state "total", 50 rows/)
    expect(code).toBe(0)
    expect(stdout).toContain('"added":["sums"]')
    const totals = linesIn(at('out')).map(line => JSON.parse(line).total as number)
    expect(totals).toHaveLength(50)
    expect(Math.max(...totals)).toBeLessThan(120)
  })

  it('by a type must say how old values become new ones', async () => {
    const state = 'total: value(row({ count: double, last: int32.nullable() }))'
    const set = `const { count } = state.total.get() ?? { count: 0 }; state.total.set({ count: count + 1, last: n })
    if (n >= 5950) emit({ card, total: count + 1 })`
    const without = await run({ state, set })
    expect(without.code).toBe(1)
    expect(without.stderr).toMatch(
      /invalid state "total" of totals: stored as value int32, declared as count double, last int32\n {2}give it a higher version, and declare migrate.*\n {2}at job.ts:8:\d+ {2}totals/,
    )
    const unsaid = await run({ state: state.replace(/\)$/, ', { version: 2 })'), set })
    expect(unsaid.stderr).toMatch(/stored as version 1, declared as version 2\n {2}declare \{ version, migrate/)
    const migrate = ', { version: 2, migrate: (old: unknown) => ({ count: old as number, last: null }) })'
    const migrated = await run({ state: state.replace(/\)$/, migrate), set })
    expect(migrated).toMatchObject({ code: 0, stderr: '' })
    expect(linesIn(at('out'))).toEqual(TOTALS)
  })

  it('by a kind of state, by a state, by a key', async () => {
    const kind = await run({ state: 'total: list<number>()', set: 'state.total.add(n)' })
    expect(kind.stderr).toMatch(/invalid state "total" of totals: stored as values, declared as lists\n/)
    const none = await run({ state: '', set: 'if (n >= 5950) emit({ card, total: 0 })' })
    expect(none.stderr).toMatch(/totals: state "total", 50 rows/)
    const key = await run({ key: 'n' })
    expect(key.stderr).toMatch(/invalid key of totals: stored as card text, declared as n int32\n/)
    const other = await run({ key: 'shop' })
    expect(other.stderr).toMatch(
      /invalid key of totals: stored as card text, declared as shop text\n.*\.named\('name', \{ keyWas: 'card' \}\)/,
    )
  })

  it('but not by a key that was renamed, if it says so', async () => {
    const before = ".rename({ card: 'account' })"
    const renamed = {
      key: 'account',
      before,
      set: 'state.total.set(state.total.get() + 1); if (n >= 5950) emit({ card: account, total: state.total.get() })',
      takes: '{ n, account }',
    }
    expect((await run(renamed)).stderr).toMatch(/stored as card text, declared as account text/)
    const { code, stderr } = await run({ ...renamed, name: ".named('totals', { keyWas: 'card' })" })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(linesIn(at('out'))).toEqual(TOTALS)
  })
})
