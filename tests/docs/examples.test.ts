/** Every example in the public doc comments and on the pages compiles, runs, and gives what it says. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Example, exampleFunction, examplesIn, exportsOf, pageExamples } from './examples.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** Where public names come from, and where their docs are. */
const entries = { millrace: 'index', 'millrace/files': 'files', 'millrace/nexmark': 'nexmark' }
const documented = ['packages/plan/src', 'packages/api/src', 'packages/connectors/src', 'packages/runtime/src/schema']

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name).replaceAll('\\', '/'))
    .filter(path => /(?<!\.(test|fuzz|bench))\.ts$/.test(path))
    .sort()
}

/** Pages of which each block of TypeScript speaks of what the prelude has. */
const pages = ['docs/async.md', 'docs/checkpoints.md', 'docs/state.md']

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const examples: readonly Example[] = [
  ...documented.flatMap(sources).flatMap(path => examplesIn(path, read(path))),
  ...pages.flatMap(path => pageExamples(path, read(path))),
]

function imports(): string {
  const list = (kind: string, names: readonly string[], from: string) =>
    names.length === 0 ? [] : [`import ${kind}{ ${names.join(', ')} } from '${from}'`]
  const prelude = join(root, 'tests/docs/prelude.ts')
  const modules: [string, string][] = Object.entries(entries).map(([from, file]) => [
    from,
    join(root, `packages/millrace/src/${file}.ts`),
  ])
  return [...modules, [prelude, prelude] as const]
    .filter(([, path]) => existsSync(path))
    .flatMap(([from, path]) => {
      const { values, types } = exportsOf(path, readFileSync(path, 'utf8'))
      return [...list('', values, from), ...list('type ', types, from)]
    })
    .join('\n')
}

/** For each example null, or what went wrong. */
let outcomes: Record<string, string | null> = {}
let complaints = ''
let folder: string

beforeAll(async () => {
  const cache = join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(join(cache, 'docs-'))
  const functions = examples.map((example, i) => exampleFunction(`example${i}`, example))
  const all = `[${examples.map((_, i) => `example${i}`).join(', ')}]`
  const driver = `
await writeFiles()
const outcomes: Record<string, string | null> = {}
for (const [i, run] of ${all}.entries()) {
  outcomes[i] = await run().then(() => null, (error: Error & { describe?: () => string }) => error.describe?.() ?? error.stack ?? String(error))
  writeFileSync('outcomes.json', JSON.stringify(outcomes))
}`
  const program = join(folder, 'examples.mts')
  writeFileSync(program, ["import { writeFileSync } from 'node:fs'", imports(), ...functions, driver].join('\n\n'))
  complaints = await check(program)
  outcomes = await runProgram(program)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function check(program: string): Promise<string> {
  const project = join(folder, 'tsconfig.json')
  const base = join(root, 'tests/types/tsconfig.json')
  writeFileSync(project, JSON.stringify({ extends: base, include: [], files: [program] }))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const checked = run(process.execPath, [compiler, '-p', project, '--pretty', 'false'])
  return checked.then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  )
}

async function runProgram(program: string): Promise<Record<string, string | null>> {
  const outfile = join(folder, 'examples.mjs')
  await build({ entryPoints: [program], outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' })
  const running = run(process.execPath, [relative(folder, outfile)], { cwd: folder, timeout: 40_000 })
  running.child.stdin!.end()
  // One that does not end takes the others behind it with it: they stay without an outcome.
  const failure = await running.then(
    () => undefined,
    (error: Error) => error,
  )
  if (!existsSync(join(folder, 'outcomes.json'))) throw failure
  return JSON.parse(readFileSync(join(folder, 'outcomes.json'), 'utf8'))
}

describe('examples of the documentation', () => {
  it('are many', () => expect(examples.length).toBeGreaterThan(40))
  it('compile', () => expect(complaints.replaceAll(pathToFileURL(folder).pathname, '')).toBe(''))
  it.each(examples.map((example, i) => [`${example.path}:${example.line}`, i] as const))('%s', (_, i) => {
    expect(outcomes[i]).toBe(null)
  })
})
