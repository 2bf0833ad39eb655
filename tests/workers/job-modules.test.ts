/** Job modules with real threads: how they are started, what they print, programs that name them, and what is wrong with some. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Workshop } from '../cli/workshop.ts'

const workshop = new Workshop()
beforeAll(() => workshop.install())
afterAll(() => workshop.remove())

const job = `
const numbers = environment({ parallelism: 2 }).dataset(generate({ rows: 900, schema: { k: int32 } }, i => ({ k: i % 3 })))
const counts = numbers
  .filter(row => { if (row.k === 2) console.log('two'); return true })
  .groupBy('k')
  .aggregate({ n: count() })
console.log('top')
console.error('of the caller')
const show = rows => console.log(JSON.stringify([...rows].sort((a, b) => a.k - b.k)))
`
const esm = `import { count, environment, generate, int32 } from 'millrace'${job}`
const cjs = `const { count, environment, generate, int32 } = require('millrace')${job}`
const golden = '[{"k":0,"n":300},{"k":1,"n":300},{"k":2,"n":300}]'
const main = `
async function main() {
  await new Promise(resolve => setTimeout(resolve, 50))
  show(await counts.collect())
}
main()`

describe('a job runs the same, and prints what is at its top level once', () => {
  const typed = esm.replace('rows =>', '(rows: readonly { k: number }[]) =>')
  test.each([
    ['run', 'job.ts', `${typed}\nshow(await counts.collect())`],
    ['node', 'job.mjs', `${esm}\nshow(await counts.collect())`],
    ['node', 'job.cjs', `${cjs}\ncounts.collect().then(show)`],
    ['node', 'main.mjs', `${esm}${main}`],
  ] as const)('%s %s', async (how, name, text) => {
    workshop.write({ [name]: text })
    const { code, stdout, stderr } = await (how === 'run' ? workshop.start('run', name) : workshop.node(name)).outcome
    const lines = stdout.trimEnd().split('\n')
    expect([code, stderr]).toEqual([0, 'of the caller\n'])
    expect([lines[0], lines.at(-1)]).toEqual(['top', golden])
    expect(lines.slice(1, -1)).toEqual(Array.from({ length: 300 }, () => 'two'))
    expect(workshop.leftovers()).toEqual([])
  })
})

test('a job that fails under plain Node ends the program with its error', async () => {
  workshop.write({
    'fails.mjs': `import { environment, generate } from 'millrace'
await environment({ parallelism: 2 })
  .dataset(generate({ rows: 9 }, n => n))
  .map(n => { if (n === 7) throw new TypeError('seven'); return n })
  .collect()`,
  })
  const plain = await workshop.node('fails.mjs').outcome
  expect(plain.code).toBe(1)
  expect(plain.stderr).toMatch(/MillraceError: seven\n(.*\n)*.*worker: 1,(.*\n)*.*TypeError: seven\n.*fails\.mjs:4:34/)
  const { code, stderr } = await workshop.run('run', 'fails.mjs')
  expect(code).toBe(1)
  expect(stderr).toMatch(/^seven\n {2}at fails\.mjs:4:4 {2}map\n {2}on worker 1\n {2}thrown at fails\.mjs:4:34\n$/)
  expect(workshop.leftovers()).toEqual([])
})

test('a second job is refused, and told what to do', async () => {
  workshop.write({ 'second.mjs': `${esm}\nshow(await counts.collect())\nshow(await counts.collect())` })
  const { code, stdout, stderr } = await workshop.run('run', 'second.mjs')
  expect(code).toBe(1)
  expect(stdout).toContain(golden)
  expect(stderr).toContain('invalid second job: workers evaluate a program up to its first\n')
  expect(stderr).toContain('env.run([...])')
  expect(stderr).toMatch(/at second\.mjs:\d+:/)
})

test('a second job beside the first runs in the caller alone', async () => {
  const alone = `environment().dataset(generate({ rows: 9 }, n => n)).collect()`
  const beside = `const [first, second] = await Promise.all([counts.collect(), ${alone}])`
  workshop.write({ 'beside.mjs': `${esm}\n${beside}\nshow(first)\nconsole.log(second.length)` })
  const { code, stdout } = await workshop.node('beside.mjs').outcome
  expect([code, stdout.trimEnd().split('\n').slice(-2)]).toEqual([0, [golden, '9']])
})

test('a server runs the job it names: two at a time, and ten one after another', async () => {
  workshop.write({
    'counts.mjs': `import { count, environment, generate, int32 } from 'millrace'
const env = environment({ parallelism: 2, job: new URL('./counts-job.mjs', import.meta.url) })
const numbers = env.dataset(generate({ rows: 900, schema: { k: int32 } }, i => ({ k: i % 3 })))
export const counts = numbers.groupBy('k').aggregate({ n: count() })`,
    'counts-job.mjs': `import { counts } from './counts.mjs'\nawait counts.collect()`,
    'server.mjs': `import { existsSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { counts } from './counts.mjs'
const answer = async () => JSON.stringify((await counts.collect()).sort((a, b) => a.k - b.k))
const server = createServer(async (_, response) => response.end(await answer()))
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
const ask = async () => (await fetch('http://127.0.0.1:' + server.address().port)).text()
const here = () => [
  existsSync('/proc/self/task') ? readdirSync('/proc/self/task').length : 0,
  process.getActiveResourcesInfo().filter(name => /Message|Worker|Timeout|FS/.test(name)),
  process.eventNames().map(name => [String(name), process.listenerCount(name)]),
]
const answers = new Set(await Promise.all([ask(), ask()]))
await wait(100)
const before = here()
for (let i = 0; i < 10; i++) answers.add(await ask())
for (let i = 0; i < 50 && JSON.stringify(here()) !== JSON.stringify(before); i++) await wait(20)
console.log(JSON.stringify({ answers: [...answers], before, after: here() }))
server.close()
server.closeAllConnections()`,
  })
  const { code, stdout, stderr } = await workshop.node('server.mjs').outcome
  expect([code, stderr]).toEqual([0, ''])
  const { answers, before, after } = JSON.parse(stdout)
  expect(answers).toEqual([golden])
  expect(after).toEqual(before)
  expect(workshop.leftovers()).toEqual([])
}, 120_000)

describe('the page about job modules', () => {
  const page = readFileSync(new URL('../../docs/jobs.md', import.meta.url), 'utf8')
  const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, text]) => text)
  const nameOf = (block: string) => /^\/\/ ([\w-]+\.ts)/.exec(block)?.[1]
  const late = [
    { origin: 'BOS', late: 2 },
    { origin: 'SFO', late: 1 },
  ]
  beforeAll(() => {
    workshop.write({ 'flights.csv': 'origin,delay\nBOS,16\nSFO,99\nBOS,15\nBOS,20\n', 'first.ts': blocks[0] })
    for (const block of blocks) {
      const name = nameOf(block)
      if (name !== undefined) workshop.write({ [name]: block })
    }
  })

  test('begins with a job that runs', async () => {
    expect(await workshop.run('run', 'first.ts')).toEqual({ code: 0, stdout: 'done\n', stderr: '' })
    const lines = readFileSync(join(workshop.folder, 'late.jsonl'), 'utf8').trimEnd().split('\n')
    expect(lines.map(line => JSON.parse(line))).toEqual(expect.arrayContaining(late))
  })

  test('has a server that runs', async () => {
    const free = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => free.once('listening', resolve))
    const { port } = free.address() as { port: number }
    await new Promise(resolve => free.close(resolve))
    process.env.PORT = String(port)
    const { outcome, printed, signal } = workshop.start('run', 'server.ts')
    await printed('listening')
    const answer = await fetch(`http://127.0.0.1:${port}`)
    expect(await answer.json()).toEqual(expect.arrayContaining(late))
    signal('SIGTERM')
    expect(await outcome).toMatchObject({ code: 143, stderr: '' })
    expect(workshop.leftovers()).toEqual([])
  })

  test('shows an error as it is', async () => {
    const [, shown] = /^```\n\n```\n([\s\S]*?)^```/m.exec(page)! // the block that follows another
    expect(await workshop.run('run', 'greet.ts')).toEqual({ code: 1, stdout: '', stderr: shown })
  })
})

describe('a module that cannot be had', () => {
  const missing = {
    'syntax.mjs': ['let x = ;\n', 'BUILD_FAILED', /Unexpected ";"\n {2}at syntax\.mjs:1:9\n/, undefined],
    'package.mjs': [
      `import 'not-installed'\n`,
      'BUILD_FAILED',
      /"not-installed"\n {2}at package\.mjs:1:8\n/,
      'npm install not-installed',
    ],
    'native.mjs': [
      `import './absent.node'\n`,
      'BUILD_FAILED',
      /"\.\/absent\.node"\n {2}at native\.mjs:1:8\n/,
      expect.stringContaining('npm rebuild'),
    ],
    'damaged.mjs': [
      `import './damaged.node'\n`,
      'USER_FUNCTION',
      /damaged\.node/,
      expect.stringContaining('each worker'),
    ],
    'absent.mjs': [
      undefined,
      'FILE_NOT_FOUND',
      /^missing job module: .*absent\.mjs$/,
      expect.stringContaining('import.meta.url'),
    ],
    'data.txt': ['text', 'INVALID_OPTION', /^invalid job: .*data\.txt$/, expect.stringContaining('.mjs')],
  } as const
  test('is reported with what to do about it, and leaves nothing', async () => {
    for (const [name, [text]] of Object.entries(missing)) if (text !== undefined) workshop.write({ [name]: text })
    workshop.write({
      'damaged.node': 'no module',
      'names.mjs': `import { environment, fromRows } from 'millrace'
const told = []
for (const name of process.argv.slice(2))
  await environment({ parallelism: 2, job: new URL(name, import.meta.url) }).dataset(fromRows([1])).collect()
    .catch(({ code, message, hint }) => told.push([name, code, message, hint]))
console.log(JSON.stringify(told))`,
    })
    const { code, stdout, stderr } = await workshop.node('names.mjs', ...Object.keys(missing)).outcome
    expect([code, stderr]).toEqual([0, ''])
    const expected = Object.entries(missing).map(([name, [, error, message, hint]]) => [
      name,
      error,
      expect.stringMatching(message),
      hint ?? null,
    ])
    expect(JSON.parse(stdout)).toEqual(expected)
    expect(workshop.leftovers()).toEqual([])
  })
})
