/** A program as a worker thread evaluates it: bundled once, in a process without the command line. Uses the built engine. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'

const built = new URL('../../packages/runtime/dist/job-module/', import.meta.url)
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'millrace-thread-'))
mkdirSync(join(folder, 'node_modules'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Bundles what Node was started with, and evaluates it in two threads; posts on what they post. */
const main = `
import { Worker } from 'node:worker_threads'
import { bundleJob } from '${built}bundle.js'
import { locateJob } from '${built}locate.js'

const thread = \`
const { workerData, parentPort } = require('node:worker_threads')
const fail = error => parentPort.postMessage({ stack: error.stack })
import('${built}evaluate.js').then(({ evaluateJob }) => evaluateJob(workerData)).catch(fail)
\`
const file = locateJob(process.argv[2])
const bundle = await bundleJob(file)
process.once('exit', () => bundle.remove())
await Promise.all([0, 1].map(async () => {
  const worker = new Worker(thread, { eval: true, workerData: { url: bundle.url, file, args: process.argv.slice(3) } })
  worker.on('message', message => console.log(JSON.stringify(message)))
  await new Promise(resolve => worker.once('exit', resolve))
}))
`
writeFileSync(join(folder, 'main.mjs'), main)

async function evaluate(source: string, ...args: string[]): Promise<unknown[]> {
  const file = join(folder, 'job.ts')
  writeFileSync(file, source)
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['main.mjs', file, ...args], { cwd: folder })
  expect(stderr).toBe('')
  expect(readdirSync(join(folder, 'node_modules/.cache/millrace'))).toEqual([])
  return stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
}

test('every thread sees the program as the process does', async () => {
  const messages = await evaluate(
    `import { parentPort, isMainThread } from 'node:worker_threads'
import { environment } from 'millrace'
const { sep } = require('node:path')
const file: string = await Promise.resolve(import.meta.filename)
parentPort!.postMessage([file, process.argv.slice(1), process.cwd(), sep, isMainThread, typeof environment, Date.now() > 0])`,
    '--day',
    '1',
  )
  const file = join(folder, 'job.ts')
  const expected = [file, [file, '--day', '1'], folder, sep, false, 'function', true]
  expect(messages).toEqual([expected, expected])
})

test("an error has the program's own lines", async () => {
  const messages = await evaluate('interface Row { n: number }\n\nexport const n = (undefined as unknown as Row).n\n')
  expect(messages).toHaveLength(2)
  for (const message of messages) expect(message).toMatchObject({ stack: expect.stringContaining('job.ts:3:') })
})

test('without a name the program is what Node was started with', async () => {
  writeFileSync(join(folder, 'located.mjs'), `import { locateJob } from '${built}locate.js'\nconsole.log(locateJob())`)
  const { stdout } = await promisify(execFile)(process.execPath, ['located.mjs', 'more'], { cwd: folder })
  expect(stdout).toBe(`${join(folder, 'located.mjs')}\n`)
})
