import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { locateJob, type Start } from './locate.ts'

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'millrace-locate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
mkdirSync(join(folder, 'node_modules/runner'), { recursive: true })
const file = (name: string) => {
  writeFileSync(join(folder, name), '')
  return join(folder, name)
}
const job = file('job.mts')
const script = file('script.js')
const runner = file('node_modules/runner/cli.js')
const started = (path: string | undefined, more: Partial<Start> = {}): Start => ({
  file: path,
  nodeOptions: [],
  mainThread: true,
  ...more,
})

test('the module that the environment names, whatever the process was started with', () => {
  expect(locateJob(job, started(runner))).toBe(job)
  expect(locateJob(pathToFileURL(job), started(undefined))).toBe(job)
  expect(locateJob(pathToFileURL(job).href, started(script))).toBe(job)
})

test('otherwise the file Node was started with, as Node finds it', () => {
  expect(locateJob(undefined, started(job))).toBe(job)
  expect(locateJob(undefined, started(join(folder, 'script')))).toBe(script)
  symlinkSync(script, join(folder, 'link'))
  expect(locateJob(undefined, started(join(folder, 'link')))).toBe(script)
  mkdirSync(join(folder, 'package'))
  writeFileSync(join(folder, 'package/package.json'), '{ "main": "../script.js" }')
  expect(locateJob(undefined, started(join(folder, 'package')))).toBe(script)
  expect(locateJob(undefined, started(script, { nodeOptions: ['--enable-source-maps', '-r', 'x'] }))).toBe(script)
})

test('a module that is not there', () => {
  const path = join(folder, 'absent.ts')
  expect(() => locateJob(path)).toThrow(
    expect.objectContaining({
      code: 'FILE_NOT_FOUND',
      message: `missing job module: ${path}`,
      hint: expect.stringContaining('relative to the file'),
    }),
  )
})

for (const given of ['./job.mts', 'https://example.org/job.ts', folder, file('job.csv'), new URL('data:text/plain,')])
  test(`what is no module: ${String(given).replace(folder, '')}`, () => {
    expect(() => locateJob(given)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: `invalid job: ${String(given)}` }),
    )
  })

const nowhere: Record<string, Start> = {
  'the read-eval-print loop': started(undefined),
  'standard input': started('-'),
  'node -e': started('rest', { nodeOptions: ['-e', '1'] }),
  'node -pe, with a file as argument': started(job, { nodeOptions: ['-pe', '1'] }),
  '--eval=': started(job, { nodeOptions: ['--eval=1'] }),
  '--input-type': started(undefined, { nodeOptions: ['--input-type=module', '-e', '1'] }),
  'a test runner': started(runner),
  'a link to a tool': started(join(folder, 'tool')),
  'what is no program': started(join(folder, 'job.csv')),
  'what is gone': started(join(folder, 'gone.js')),
  'a thread of the user': started(job, { mainThread: false }),
}
symlinkSync(runner, join(folder, 'tool'))
for (const [what, start] of Object.entries(nowhere))
  test(`no module to be found: ${what}`, () => {
    expect(() => locateJob(undefined, start)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/^missing job module: /),
        hint: expect.stringContaining("environment({ job: new URL('./job.ts', import.meta.url) })"),
      }),
    )
  })

test('by default of this process: a thread of the test runner', () => {
  expect(() => locateJob()).toThrow(/^missing job module: this is not the main thread/)
})
