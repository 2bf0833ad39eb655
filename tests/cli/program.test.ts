/** A program is run as its author wrote it: its language, its files, its arguments, its errors, its exit code. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { Workshop } from './workshop.ts'

const workshop = new Workshop()
mkdirSync(join(workshop.folder, 'node_modules'))
afterAll(() => workshop.remove())

test('TypeScript with its own files, packages, arguments and top-level await', async () => {
  workshop.write({
    'job.ts': `
import { place } from './parts/place.ts'
import { old } from './parts/old.js'
import data from './parts/data.json'
import { tag } from 'dual'
const { sep } = require('node:path')
enum Colour { Red = 'red' }
const n: number = await Promise.resolve(data.n)
console.log(JSON.stringify({
  url: import.meta.url, place, old, n, tag, sep, colour: Colour.Red,
  resolved: [import.meta.resolve('./x.txt'), import.meta.resolve('dual')],
  argv: process.argv.slice(1), cwd: process.cwd(),
}))`,
    'parts/place.ts': 'export const place: string = import.meta.filename',
    'parts/old.js': "const { basename } = require('path'); exports.old = basename('/a/old')",
    'parts/data.json': '{ "n": 7 }',
    'node_modules/dual/package.json': '{ "name": "dual", "exports": { "import": "./m.mjs", "require": "./c.cjs" } }',
    'node_modules/dual/m.mjs': "export const tag = 'module ' + new URL(import.meta.url).pathname.split('/').pop()",
    'node_modules/dual/c.cjs': "exports.tag = 'common'",
  })
  const file = join(workshop.folder, 'job.ts')
  const { code, stdout, stderr } = await workshop.run('run', 'job.ts', '--day', '1', '-v')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({
    url: pathToFileURL(file).href,
    place: join(workshop.folder, 'parts/place.ts'),
    old: 'old',
    n: 7,
    tag: 'module m.mjs',
    sep: '/',
    colour: 'red',
    resolved: [
      pathToFileURL(join(workshop.folder, 'x.txt')),
      pathToFileURL(join(workshop.folder, 'node_modules/dual/m.mjs')),
    ].map(url => url.href),
    argv: [file, '--day', '1', '-v'],
    cwd: workshop.folder,
  })
})

test('nothing of a bundle is left behind, however the program ends', async () => {
  workshop.write({ 'fine.ts': '', 'throws.ts': 'throw new Error()', 'exits.ts': 'process.exit(4)', 'bad.ts': 'const' })
  for (const name of ['fine', 'throws', 'exits', 'bad']) await workshop.run('run', `${name}.ts`)
  const cache = join(workshop.folder, 'node_modules/.cache/millrace')
  expect(existsSync(cache)).toBe(true)
  expect(readdirSync(cache)).toEqual([])
})

const failures: Record<string, [source: string, stderr: string]> = {
  exception: [
    'interface P { a?: { b: number } }\nfunction b(p: P): number {\n  return p.a!.b\n}\nexport const c = b({})\n',
    "TypeError: Cannot read properties of undefined (reading 'b')\n  at exception.ts:3:15\n  at exception.ts:5:18\n",
  ],
  rejection: [
    "setTimeout(() => {\n  void Promise.reject(new RangeError('late', { cause: new Error('root') }))\n}, 1)\nsetInterval(() => {}, 1000)\n",
    'RangeError: late\n  at rejection.ts:2:23\ncaused by Error: root\n  at rejection.ts:2:55\n',
  ],
  later: ["setTimeout(() => {\n  throw new Error('in a timer')\n}, 1)\n", 'Error: in a timer\n  at later.ts:2:9\n'],
  value: ["throw { code: 'A' }", "thrown: { code: 'A' }\n"],
  never: [
    'await new Promise(() => {})',
    'invalid program: its top-level await waits for something that can no longer happen\n',
  ],
  missing: [
    "import { x } from 'not-installed'\nconsole.log(x)",
    `invalid program: Could not resolve "not-installed"
  at missing.ts:1:19
    import { x } from 'not-installed'
                      ^^^^^^^^^^^^^^^
  npm install not-installed
`,
  ],
}
for (const [name, [source, stderr]] of Object.entries(failures))
  test(`a program that fails: ${name}`, async () => {
    workshop.write({ [`${name}.ts`]: source })
    expect(await workshop.run('run', `${name}.ts`)).toEqual({ code: 1, stdout: '', stderr })
  })

test('--stack shows all of it', async () => {
  workshop.write({ 'deep.ts': "throw new Error('deep')" })
  const { stderr } = await workshop.run('run', '--stack', 'deep.ts')
  expect(stderr).toContain(`deep.ts:1:7`)
  expect(stderr).toContain('node:internal')
})

test('an exit code the program chose is kept', async () => {
  workshop.write({ 'call.ts': 'process.exit(3)', 'set.ts': 'process.exitCode = 5' })
  expect((await workshop.run('run', 'call.ts')).code).toBe(3)
  expect((await workshop.run('run', 'set.ts')).code).toBe(5)
})

test('a signal ends a program that runs no job', async () => {
  workshop.write({ 'waits.ts': "console.log('up')\nsetInterval(() => {}, 1000)" })
  for (const [name, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const { outcome, printed, signal } = workshop.start('run', 'waits.ts')
    await printed('up')
    signal(name)
    expect(await outcome).toEqual({ code, stdout: 'up\n', stderr: '' })
  }
})

test('a program that handles signals and exceptions itself goes on', async () => {
  workshop.write({
    'handles.ts': `
process.on('SIGINT', () => { console.log('bye'); process.exit(7) })
process.on('uncaughtException', error => console.log('caught', error.message))
process.on('unhandledRejection', error => console.log('caught', error))
setTimeout(() => { throw new Error('one') }, 1)
setTimeout(() => { void Promise.reject('two') }, 5)
setTimeout(() => console.log('up'), 20)
setInterval(() => {}, 1000)`,
  })
  const { outcome, printed, signal } = workshop.start('run', 'handles.ts')
  await printed('up')
  signal('SIGINT')
  expect(await outcome).toEqual({ code: 7, stdout: 'caught one\ncaught two\nup\nbye\n', stderr: '' })
})
