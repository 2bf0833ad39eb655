/** Standard input and output of a real process, with real pipes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ScratchFolder } from '@millrace/testing/contracts'
import { build } from 'esbuild'
import { beforeAll, describe, expect, it } from 'vitest'

const scratch = new ScratchFolder()
const script = scratch.fresh('copy.mjs')

/** Copies standard input to standard output, as JSON strings; given a number, each line so often. */
const COPY = `
import { ManualHost } from '@host'
import { stdin, stdout } from './stdio.ts'
const source = stdin.textLines()
const host = new ManualHost()
const bell = host.doorbell()
const wake = () => bell.ring()
const context = { host, schema: source.schema, predicates: [], wake, reject(row) { throw new Error(row.message) } }
const reader = source.open((await source.splits({ host, parallelism: 1 }))[0], context)
const sink = stdout.jsonLines()
const writer = await sink.open({ host, jobId: 'copy', schema: source.schema, collection: 'bounded', subtask: 0, parallelism: 1, wake })
try {
  for (;;) {
    const polled = reader.poll(1024)
    if (polled === 'end') break
    if (polled === 'wait') { await bell.wait(); continue }
    for (let i = 0; i < Number(process.argv[2] ?? 1); i++) {
      while (!writer.ready) await bell.wait()
      writer.write(polled)
      await host.yield()
    }
  }
  await writer.prepareCommit()
  await writer.close()
} catch (error) {
  await writer.abort()
  process.stderr.write(error.code + ': ' + error.message)
  process.exitCode = 1
}
await reader.close()
`

beforeAll(async () => {
  await build({
    stdin: { contents: COPY, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
    alias: { '@host': fileURLToPath(new URL('../../../testing/src/contracts/manual-host.ts', import.meta.url)) },
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['source'],
    outfile: script,
  })
})

describe('standard input and output', () => {
  it('are copied in full', async () => {
    const child = spawn(process.execPath, [script])
    const lines = Array.from({ length: 50_000 }, (_, i) => `line ${i} of Ä`)
    const parts: Buffer[] = []
    child.stdout.on('data', part => parts.push(part))
    child.stdin.end(lines.join('\n'))
    expect(await once(child, 'close')).toEqual([0, null])
    expect(Buffer.concat(parts).toString()).toBe(lines.map(line => `${JSON.stringify(line)}\n`).join(''))
  })
  it('end when the reader goes away', async () => {
    const child = spawn(process.execPath, [script, '100000'])
    const errors: Buffer[] = []
    child.stderr.on('data', part => errors.push(part))
    child.stdin.on('error', () => {})
    child.stdin.write(`${'x'.repeat(1000)}\n`.repeat(100))
    await once(child.stdout, 'data')
    child.stdout.destroy()
    expect(await once(child, 'close')).toEqual([1, null])
    expect(Buffer.concat(errors).toString()).toBe('CANCELLED: stdout was closed by its reader')
  })
})
