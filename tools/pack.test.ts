/**
 * The published package as a stranger meets it: packed, installed in an empty folder, used.
 *
 * From an ES module, from `require`, from the command line, and by the type checker under both resolutions.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readText, root } from './tidy/source.ts'

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'millrace-pack-'))
const { version } = JSON.parse(readText('packages/millrace/package.json')) as { version: string }
const modules = join(folder, 'node_modules')

const job = `import { count, environment } from 'millrace'
import { csv } from 'millrace/files'
import { text, int32 } from 'millrace'

const parallelism = Number(process.argv[2] ?? 1)
const flights = environment({ parallelism }).dataset(csv('flights.csv', { origin: text, delay: int32 }))
const rows: { origin: string; departures: number }[] = await flights
  .groupBy('origin')
  .aggregate({ departures: count() })
  .sortBy('origin')
  .collect()
console.log(JSON.stringify(rows))
`
const expected = '[{"origin":"BOS","departures":1},{"origin":"SFO","departures":2}]\n'

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
}

beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'tools/pack.js')], { cwd: root })
  writeFileSync(join(folder, 'package.json'), '{ "name": "stranger", "private": true }')
  const tarball = join(root, 'out', `millrace-${version}.tgz`)
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: folder })
  writeFileSync(join(folder, 'flights.csv'), 'origin,delay\nSFO,1\nBOS,2\nSFO,3\n')
  writeFileSync(join(folder, 'job.mts'), job)
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('installs at most 30 packages', () => {
  const names = readdirSync(modules)
    .filter(name => !name.startsWith('.'))
    .flatMap(name => (name.startsWith('@') ? readdirSync(join(modules, name)).map(inner => `${name}/${inner}`) : name))
  expect(names).toContain('millrace')
  expect(names.length).toBeLessThanOrEqual(30)
})

test('holds no sources, no tests, no names of workspaces', () => {
  const inside = readdirSync(join(modules, 'millrace'), { recursive: true, encoding: 'utf8' })
  expect(inside).toContain('LICENSE')
  expect(inside.filter(path => /\.(test|fuzz|bench)\.|(?<!\.d)\.ts$|\.map$/.test(path))).toEqual([])
  const text = inside
    .filter(path => /\.(js|ts|json)$/.test(path))
    .map(path => readFileSync(join(modules, 'millrace', path), 'utf8'))
  expect(text.filter(content => /['"]@millrace\//.test(content))).toEqual([])
})

test('is the same from an ES module and from require', () => {
  writeFileSync(join(folder, 'esm.mjs'), "import * as m from 'millrace'\nconsole.log(Object.keys(m).sort().join())\n")
  const required =
    "const m = require('millrace'); console.log(Object.keys(m).filter(k => !k.startsWith('__') && k !== 'module.exports').sort().join())\n"
  writeFileSync(join(folder, 'cjs.cjs'), required)
  const names = node('esm.mjs')
  expect(names.split(',')).toContain('environment')
  expect(node('cjs.cjs')).toBe(names)
})

test('require gives no warning', () => {
  const { stderr } = spawnSync(process.execPath, ['cjs.cjs'], { cwd: folder, encoding: 'utf8' })
  expect(stderr).toBe('')
})

test('every entry loads', () => {
  const { exports } = JSON.parse(readFileSync(join(modules, 'millrace/package.json'), 'utf8')) as { exports: object }
  const entries = Object.keys(exports).filter(name => !name.endsWith('.json'))
  const imports = entries.map(name => `await import(${JSON.stringify(`millrace${name.slice(1)}`)})`)
  writeFileSync(join(folder, 'entries.mjs'), `${imports.join('\n')}\nconsole.log('loaded')\n`)
  expect(entries.length).toBeGreaterThan(1)
  expect(node('entries.mjs')).toBe('loaded\n')
})

test.runIf(existsSync(join(root, 'packages/runtime/src/cluster/thread.ts')))(
  'a worker thread loads the same engine',
  () => {
    const chunks = (entry: string) =>
      [...readFileSync(join(modules, 'millrace/dist', entry), 'utf8').matchAll(/from "(\.\/chunk-\w+\.js)"/g)].map(
        ([, chunk]) => chunk!,
      )
    const shared = new Set(chunks('index.js'))
    expect(chunks('thread.js').filter(chunk => shared.has(chunk))).not.toEqual([])
  },
)

test('runs a job on several workers, with its command and without', () => {
  expect(node(join(modules, 'millrace/bin/millrace.js'), 'run', 'job.mts', '2')).toBe(expected)
  writeFileSync(join(folder, 'plain.mjs'), job.replace(/: \{[^}]*\}\[\]/, ''))
  expect(node('plain.mjs', '2')).toBe(expected)
})

test('its command runs a TypeScript job', () => {
  const command = join(modules, 'millrace/bin/millrace.js')
  expect(existsSync(join(modules, '.bin', 'millrace'))).toBe(true)
  expect(node(command, '--version')).toBe(`${version}\n`)
  expect(node(command, '--help')).toContain('millrace run job.ts')
  expect(node(command, 'run', 'job.mts')).toBe(expected)
})

for (const [name, options] of Object.entries({
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}))
  test(`type-checks under ${name}`, () => {
    const project = join(folder, name)
    mkdirSync(project, { recursive: true })
    // The types name some of Node's, as those of most packages for Node do.
    const typeRoots = [join(root, 'node_modules/@types')]
    const compilerOptions = {
      ...options,
      target: 'es2023',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
      typeRoots,
    }
    const files = ['../job.mts', './wrong.mts']
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
    const wrong =
      "import { count } from 'millrace'\n// @ts-expect-error: there is no such option\ncount({ nothing: 1 }, 2)\n"
    writeFileSync(join(project, 'wrong.mts'), wrong)
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', project], { cwd: folder, encoding: 'utf8' })
    expect(stdout).toBe('')
  })
