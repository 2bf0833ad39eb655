/** Stopping jobs of several workers: signals, under the command line and without it; abort signals; leaving a loop. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Outcome, Workshop } from '../cli/workshop.ts'

const workshop = new Workshop()
beforeAll(() => workshop.install())
afterAll(() => workshop.remove())

const start = `
import { writeSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { environment, generate, int32 } from 'millrace'
import { jsonLines } from 'millrace/files'
const endless = generate({ schema: { id: int32 } }, id => ({ id }))
let said = false
const tell = row => {
  if (row.id > 5000 && !said) { said = true; writeSync(1, 'running\\n') }
  return true
}
const rows = parallelism => environment({ parallelism }).stream(endless).filter(tell)
const thousandth = parallelism => rows(parallelism).filter(row => row.id % 1000 === 1)
`
const never = `const never = {
  label: 'never', takes: ['appending'], place: 'workers', async commit() {},
  open: () => ({ ready: true, write() {}, prepareCommit: () => new Promise(() => {}), async abort() {}, async close() {} }),
}`

type How = 'run' | 'node'

function begin(how: How, name: string, program: string) {
  workshop.write({ [name]: start + program })
  return how === 'run' ? workshop.start('run', name) : workshop.node(name)
}

async function signalled(how: How, name: string, program: string, ...signals: NodeJS.Signals[]): Promise<Outcome> {
  const { outcome, printed, signal } = begin(how, name, program)
  await printed('running')
  for (const [i, each] of signals.entries()) {
    if (i > 0) await new Promise(resolve => setTimeout(resolve, 300))
    signal(each)
  }
  return outcome
}

const linesOf = (name: string) => readFileSync(join(workshop.folder, name), 'utf8').trimEnd().split('\n')

describe('the first signal stops the sources, and what was read is written', () => {
  test.each([
    ['run', 'SIGINT', 130, 2],
    ['node', 'SIGINT', 130, 2],
    ['node', 'SIGTERM', 143, 3],
    ['node', 'SIGINT', 130, 1],
  ] as const)('%s, %s', async (how, name, code, parallelism) => {
    const file = `${how}-${name}-${parallelism}.jsonl`
    const program = `await thousandth(${parallelism}).to(jsonLines('${file}')).run()\nconsole.log('after')`
    const outcome = await signalled(how, 'endless.mjs', program, name)
    expect(outcome).toMatchObject({ code, stderr: '' })
    expect(outcome.stdout).not.toContain('after')
    expect(linesOf(file).length).toBeGreaterThan(0)
    for (const line of linesOf(file)) expect(JSON.parse(line).id % 1000).toBe(1)
    expect(workshop.leftovers()).toEqual([])
  })

  test('a slow sink is waited for, and has every row of both workers up to the last', async () => {
    const program = `
const written = [0, 0]
const last = [-2, -1]
const gaps = () => written.map((rows, odd) => (last[odd] - odd) / 2 + 1 - rows)
const slow = {
  label: 'slow', takes: ['appending'], place: 'caller',
  async commit() { writeSync(1, JSON.stringify({ gaps: gaps(), written: written[0] > 1000 }) + '\\n') },
  open: ({ wake }) => {
    let ready = true
    return {
      get ready() { return ready },
      write(batch) {
        for (let i = 0; i < batch.length; i++) {
          const id = batch.columns[0].get(batch.selection === null ? i : batch.selection[i])
          written[id & 1]++
          last[id & 1] = Math.max(last[id & 1], id)
        }
        ready = false
        setTimeout(() => { ready = true; wake() }, 10)
      },
      prepareCommit: async () => [], async abort() {}, async close() {},
    }
  },
}
await rows(2).to(slow).run()`
    const { code, stdout } = await signalled('run', 'slow.mjs', program, 'SIGINT')
    expect(code).toBe(130)
    expect(stdout).toContain('{"gaps":[0,0],"written":true}')
  })

  test('while workers still evaluate the program', async () => {
    const program = `
if (isMainThread) setTimeout(() => writeSync(1, 'running\\n'), 100)
else await new Promise(resolve => setTimeout(resolve, 500))
await rows(2).to(jsonLines('early.jsonl')).run()`
    expect((await signalled('node', 'early.mjs', program, 'SIGTERM')).code).toBe(143)
    expect(workshop.leftovers()).toEqual([])
  })

  test.each(['run', 'node'] as const)('a loop has the rows that were read: %s', async how => {
    const program = `
const seen = [0, 0]
const last = [-2, -1]
process.on('exit', () => writeSync(1, JSON.stringify(seen.map((n, odd) => (last[odd] - odd) / 2 + 1 - n)) + seen[0]))
try {
  for await (const { id } of rows(2)) {
    seen[id & 1]++
    last[id & 1] = Math.max(last[id & 1], id)
  }
} finally {
  writeSync(1, 'finally')
}`
    const { code, stdout } = await signalled(how, 'loop.mjs', program, 'SIGINT')
    expect(code).toBe(130)
    expect(stdout).toMatch(/\[0,0\][1-9]\d{2,}$/)
    expect(stdout.includes('finally')).toBe(how === 'run')
  })

  test('a job that then fails says so', async () => {
    const failing = never.replace('new Promise(() => {})', "Promise.reject(new Error('no room'))")
    const { code, stderr } = await signalled('node', 'fails.mjs', `${failing}\nawait rows(2).to(never).run()`, 'SIGINT')
    expect(code).toBe(1)
    expect(stderr).toContain('MillraceError: no room')
  })

  test('a program that listens itself keeps its signals', async () => {
    const program = `
const enough = new AbortController()
process.on('SIGINT', () => enough.abort(new Error('enough')))
await rows(2).to(jsonLines('own.jsonl')).run({ signal: enough.signal }).catch(error => console.log(error.message))
console.log('after', process.listenerCount('SIGINT'), process.listenerCount('SIGTERM'))`
    const { code, stdout } = await signalled('node', 'own.mjs', program, 'SIGINT')
    expect(code).toBe(0)
    expect(stdout).toContain('enough\nafter 1 0\n')
    expect(workshop.list()).not.toContain('own.jsonl')
  })
})

test.each(['run', 'node'] as const)('the second signal ends a program at once: %s', async how => {
  const { outcome, printed, signal } = begin(how, 'hangs.mjs', `${never}\nawait rows(2).to(never).run()`)
  await printed('running')
  signal('SIGINT')
  expect(await Promise.race([outcome, new Promise(resolve => setTimeout(resolve, 400, 'still there'))])).toBe(
    'still there',
  )
  signal('SIGINT')
  expect((await outcome).code).toBe(130)
  expect(workshop.list().filter(file => /\.cache.millrace./.test(file))).toEqual([])
})

/** Cases of one long-lived program, by name; each says what became of it. */
const cases = `
import { existsSync, readdirSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { environment, generate, int32 } from 'millrace'
import { jsonLines } from 'millrace/files'
const env = environment({ parallelism: 2, job: new URL('./job.mjs', import.meta.url) })
const schema = { id: int32 }
const endless = env.stream(generate({ schema }, id => ({ id })))
const some = env.dataset(generate({ schema, rows: 5000 }, id => ({ id })))
const written = (stream, options) => stream.to(jsonLines(process.env.CASE + '.jsonl')).run(options)
const abort = new AbortController()
export const stop = () => abort.abort(new Error('enough'))
const { signal } = abort
const committing = {
  label: 'committing', takes: ['bounded'], place: 'workers',
  async commit() { stop(); await new Promise(resolve => setTimeout(resolve, 50)) },
  open: () => ({ ready: true, write() {}, prepareCommit: async () => [], async abort() {}, async close() {} }),
}
async function leave(stream, after) {
  let n = 0
  for await (const row of stream) if (++n === after) break
}
async function fail(stream) {
  for await (const row of stream) throw new Error('in the loop')
}
const block = ms => { for (const end = Date.now() + ms; Date.now() < end; ); }
const evaluating = () => {
  if (isMainThread) setTimeout(stop, 400)
  else for (;;) block(100)
}
const later = ms => { if (isMainThread) setTimeout(stop, ms) }
const cases = {
  before: () => (stop(), written(endless, { signal })),
  soon: () => (later(0), written(endless, { signal })),
  starting: () => (later(100), written(endless, { signal })),
  evaluating: () => (evaluating(), written(endless, { signal })),
  running: () => written(endless, { signal, onEvent: e => e.kind === 'metrics' && stop() }),
  listening: () => written(endless, { onEvent: e => { if (e.kind === 'metrics') throw new Error('no more') } }),
  committing: () => env.run([some.to(committing), some.to(jsonLines('committing.jsonl'))], { signal }),
  leaving: () => leave(endless, 3000),
  leavingFirst: () => leave(some, 1),
  leavingLast: () => leave(some, 5000),
  throwing: () => fail(endless),
}
export const run = name => cases[name]()
`
const told = {
  before: 'enough',
  soon: 'enough',
  starting: 'enough',
  evaluating: 'enough',
  running: 'enough',
  listening: 'no more',
  committing: 'resolved',
  leaving: 'resolved',
  leavingFirst: 'resolved',
  leavingLast: 'resolved',
  throwing: 'in the loop',
}

test('abort signals, and leaving a loop: nothing half written, nothing left', async () => {
  workshop.write({
    'job.mjs': `import { run } from './cases.mjs'\nawait run(process.env.CASE)`,
    'cases.mjs': cases,
    'stops.mjs': `
import { readdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
const said = {}
for (const name of process.argv.slice(2)) {
  process.env.CASE = name
  const { run } = await import('./cases.mjs?' + name)
  said[name] = await run(name).then(() => 'resolved', error => error.message)
}
await wait(200)
const { length } = process.getActiveResourcesInfo().filter(name => name !== 'PipeWrap')
console.log(JSON.stringify([said, length, process.listenerCount('SIGINT')]))`,
  })
  const { code, stdout, stderr } = await workshop.node('stops.mjs', ...Object.keys(told)).outcome
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual([told, 0, 0])
  expect(code).toBe(0)
  const written = Object.keys(told).filter(name => workshop.list().includes(`${name}.jsonl`))
  expect(written).toEqual(['committing'])
  expect(workshop.leftovers()).toEqual([])
}, 120_000)
