/**
 * Processes that write files under checkpoints and are killed, again and again, at random steps or at random moments. After each
 * the caller's part of the recovery is done here, and what can be seen is read: exactly what was committed, where a sink
 * keeps nothing back; and when a program has come to its end, everything, each row once, and no other file.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { namesIn, readSource, recoverSink, type SinkCheckpoint } from '@millrace/testing/contracts'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Random } from './random.ts'
import { ROWS, rowAt, type TargetName, targets } from './targets.ts'

const { CI, SEED } = process.env
const seed = Number(SEED ?? (CI === undefined ? Date.now() % 1e9 : 1))
const scratch = mkdtempSync(join(tmpdir(), 'killed-'))
const program = join(scratch, 'program.mjs')

beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, 'program.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['source'],
    // what is loaded late is looked for from here
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(import.meta.dirname, 'program.ts')).href) },
    outfile: program,
  })
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** One life of the program. True: it came to its end. */
async function live(name: TargetName, folder: string, random: Random): Promise<boolean> {
  const fromOutside = random.below(3) === 0
  const step = fromOutside ? 0 : 1 + random.below(150)
  const args = [program, name, folder, `${random.below(1e9)}`, `${step}`]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  let output = ''
  child.stdout.on('data', part => {
    output += part
    if (fromOutside && output.startsWith('begun')) setTimeout(() => child.kill('SIGKILL'), random.below(40))
  })
  const [code, signal] = await exit
  expect([0, null], output).toContain(code)
  return signal === null
}

/** The rows that can be seen. */
async function visible(path: string, name: TargetName): Promise<number[]> {
  const parts = path.endsWith('/') ? namesIn(path).filter(part => !part.startsWith('.')) : []
  if (path.endsWith('/') ? parts.length === 0 : !existsSync(path)) return []
  const { rows } = await readSource(targets[name].sink(path))
  for (const row of rows as ReturnType<typeof rowAt>[]) expect(row).toEqual(rowAt(row.id, row.noise.length))
  return (rows as { id: number }[]).map(({ id }) => id).sort((a, b) => a - b)
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

/** What the caller does first when the job goes on; then what there must be. */
async function recover(name: TargetName, folder: string): Promise<void> {
  const { path, sink } = targets[name]
  const manifest = `${folder}/manifest.json`
  const at = `${folder}/${path}`
  const before = await visible(at, name) // readable at any moment
  expect(new Set(before).size).toBe(before.length)
  if (!existsSync(manifest)) return expect(before).toEqual([])
  const from = JSON.parse(readFileSync(manifest, 'utf8')) as SinkCheckpoint
  await recoverSink(sink(at), 'killed', from)
  const seen = await visible(at, name)
  const keepsBack = !path.endsWith('/') || name.endsWith('that go on')
  if (keepsBack && from.position < ROWS) expect(upTo(from.position)).toEqual(expect.arrayContaining(seen))
  else expect(seen).toEqual(upTo(from.position))
  const waiting = namesIn(dirname(`${at}x`)).filter(file => file.startsWith('.'))
  expect(waiting.length).toBeLessThanOrEqual(from.states.length)
}

test.each(Object.keys(targets) as TargetName[])(`${seed}: %s`, async name => {
  const random = new Random(seed)
  const folder = mkdtempSync(join(scratch, 'job-'))
  for (let lives = 1; !(await live(name, folder, random)); lives++) {
    await recover(name, folder)
    expect(lives, 'it gets nowhere').toBeLessThan(200)
  }
  const at = `${folder}/${targets[name].path}`
  expect(await visible(at, name)).toEqual(upTo(ROWS))
  expect(namesIn(dirname(`${at}x`)).filter(file => file.startsWith('.'))).toEqual([])
})
