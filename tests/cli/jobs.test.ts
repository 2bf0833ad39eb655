/** Jobs under the command line: explained, stopped by signals, ended by their own program, watched. */
import { afterAll, expect, test } from 'vitest'
import { Workshop } from './workshop.ts'

const workshop = new Workshop()
afterAll(() => workshop.remove())

const rows = Array.from({ length: 20 }, (_, i) => `${i % 3 === 0 ? 'SFO' : 'BOS'},${i}`).join('\n')
workshop.write({ 'flights.csv': `origin,delay\n${rows}\n` })

const start = `
import { count, environment, int32, text } from 'millrace'
import { csv, jsonLines } from 'millrace/files'
const env = environment()
const flights = env.dataset(csv('flights.csv', { origin: text, delay: int32 }))
`
/** A job that never ends by itself, and writes one row in ten thousand. */
const endless = `
import { environment } from 'millrace'
import { bids } from 'millrace/nexmark'
import { jsonLines } from 'millrace/files'
let seen = 0
const slow = environment()
  .stream(bids())
  .filter(() => {
    if (++seen === 5000) console.log('running')
    return seen % 10_000 === 1
  })
`

test('explain prints the plan, reads nothing, and goes no further', async () => {
  workshop.write({
    'plan.ts': `${start}
const absent = env.dataset(csv('absent.csv', { origin: text, city: text }))
console.log(await flights.join(absent, { on: 'origin' }).groupBy('city').aggregate({ n: count() }).collect())
throw new Error('reached')`,
  })
  const { code, stdout, stderr } = await workshop.run('explain', 'plan.ts')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(stdout).toContain('flights.csv')
  expect(stdout).toContain('absent.csv')
  expect(stdout).toMatch(/plan\.ts:\d+:\d+/)
  const json = await workshop.run('explain', '--json', 'plan.ts')
  const plans: unknown = JSON.parse(json.stdout)
  expect(Array.isArray(plans) && plans.length).toBe(1)
})

test('explain of a program without a job says so', async () => {
  workshop.write({ 'none.ts': start })
  expect(await workshop.run('explain', 'none.ts')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'missing job: none.ts runs none\n  end the program in run(), collect() or for await\n',
  })
})

test('--check finds a function that changes its rows, and says where', async () => {
  workshop.write({
    'changes.ts': `${start}
const worst = await flights
  .groupBy('origin')
  .reduce((a, b) => { a.delay = Math.max(a.delay, b.delay); return a })
  .collect()
console.log(worst.length)`,
  })
  expect((await workshop.run('run', 'changes.ts')).stdout).toBe('2\n')
  const { code, stdout, stderr } = await workshop.run('run', '--check', 'changes.ts')
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^invalid change of a row: Cannot assign to read only property 'delay'/)
  expect(stderr).toContain('rows are values')
  expect(stderr).toMatch(/at changes\.ts:\d+:\d+ {2}reduce/)
})

test('an exception in a user function: what, in which step, on which line; nothing is written', async () => {
  workshop.write({
    'throws.ts': `${start}
const bad = flights.map(f => {
  if (f.delay === 7) throw new TypeError('seven')
  return f
})
await bad.to(jsonLines('throws.jsonl')).run()`,
  })
  const { code, stderr } = await workshop.run('run', 'throws.ts')
  expect(code).toBe(1)
  expect(stderr).toContain('seven')
  expect(stderr).toMatch(/at throws\.ts:7:21/)
  expect(stderr).toContain('throws.ts:8:28')
  expect(workshop.list().filter(name => name.startsWith('throws.jsonl'))).toEqual([])
})

test('process.exit under a running job is an error, and nothing is written', async () => {
  workshop.write({
    'exits.ts': `${start}
await flights.map(f => (f.delay === 7 ? process.exit(0) : f)).to(jsonLines('exits.jsonl')).run()`,
  })
  const { code, stderr } = await workshop.run('run', 'exits.ts')
  expect(stderr).toContain('invalid call: process.exit(0) while a job runs')
  expect(stderr).toMatch(/at exits\.ts:7:\d+/)
  expect(code).toBe(1)
  expect(workshop.list().filter(name => name.startsWith('exits.jsonl'))).toEqual([])
})

test('an unhandled rejection under a running job cancels it', async () => {
  workshop.write({
    'rejects.ts': `${endless}
setTimeout(() => void Promise.reject(new Error('beside the job')), 50)
await slow.to(jsonLines('rejects.jsonl')).run()`,
  })
  const { code, stderr } = await workshop.run('run', 'rejects.ts')
  expect(stderr).toMatch(/^Error: beside the job\n {2}at rejects\.ts:/)
  expect(code).toBe(1)
  expect(workshop.list().filter(name => name.startsWith('rejects.jsonl'))).toEqual([])
})

for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  test(`${name} stops the sources; what was read is written`, async () => {
    workshop.write({
      'endless.ts': `${endless}\nawait slow.to(jsonLines('${name}.jsonl')).run()\nconsole.log('after')`,
    })
    const { outcome, printed, signal } = workshop.start('run', 'endless.ts')
    await printed('running')
    signal(name)
    expect(await outcome).toEqual({ code, stdout: 'running\n', stderr: '' })
    expect(workshop.list()).toContain(`${name}.jsonl`)
  })

test('the second signal ends a program at once', async () => {
  workshop.write({
    'hangs.ts': `${endless}
const never = { label: 'never', takes: ['appending'], async commit() {}, open: () => ({
  ready: true, write() {}, prepareCommit: () => new Promise(() => {}), async abort() {}, async close() {},
}) }
await slow.to(never as never).run()`,
  })
  const { outcome, printed, signal } = workshop.start('run', 'hangs.ts')
  await printed('running')
  signal('SIGINT')
  const first = await Promise.race([outcome, new Promise(resolve => setTimeout(resolve, 300, 'still there'))])
  expect(first).toBe('still there')
  signal('SIGINT')
  expect((await outcome).code).toBe(130)
})

test('--progress shows rows and rates on standard error', async () => {
  workshop.write({ 'watched.ts': `${start}\nawait flights.to(jsonLines('watched.jsonl')).run()` })
  const watched = await workshop.run('run', '--progress', 'watched.ts')
  expect(watched.stderr).toMatch(/ s {2}20 rows {2}[\d.]+( [kM])? rows\/s\n$/)
  expect((await workshop.run('run', 'watched.ts')).stderr).toBe('')
})
