import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire, SourceMap, type SourceMapping } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MillraceError } from '@millrace/plan'
import { afterAll, expect, test } from 'vitest'
import { processMark } from '../host/process-mark.ts'
import { bundleJob } from './bundle.ts'
import { evaluateJob } from './evaluate.ts'

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'millrace-bundle-'))
mkdirSync(join(folder, 'node_modules'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

/** What the program exports. */
async function load(name: string): Promise<Record<string, unknown>> {
  const bundle = await bundleJob(join(folder, name))
  const { argv } = process
  try {
    await evaluateJob({ url: bundle.url, file: join(folder, name), args: ['--day', '1'] })
    return await import(bundle.url)
  } finally {
    process.argv = argv
    bundle.remove()
  }
}

async function failure(name: string): Promise<MillraceError> {
  const error = await bundleJob(join(folder, name)).catch(error => error)
  expect(error).toBeInstanceOf(MillraceError)
  return error as MillraceError
}

test('assets, JSON and files of other kinds, each found from the file that asks', async () => {
  write({
    'assets.ts': `
import { readFileSync } from 'node:fs'
import data from './parts/data.json' with { type: 'json' }
import { rows } from './parts/rows.ts'
export const asset = readFileSync(new URL('./flights.csv', import.meta.url), 'utf8')
export const both = [data.n, rows, await Promise.resolve('awaited')]
export const argv = process.argv.slice(1)`,
    'flights.csv': 'SFO,1',
    'parts/data.json': '{ "n": 7 }',
    'parts/rows.ts':
      "import { readFileSync } from 'node:fs'\nexport const rows = readFileSync(import.meta.dirname + '/rows.csv', 'utf8')",
    'parts/rows.csv': 'BOS,2',
  })
  expect(await load('assets.ts')).toMatchObject({
    asset: 'SFO,1',
    both: [7, 'BOS,2', 'awaited'],
    argv: [join(folder, 'assets.ts'), '--day', '1'],
  })
})

test('__filename and __dirname, in CommonJS files, in modules, and as names of the program', async () => {
  write({
    'paths.cjs':
      "#!/usr/bin/env node\n'use strict'\nconst own = require('./parts/own.cjs')\nmodule.exports = [__filename, own, require('./parts/own.mjs').own]",
    'parts/own.cjs': 'module.exports = __dirname',
    'parts/own.mjs': "const __dirname = 'mine'\nexport const own = [__dirname, __filename]",
  })
  expect((await load('paths.cjs')).default).toEqual([
    join(folder, 'paths.cjs'),
    join(folder, 'parts'),
    ['mine', join(folder, 'parts/own.mjs')],
  ])
})

test('a CommonJS program is the main module, and what it requires is not', async () => {
  write({
    'main.cjs': "exports.main = require.main === module\nexports.part = require('./parts/part.cjs').main",
    'parts/part.cjs': 'exports.main = require.main === module',
    'main.mts':
      'export const main = typeof require.main // in a module there is none\nexport const url = import.meta.url',
  })
  symlinkSync(join(folder, 'main.cjs'), join(folder, 'linked.cjs'))
  for (const name of ['main.cjs', 'linked.cjs']) expect((await load(name)).default).toEqual({ main: true, part: false })
  expect((await load('main.mts')).main).toBe('undefined')
})

test('packages stay outside: one instance, found from the file that imports it, and at run time', async () => {
  write({
    'packages.ts': `
import { state } from 'inner'
import { again } from './nested/again.ts'
export const one = [state.loads, again]
export const paths = [require.resolve('inner'), import.meta.resolve('inner')]
export const engine = String(() => import('millrace'))
const name = 'inner'
export const dynamic = (await import(name)).state === state
export const common = require('old').name`,
    'node_modules/inner/package.json': '{ "name": "inner", "type": "module", "main": "main.js" }',
    'node_modules/inner/main.js':
      'globalThis.innerLoads = (globalThis.innerLoads ?? 0) + 1; export const state = { loads: globalThis.innerLoads }',
    'node_modules/old/index.js': "exports.name = 'old'",
    'nested/again.ts':
      "import { state } from 'inner'\nexport const again: string = (state as unknown as string).toString()",
    'nested/node_modules/inner/index.js': "exports.state = 'another inner'",
  })
  expect(await load('packages.ts')).toMatchObject({
    one: [1, 'another inner'],
    paths: [join(folder, 'node_modules/inner/main.js'), pathToFileURL(join(folder, 'node_modules/inner/main.js')).href],
    // Nowhere installed: it is the one that bundles.
    engine: expect.stringContaining(pathToFileURL(createRequire(import.meta.url).resolve('millrace')).href),
    dynamic: true,
    common: 'old',
  })
})

test('a native module is loaded by require and by import', async () => {
  const from = createRequire(createRequire(import.meta.url).resolve('@duckdb/node-bindings'))
  const platform = `@duckdb/node-bindings-${process.platform}-${process.arch}`
  const native = join(dirname(from.resolve(`${platform}/package.json`)), 'duckdb.node')
  symlinkSync(native, join(folder, 'addon.node'))
  write({
    'native.ts':
      "import addon from './addon.node'\nexport const same = require('./addon.node') === addon\nexport const names = Object.getOwnPropertyNames(addon)",
  })
  const { same, names } = await load('native.ts')
  expect(same).toBe(true)
  expect(names).toContain('open')
})

const failures: Record<string, [source: string, message: string, hint: RegExp]> = {
  'a package that is not installed': [
    "import x from '@some/package/part'\nx()",
    'invalid program: Could not resolve "@some/package/part"\n  at FILE:1:15',
    /^npm install @some\/package$/,
  ],
  'a file that is not there': ["import './absent.ts'", 'Could not resolve "./absent.ts"', /^Is the path right\?/],
  'a native module that is not built': [
    "export default require('./build/absent.node')",
    'Could not resolve "./build/absent.node"',
    /native module .* build it/,
  ],
  'a name of the package that it does not have': ["import '#absent'", 'Could not resolve "#absent"', /"imports"/],
  'a file that is no code': ["import rows from './some.csv'\nrows()", 'No loader is configured', /readFile\(new URL/],
  'a clock of its own': ['Math.random = () => 4', 'Cannot assign to "Math.random"', /another name/],
}
for (const [what, [source, message, hint]] of Object.entries(failures))
  test(`a program that cannot be built: ${what}`, async () => {
    write({ 'failing.ts': source, 'some.csv': '' })
    const error = await failure('failing.ts')
    expect(error.code).toBe('BUILD_FAILED')
    expect(error.message.replace(/[^ ]*failing\.ts/, 'FILE')).toContain(message)
    expect(error.hint).toMatch(hint)
    expect(readdirSync(join(folder, 'node_modules/.cache/millrace'))).toEqual([])
  })

test('names of the program do not clash with those a bundle adds', async () => {
  write({
    'names.ts': `
const hooks = 1, meta = 2, resolve = 3, elapsed = 4, randomUUID = 5, __require = 6, D = 7
export const sum = hooks + meta + resolve + elapsed + randomUUID + __require + D
export const { url } = import.meta
export const now = [Date.now(), Math.random(), performance.now(), crypto.randomUUID()]`,
  })
  expect(await load('names.ts')).toMatchObject({ sum: 28, url: pathToFileURL(join(folder, 'names.ts')).href })
})

test('positions are those of the sources', async () => {
  write({
    'where.ts':
      'interface Row { n: number }\nexport const stack = (row?: Row) => {\n  return new Error(String(row) + import.meta.url + Date.now()).stack\n}',
  })
  const bundle = await bundleJob(join(folder, 'where.ts'))
  const map = new SourceMap(JSON.parse(readFileSync(new URL('job.mjs.map', bundle.url), 'utf8')))
  const { stack } = (await import(bundle.url)) as { stack: () => string }
  bundle.remove()
  const [line, column] = /job\.mjs:(\d+):(\d+)/.exec(stack())!.slice(1).map(Number)
  const { originalSource, originalLine, originalColumn } = map.findEntry(line! - 1, column! - 1) as SourceMapping
  expect(new URL(originalSource, bundle.url).href).toBe(pathToFileURL(join(folder, 'where.ts')).href)
  expect([originalLine + 1, originalColumn + 1]).toEqual([3, 10])
})

test('what a process has left that was killed goes when the next job is bundled, and that of a living one stays', async () => {
  write({ 'empty.ts': '' })
  const cache = join(folder, 'node_modules/.cache/millrace')
  const gone = processMark().replace(/\d+$/, `${spawnSync(process.execPath, ['-e', '']).pid}`)
  const left = [`job-${gone}-abcdef`, `job-${processMark()}-abcdef`, 'job-abcdef', `other-${gone}-abcdef`]
  for (const name of left) write({ [`node_modules/.cache/millrace/${name}/job.mjs`]: '' })
  const bundle = await bundleJob(join(folder, 'empty.ts'))
  bundle.remove()
  expect(
    readdirSync(cache)
      .filter(name => name.endsWith('abcdef'))
      .sort(),
  ).toEqual(left.slice(1).sort())
  for (const name of left) rmSync(join(cache, name), { recursive: true, force: true })
})
