import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { Schema } from '@millrace/algebra'
import { type Columns, int32, schemaOf, text } from '@millrace/runtime'
import {
  contentOf,
  ManualHost,
  namesIn,
  readSource,
  recoverSink,
  ScratchFolder,
  type SinkCheckpoint,
  SinkRun,
  type SinkRunOptions,
} from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import { csv } from '../csv/csv.ts'
import { parquet } from '../parquet/parquet.ts'
import { textLines } from '../text/text-lines.ts'

const scratch = new ScratchFolder()
const schema = Schema.bare('text')
const options: SinkRunOptions = { schema, jobId: 'job', parallelism: 1 }
const folderOf = () => `${scratch.fresh('parts')}/`

/** Writes rows, takes a checkpoint and commits it. */
async function round(
  sink: { commit: ReturnType<typeof textLines>['commit'] },
  run: SinkRun,
  rows: readonly unknown[],
  last = false,
) {
  await run.write(rows)
  const checkpoint = await run.checkpoint(last)
  await sink.commit(checkpoint.handles)
  return checkpoint
}

describe('parts under checkpoints', () => {
  it('that were removed before they were put in place are missed, and those that readers have taken away are not', async () => {
    const folder = folderOf()
    const sink = textLines(folder)
    const run = await SinkRun.begin(() => sink, options)
    await run.write(['a'])
    const { handles } = await run.checkpoint()
    await sink.commit(handles, true)
    rmSync(`${folder}part-0.txt`)
    await sink.commit(handles) // again, after a restart: nobody knows
    await run.write(['b'])
    const { handles: next } = await run.checkpoint()
    const [hidden] = namesIn(folder)
    rmSync(`${folder}${hidden}`)
    await expect(sink.commit(next, true)).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: expect.stringMatching(
        /^missing file: .*\.part-0-2\.txt\.part-job-.* \(it was to become .*part-0-2\.txt\)$/,
      ),
      hint: expect.stringContaining('what it held is lost'),
    })
    await run.abort()
  })
  it('end at each checkpoint at which they have rows', async () => {
    const folder = folderOf()
    const sink = textLines(folder)
    const run = await SinkRun.begin(() => sink, options)
    await round(sink, run, ['a', 'b'])
    await round(sink, run, [])
    await round(sink, run, ['c'])
    expect(namesIn(folder)).toEqual(['part-0-2.txt', 'part-0.txt'])
    expect(contentOf(`${folder}part-0.txt`)).toBe('a\nb\n')
    await round(sink, run, [], true)
    await run.close()
    expect(namesIn(folder)).toEqual(['part-0-2.txt', 'part-0.txt'])
  })
  it('end when they are large, and are seen after the next checkpoint', async () => {
    const folder = folderOf()
    const sink = textLines(folder, { rolling: { bytes: 300_000 } })
    const run = await SinkRun.begin(() => sink, options)
    const row = 'x'.repeat(200_000)
    await run.write([row, row, row])
    expect(namesIn(folder).filter(name => name.startsWith('part'))).toEqual([])
    await round(sink, run, ['y'])
    expect(namesIn(folder).filter(name => name.startsWith('part'))).toEqual(['part-0.txt'])
    await round(sink, run, [], true)
    await run.close()
    expect(namesIn(folder)).toEqual(['part-0-2.txt', 'part-0.txt'])
    expect((await readSource(sink)).rows.sort()).toEqual([row, row, row, 'y'])
  })
  it('are ended by size without checkpoints too, if that is asked for', async () => {
    const folder = folderOf()
    const sink = textLines(folder, { rolling: { bytes: 1, every: '1s' } })
    const run = await SinkRun.begin(() => sink, options)
    const row = 'x'.repeat(300_000)
    await round(sink, run, [row, row], true)
    await run.close()
    expect(namesIn(folder)).toEqual(['part-0-2.txt', 'part-0.txt'])
  })
  it('end at the first checkpoint at which they are old', async () => {
    const folder = folderOf()
    const host = new ManualHost()
    const sink = textLines(folder, { rolling: { every: '1m' } })
    const run = await SinkRun.begin(() => sink, { ...options, host })
    await round(sink, run, ['a'])
    pass(host, 59_000)
    await round(sink, run, ['b'])
    expect(namesIn(folder).filter(name => name.startsWith('part'))).toEqual([])
    pass(host, 1000)
    await round(sink, run, [])
    expect(contentOf(`${folder}part-0.txt`)).toBe('a\nb\n')
    await run.abort()
  })
  it('have names that no other gets, with whatever numbers of writers', async () => {
    const folder = folderOf()
    const sink = textLines(folder)
    let from: SinkCheckpoint | undefined
    let row = 0
    for (const parallelism of [3, 1, 3, 2, 3]) {
      if (from !== undefined) await recoverSink(sink, 'job', from)
      const run = await SinkRun.begin(() => sink, { ...options, parallelism, from })
      from = await round(
        sink,
        run,
        ['x', 'y', 'z'].map(c => `${c}${row}`),
      )
      row++
      await run.abort()
    }
    expect((await readSource(sink)).rows).toHaveLength(15)
    expect(namesIn(folder).filter(name => name.startsWith('.'))).toEqual([])
  })
  it('have such names even where readers take parts away', async () => {
    const folder = folderOf()
    const sink = textLines(folder)
    const taken: string[] = []
    let from: SinkCheckpoint | undefined
    for (const parallelism of [3, 3, 1, 1, 3, 1, 2, 3]) {
      if (from !== undefined) await recoverSink(sink, 'job', from)
      const run = await SinkRun.begin(() => sink, { ...options, parallelism, from })
      from = await round(sink, run, ['x', 'y', 'z'])
      await run.abort()
      taken.push(...namesIn(folder))
      for (const name of namesIn(folder)) rmSync(`${folder}${name}`)
    }
    expect(taken).toHaveLength(3 + 3 + 1 + 1 + 3 + 1 + 2 + 3)
    expect(new Set(taken).size).toBe(taken.length)
    expect(taken).toContain('part-2-4.txt')
  })
  it.each([1, 2, 3])('are not written twice by %i writers that go on from an earlier checkpoint', async parallelism => {
    const folder = folderOf()
    const sink = textLines(folder)
    const run = await SinkRun.begin(() => sink, { ...options, parallelism: 2 })
    const earlier = await round(sink, run, ['a'])
    await round(sink, run, ['b', 'c'])
    await run.abort()
    await recoverSink(sink, 'job', earlier)
    const again = () => SinkRun.begin(() => sink, { ...options, parallelism, from: earlier })
    await expect(again()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/^invalid folder: .* \(it holds part-[01].*\.txt of a later checkpoint\)$/),
      hint: expect.stringContaining('remove what came after the checkpoint'),
    })
    for (const name of ['part-0-2.txt', 'part-1.txt']) rmSync(`${folder}${name}`)
    const next = await again()
    await round(sink, next, ['b', 'c'], true)
    await next.close()
    expect((await readSource(sink)).rows.sort()).toEqual(['a', 'b', 'c'])
  })
  it('replace that of an earlier run, also when the first checkpoint had no rows', async () => {
    const folder = folderOf()
    const sink = textLines(folder)
    const before = await SinkRun.begin(() => sink, { ...options, parallelism: 2 })
    await round(sink, before, ['old', 'old'], true)
    await before.close()
    const run = await SinkRun.begin(() => sink, { ...options, jobId: 'other', parallelism: 2 })
    const from = await round(sink, run, [])
    await run.abort()
    const again = await SinkRun.begin(() => sink, { ...options, jobId: 'other', parallelism: 2, from })
    await round(sink, again, ['a', 'b'], true)
    await again.close()
    expect((await readSource(sink)).rows).toEqual(['a', 'b'])
    const back = SinkRun.begin(() => sink, { ...options, jobId: 'other', parallelism: 2, from })
    await expect(back).rejects.toThrow('of a later checkpoint')
  })
  it('may be taken away by their readers', async () => {
    const folder = folderOf()
    const sink = textLines(folder)
    const run = await SinkRun.begin(() => sink, options)
    const from = await round(sink, run, ['a'])
    await run.abort()
    for (const name of readdirSync(folder)) rmSync(`${folder}${name}`)
    await recoverSink(sink, 'job', from)
    const again = await SinkRun.begin(() => sink, { ...options, from })
    await round(sink, again, ['b'], true)
    await again.close()
    expect(namesIn(folder)).toEqual(['part-0-2.txt'])
  })
  it('refuses options that cannot be', () => {
    expect(() => textLines('a.txt', { rolling: {} })).toThrow('invalid rolling: a.txt is a single file')
    expect(() => textLines('a/', { rolling: { bytes: 0 } })).toThrow('invalid rolling.bytes: 0')
    expect(() => textLines('a/', { rolling: { every: '0s' } })).toThrow('invalid rolling.every: "0s"')
    expect(() => textLines('a/', { rolling: { size: 1 } as object })).toThrow('unknown option: rolling.size')
    expect(() => textLines('a/', { rolling: 5 as unknown as object })).toThrow('invalid rolling: 5')
  })
})

/** A checkpoint with a file that waits for more rows, and that file. */
async function waiting(sink: ReturnType<typeof textLines>, folder: string) {
  const run = await SinkRun.begin(() => sink, options)
  const from = await round(sink, run, ['a'])
  await run.abort()
  const [hidden] = namesIn(folder).filter(name => name.startsWith('.'))
  return { from, hidden: `${folder}${hidden}` }
}

describe('a file that waits for more rows', () => {
  it('must be there, and as long as it was', async () => {
    const folder = folderOf()
    const sink = textLines(folder, { rolling: {} })
    const { from, hidden } = await waiting(sink, folder)
    writeFileSync(hidden, '')
    await expect(SinkRun.begin(() => sink, { ...options, from })).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: `missing file: ${hidden}`,
    })
    rmSync(hidden)
    await expect(SinkRun.begin(() => sink, { ...options, from })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  })
  it('is cut back to where it was', async () => {
    const folder = folderOf()
    const sink = textLines(folder, { rolling: {} })
    const { from, hidden } = await waiting(sink, folder)
    writeFileSync(hidden, 'a\nhalf a li')
    const run = await SinkRun.begin(() => sink, { ...options, from })
    await round(sink, run, ['b'], true)
    await run.close()
    expect(contentOf(`${folder}part-0.txt`)).toBe('a\nb\n')
  })
  it('must keep its format', async () => {
    const folder = folderOf()
    const { from } = await waiting(textLines(folder, { rolling: {} }), folder)
    const other = { ...options, schema: schemaOf({ a: int32 }), from }
    await expect(SinkRun.begin(() => csv(folder), other)).rejects.toMatchObject({
      code: 'STATE_MISMATCH',
      message: 'invalid format: csv (it was text)',
    })
  })
  it.each(['csv', 'parquet'] as const)('ends where rows get other columns: %s', async format => {
    const folder = folderOf()
    const make = (path: string, columns?: Columns) =>
      format === 'csv'
        ? csv(path, columns!, path === folder ? { rolling: {} } : {})
        : parquet(path, columns!, path === folder ? { rolling: {} } : {})
    const sink = make(folder)
    const run = await SinkRun.begin(() => sink, { ...options, schema: schemaOf({ a: int32 }) })
    const from = await round(sink, run, [{ a: 1 }])
    await run.abort()
    await recoverSink(sink, 'job', from)
    const wider = { ...options, schema: schemaOf({ a: int32, b: text }) }
    const again = await SinkRun.begin(() => sink, { ...wider, from })
    await round(sink, again, [{ a: 2, b: 'x' }], true)
    await again.close()
    const first = make(`${folder}part-0.${format}`, { a: int32 })
    const second = make(`${folder}part-0-2.${format}`, { a: int32, b: text })
    expect((await readSource(first)).rows).toEqual([{ a: 1 }])
    expect((await readSource(second)).rows).toEqual([{ a: 2, b: 'x' }])
  })
  it('is refused other columns if it is the only one', async () => {
    const path = scratch.fresh('out.csv')
    const run = await SinkRun.begin(() => csv(path), { ...options, schema: schemaOf({ a: int32 }) })
    const from = await round(csv(path), run, [{ a: 1 }])
    await run.abort()
    const wider = { ...options, schema: schemaOf({ a: int32, b: text }), from }
    await expect(SinkRun.begin(() => csv(path), wider)).rejects.toMatchObject({ code: 'STATE_MISMATCH' })
    const again = await SinkRun.begin(() => csv(path), { ...options, schema: schemaOf({ a: int32 }), from })
    await round(csv(path), again, [{ a: 2 }], true)
    await again.close()
    expect(contentOf(path)).toBe('a\n1\n2\n')
  })
  it('is put where it was to be when the program writes elsewhere', async () => {
    const old = folderOf()
    const { from } = await waiting(textLines(old, { rolling: {} }), old)
    const folder = folderOf()
    const sink = textLines(folder, { rolling: {} })
    await recoverSink(sink, 'job', from)
    const run = await SinkRun.begin(() => sink, { ...options, from })
    await round(sink, run, ['b'], true)
    await run.close()
    expect([namesIn(old), namesIn(folder)]).toEqual([['part-0.txt'], ['part-0-2.txt']])
  })
  it('is put where it was to be when the program writes another single file', async () => {
    const [old, path] = [scratch.fresh('old.txt'), scratch.fresh('new.txt')]
    const run = await SinkRun.begin(() => textLines(old), options)
    const from = await round(textLines(old), run, ['a'])
    await run.abort()
    const sink = textLines(path)
    const again = await SinkRun.begin(() => sink, { ...options, from })
    await round(sink, again, ['b'], true)
    await again.close()
    expect([contentOf(old), contentOf(path)]).toEqual(['a\n', 'b\n'])
  })
  it('stays when it cannot be gone on with, since another is not there', async () => {
    const folder = folderOf()
    const sink = textLines(folder, { rolling: {} })
    const run = await SinkRun.begin(() => sink, { ...options, parallelism: 2 })
    const from = await round(sink, run, ['a', 'b'])
    await run.abort()
    const [first, second] = namesIn(folder)
    rmSync(`${folder}${second}`)
    await expect(SinkRun.begin(() => sink, { ...options, from })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    await new Promise(resolve => setImmediate(resolve))
    expect(namesIn(folder)).toEqual([first])
  })
  it('stays when it ended and the job fails before the next checkpoint; what began later goes', async () => {
    const folder = folderOf()
    const sink = textLines(folder, { rolling: { bytes: 300_000 } })
    const run = await SinkRun.begin(() => sink, options)
    const from = await round(sink, run, ['a'])
    const hidden = namesIn(folder)
    const row = 'x'.repeat(400_000)
    await run.write([row, row])
    await run.abort()
    expect(namesIn(folder)).toEqual(hidden)
    await recoverSink(sink, 'job', from)
    const again = await SinkRun.begin(() => sink, { ...options, from })
    await round(sink, again, ['b'], true)
    await again.close()
    expect(contentOf(`${folder}part-0.txt`)).toBe('a\nb\n')
  })
  it('goes with the job that fails before its first checkpoint', async () => {
    const folder = folderOf()
    const run = await SinkRun.begin(() => textLines(folder), options)
    await run.write(['a'])
    await run.abort()
    expect(namesIn(folder)).toEqual([])
  })
})

function pass(host: ManualHost, ms: number): void {
  host.timer(host.now() + ms, () => {})
  host.fireNext()
}
