import { Schema } from '@millrace/algebra'
import { int32, type Source, schemaOf, text } from '@millrace/runtime'
import { ManualHost, readSource, readSplit, sourceContract, splitContext } from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { generate } from './generate.ts'

const columns = { id: int32, name: text }
const make = (i: number) => ({ id: i, name: `n${i % 3}` })
const rows = Array.from({ length: 10 }, (_, i) => make(i))

sourceContract('generate', { source: () => generate({ rows: 10 }, make), rows: [rows] })
sourceContract('generate columns in splits', {
  source: () => generate({ rows: 10, splits: 3, schema: columns }, make),
  rows: [0, 1, 2].map(split => rows.filter(row => row.id % 3 === split)),
})
sourceContract('generate without end, at a rate', {
  source: () => generate({ ratePerSecond: 10, splits: 2 }, make),
  rows: [0, 1].map(split => rows.filter(row => row.id % 2 === split)),
})

describe('generate', () => {
  it('keeps to the rate by the clock of the host', async () => {
    const host = new ManualHost()
    const source = generate({ ratePerSecond: 1000 }, make)
    const [split] = await source.splits({ host, parallelism: 1 })
    const startMs = host.now()
    await readSplit(source, split!, { host, limit: 5001 })
    expect(host.now() - startMs).toBe(5000)
    const slow = generate({ ratePerSecond: 0.5 }, make)
    const slowMs = host.now()
    await readSplit(slow, split!, { host, limit: 3 })
    expect(host.now() - slowMs).toBe(4000)
  })
  it.each([1, 2, 3])('has the same rows at the same rate for %i readers', async parallelism => {
    const rate = { ratePerSecond: 300, rows: 31 }
    const due = new Map<number, number>()
    for (const split of await generate(rate, make).splits(splitContext(parallelism))) {
      const host = new ManualHost()
      const startMs = host.now()
      const timed = generate(rate, i => {
        due.set(i, host.now() - startMs)
        return i
      })
      await readSplit(timed, split, { host })
    }
    const expected = Array.from({ length: 31 }, (_, i) => [i, Math.ceil((i * 1000) / 300)])
    expect([...due].sort(([a], [b]) => a - b)).toEqual(expected)
  })
  it('continues at its rate from any offset', async () => {
    const host = new ManualHost()
    const startMs = host.now()
    const source = generate({ ratePerSecond: 10, rows: 31 }, i => i)
    const read = await readSplit(source, { id: '1/2', offset: 21 }, { host })
    expect(read.rows).toEqual([21, 23, 25, 27, 29])
    expect(host.now() - startMs).toBe(900) // the row before, of the other split, would come at once
  })
  it('is cut for as many readers as there are, if it is not told', async () => {
    expect(await generate({}, make).splits(splitContext(3))).toHaveLength(3)
    expect(await generate({ splits: 2 }, make).splits(splitContext(3))).toHaveLength(2)
  })
  it('catches up after a pause without going beyond the rate', async () => {
    const host = new ManualHost()
    const source = generate({ ratePerSecond: 100, rows: 1000 }, make)
    const context = { host, schema: source.schema, predicates: [], wake() {}, reject() {} }
    const reader = source.open({ id: '0/1' }, context)
    expect(reader.poll(1000)).toMatchObject({ length: 1 })
    expect(reader.poll(1000)).toBe('wait')
    host.timer(host.now() + 2000, () => {})
    while (host.fireNext());
    expect(reader.poll(150)).toMatchObject({ length: 150 })
    expect(reader.poll(150)).toMatchObject({ length: 50 })
    expect(reader.poll(150)).toBe('wait')
    await reader.close()
    expect(host.fireNext()).toBe(false)
  })
  it('knows whether it ends, also in its type', () => {
    const bounded: Source<{ id: number; name: string }, true> = generate({ rows: 1 }, make)
    const unbounded: Source<{ id: number; name: string }, false> = generate({ schema: columns }, make)
    // @ts-expect-error it does not end
    const wrong: Source<unknown, true> = generate({ ratePerSecond: 1 }, make)
    expect([bounded.bounded, unbounded.bounded, wrong.bounded]).toEqual([true, false, false])
    expect(bounded.schema).toBe(Schema.opaque)
    expect(unbounded.schema).toEqual(schemaOf(columns))
  })
  it('says which row is wrong, and where the function failed', async () => {
    const odd = (i: number) => ({ id: i === 3 ? 0.5 : i })
    await expect(readSource(generate({ rows: 5, schema: { id: int32 } }, odd))).rejects.toMatchObject({
      message: 'invalid int32: 0.5',
      details: { at: 'generate:3 (column "id")' },
    })
    const skipped = await readSource(generate({ rows: 5, schema: { id: int32 }, onError: 'skip' }, odd), { maxRows: 1 })
    expect(skipped.rows).toEqual([{ id: 0 }, { id: 1 }, { id: 2 }, { id: 4 }])
    const none = generate({ rows: 3, schema: { id: int32 }, onError: 'skip' }, () => ({ id: 0.5 }))
    expect(await readSource(none, { maxRows: 1 })).toMatchObject({ rows: [], rejected: [{}, {}, {}] })
    const validated = generate({ rows: 2, schema: z.object({ id: z.number().transform(String) }) }, odd)
    expect((await readSource(validated)).rows).toEqual([{ id: '0' }, { id: '1' }])
    const fails = generate({ rows: 2 }, i => {
      if (i === 1) throw new Error('no')
      return i
    })
    await expect(readSource(fails)).rejects.toMatchObject({ code: 'USER_FUNCTION', details: { at: 'generate:1' } })
  })
  it('refuses a promise for a row', async () => {
    const later = async (i: number) => ({ id: i })
    for (const options of [{ rows: 2 }, { rows: 2, onError: 'skip' as const }])
      await expect(readSource(generate(options, later))).rejects.toMatchObject({
        code: 'USER_FUNCTION',
        message: 'invalid result of generate: a promise',
        details: { at: 'generate:0' },
      })
  })
  it('refuses options that cannot be', () => {
    expect(() => generate({ rows: -1 }, make)).toThrow('invalid rows: -1')
    expect(() => generate({ ratePerSecond: 0 }, make)).toThrow('invalid ratePerSecond: 0')
    expect(() => generate({ splits: 1.5 }, make)).toThrow('invalid splits: 1.5')
    expect((generate({ rows: 0 }, make) as Source).label).toBe('generate 0')
  })
})
