import type { Source } from '@millrace/runtime'
import { batchOf, readSource, readSplit, sourceContract, splitContext, writeToSink } from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import { blackhole } from '../blackhole/blackhole.ts'
import type { NexmarkOptions } from './options.ts'
import type { Auction } from './rows.ts'
import { auctions, bids, persons } from './source.ts'
import { MAX_EVENTS } from './specification.ts'

/** Rows of each split of so many events, so that the contract can be checked at any cut. */
async function bySplit(make: (options: NexmarkOptions) => Source, options: NexmarkOptions): Promise<unknown[][]> {
  const source = make(options)
  const splits = await source.splits(splitContext())
  return Promise.all(splits.map(async split => (await readSplit(source, split)).rows))
}

for (const [name, make, events] of [
  ['bids', bids, 62],
  ['auctions', auctions, 412],
  ['persons', persons, 812],
] as const)
  for (const splits of [1, 2]) {
    const options = { events, seed: 11, splits }
    sourceContract(`nexmark ${name} in ${splits}`, {
      source: () => make(options),
      rows: await bySplit(make, options),
    })
  }

describe('a seed', () => {
  const sorted = (rows: readonly unknown[]) => rows.map(row => JSON.stringify(row)).sort()

  it.each([2, 3, 7])('gives the same events in %i splits', async splits => {
    for (const make of [bids, auctions, persons]) {
      const one = await readSource(make({ events: 3_003 }))
      const many = await bySplit(make, { events: 3_003, splits })
      expect(sorted(many.flat())).toEqual(sorted(one.rows))
      expect(many.every(rows => rows.length > 0)).toBe(true)
    }
  })
  it.each([1, 2, 3])('gives the same events for %i readers, and the same checksum', async parallelism => {
    for (const make of [bids, auctions, persons]) {
      const source: Source = make({ events: 3_003 })
      const splits = await source.splits(splitContext(parallelism))
      expect(splits).toHaveLength(parallelism)
      const [one, many] = [blackhole(), blackhole()]
      const all = await readSource(source)
      await writeToSink(one, source.schema, [batchOf(source.schema, all.rows)])
      const rows: unknown[] = []
      for (const [subtask, split] of splits.entries()) {
        const read = await readSplit(make({ events: 3_003 }), split)
        await writeToSink(many, source.schema, [batchOf(source.schema, read.rows)], { subtask, parallelism })
        rows.push(...read.rows)
      }
      expect(sorted(rows)).toEqual(sorted(all.rows))
      expect([many.rows, many.checksum()]).toEqual([one.rows, one.checksum()])
    }
  })
  it('has as many splits as it is told, whatever the number of readers', async () => {
    expect(await bids({ splits: 2 }).splits(splitContext(3))).toEqual([{ id: '0/2' }, { id: '1/2' }])
  })
  it('gives the same events whether they end or not', async () => {
    const [split] = await bids().splits(splitContext())
    const endless = await readSplit(bids(), split!, { limit: 2_000 })
    expect(endless.rows).toEqual((await readSource(bids({ events: 10_000 }))).rows.slice(0, 2_000))
  })
  it('makes a difference', async () => {
    const rows = async (seed: number) => sorted((await readSource(bids({ events: 500, seed }))).rows)
    const first = new Set(await rows(1))
    expect((await rows(2)).filter(row => first.has(row))).toEqual([])
  })
})

describe('the end of ids', () => {
  const split = { id: '0/1' }

  it('is an error, not a wrap', async () => {
    const last = { ...split, offset: MAX_EVENTS - 1 }
    const read = readSplit(bids({ auctions: 5 }), last, { limit: 1 })
    expect((await read).rows).toHaveLength(1)
    await expect(readSplit(bids(), last, { limit: 2 })).rejects.toThrow(`invalid event number: ${MAX_EVENTS}`)
  })
  it('is the same for all kinds', async () => {
    for (const [make, first] of [
      [persons, 0],
      [auctions, 1],
      [bids, 4],
    ] as const) {
      const beyond = { ...split, offset: MAX_EVENTS + first }
      await expect(readSplit(make(), beyond, { limit: 1 })).rejects.toThrow(`invalid event number: ${MAX_EVENTS}`)
      const before = { ...split, offset: MAX_EVENTS - 50 + first }
      expect((await readSplit(make(), before, { limit: 1 })).rows).toHaveLength(1)
    }
  })
  it('fits the columns', async () => {
    const [auction] = (await readSplit(auctions(), { ...split, offset: MAX_EVENTS - 49 }, { limit: 1 }))
      .rows as Auction[]
    expect(auction!.id).toBe(1000 + ((MAX_EVENTS / 50) * 3 - 3))
    expect(auction!.id).toBeLessThan(2 ** 31)
  })
})

describe('what cannot be', () => {
  it.each([
    [{ events: -1 }, 'invalid events: -1'],
    [{ events: MAX_EVENTS + 1 }, `invalid events: ${MAX_EVENTS + 1}`],
    [{ seed: 0.5 }, 'invalid seed: 0.5'],
    [{ splits: 0 }, 'invalid splits: 0'],
    [{ eventsPerSecond: 0 }, 'invalid eventsPerSecond: 0'],
    [{ eventPerSecond: 1 }, 'unknown option: eventPerSecond (known: '],
  ])('%j is refused', (options, message) => {
    expect(() => bids(options as NexmarkOptions)).toThrow(message)
  })
  it.each(['2/2', '1', '1/x', '-1/2'])('split %s is refused', async id => {
    await expect(readSplit(bids(), { id }, { limit: 1 })).rejects.toThrow(`invalid split: ${id}`)
  })
  it.each([3, 50, 99.5, 'x', 100])('offset %j of the second of two splits of bids is refused', async offset => {
    await expect(readSplit(bids({ splits: 2 }), { id: '1/2', offset }, { limit: 1 })).rejects.toThrow('invalid offset')
  })
})
