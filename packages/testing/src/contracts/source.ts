/**
 * The contract of sources as tests (see runtime's `source.ts`): each row once and in order, from every offset, with any
 * `maxRows`, with the columns asked for and no others, and nothing left open.
 */
import { readdirSync, readlinkSync } from 'node:fs'
import type { Schema } from '@millrace/algebra'
import { type Expression, MillraceError } from '@millrace/plan'
import type { Json, ReaderContext, Rejected, Source, Split, SplitContext, SplitReader } from '@millrace/runtime'
import { describe, expect, it } from 'vitest'
import { ManualHost } from './manual-host.ts'
import { print } from './print.ts'

export interface SourceCase {
  /** A source; each call gives one over the same data. */
  source(): Source | Promise<Source>
  /** The rows of each split, in the order of the splits; of an unbounded source its first ones. A few dozen in all. */
  readonly rows: readonly (readonly unknown[])[]
  /** A source whose data is not there. */
  missing?(): Source
  /** Where its files lie, to look for ones left open (on systems that have /proc). */
  readonly folder?: string
  /** Why it cannot be read twice, if so. */
  readonly onceOnly?: string
}

export interface ReadOptions {
  readonly schema?: Schema
  /** Conditions that the source accepts. */
  readonly predicates?: readonly Expression[]
  readonly maxRows?: number
  readonly host?: ManualHost
  /** For how many readers it is cut into splits; default 1. */
  readonly parallelism?: number
  /** Stop after so many rows; default at the end. */
  readonly limit?: number
}

/** What was read of a split: rows, the offset after each poll, and what was rejected. */
export interface SplitRead {
  readonly rows: unknown[]
  readonly offsets: { readonly rows: number; readonly offset: Json }[]
  readonly rejected: Rejected[]
}

export function sourceContract(name: string, given: SourceCase): void {
  describe(`${name}, as a source`, () => {
    const splitsOf = async (source: Source) => source.splits(splitContext())
    const limits = (source: Source, i: number) => (source.bounded ? {} : { limit: given.rows[i]!.length })

    for (const maxRows of [1, 3, 1024])
      it(`gives each row once and in order, at most ${maxRows} at a time`, async () => {
        const source = await given.source()
        const splits = await splitsOf(source)
        expect(splits.length).toBe(given.rows.length)
        for (const [i, split] of splits.entries()) {
          const read = await readSplit(source, split, { maxRows, ...limits(source, i) })
          expect(read.rows).toEqual(given.rows[i])
        }
      })
    it('enumerates the same splits again', async context => {
      context.skip(given.onceOnly !== undefined, given.onceOnly)
      const first = await splitsOf(await given.source())
      expect(await splitsOf(await given.source())).toEqual(first)
      expect(new Set(first.map(split => split.id)).size).toBe(first.length)
    })
    it('continues exactly at the offset after any poll', async context => {
      context.skip(given.onceOnly !== undefined, given.onceOnly)
      const source = await given.source()
      for (const [i, split] of (await splitsOf(source)).entries()) {
        const { offsets } = await readSplit(source, split, { maxRows: 2, ...limits(source, i) })
        expect(offsets.at(-1)?.rows ?? 0).toBe(given.rows[i]!.length)
        for (const { rows, offset } of offsets) {
          const rest = { maxRows: 3, ...(source.bounded ? {} : { limit: given.rows[i]!.length - rows }) }
          const kept = JSON.parse(JSON.stringify(offset)) as Json
          const read = await readSplit(await given.source(), { ...split, offset: kept }, rest)
          expect(read.rows).toEqual(given.rows[i]!.slice(rows))
        }
      }
    })
    it('has the same rows for any number of readers, each with an instance of its own', async context => {
      context.skip(given.onceOnly !== undefined, given.onceOnly)
      const { bounded } = await given.source()
      context.skip(!bounded, 'it does not end')
      for (const parallelism of [1, 2, 3]) {
        const splits = await (await given.source()).splits(splitContext(parallelism))
        expect(new Set(splits.map(split => split.id)).size).toBe(splits.length)
        const reading = splits.map(async split => (await readSplit(await given.source(), json(split))).rows)
        const rows = (await Promise.all(reading)).flat()
        expect(rows.map(print).sort()).toEqual(given.rows.flat().map(print).sort())
      }
    })
    it('reads only the columns asked for, in their order', async context => {
      const { prunes, schema } = await given.source()
      context.skip(!prunes || given.onceOnly !== undefined, 'it does not prune, or can be read only once')
      const { fields } = schema
      const wanted = [[], ...fields.map(f => [f]), [...fields].reverse(), fields.slice(1)]
      for (const columns of wanted) {
        const source = await given.source()
        for (const [i, split] of (await splitsOf(source)).entries()) {
          const read = await readSplit(source, split, {
            schema: { fields: columns, bare: false },
            ...limits(source, i),
          })
          expect(read.rows).toEqual(
            given.rows[i]!.map(row =>
              pick(
                row,
                columns.map(f => f.name),
              ),
            ),
          ) // prettier-ignore
        }
      }
    })
    it('leaves nothing open when it is closed half-way', async () => {
      const source = await given.source()
      for (const split of await splitsOf(source)) {
        const read = opened(source, split, {})
        await nextBatch(read)
        await read.reader.close()
        await read.reader.close()
        await read.host.yield()
        expect(openFiles(given.folder)).toEqual([])
        expect(read.host.fireNext()).toBe(false)
      }
    })
    it('says what is missing', async context => {
      context.skip(given.missing === undefined, 'its data cannot be missing')
      const error = await given.missing!()
        .splits(splitContext())
        .then(
          () => undefined,
          reason => reason,
        )
      expect(error).toBeInstanceOf(MillraceError)
      expect(error.kind).toBe('io')
      expect(error.message).toMatch(/^missing /)
    })
  })
}

/** What a source is asked for its splits with. */
export function splitContext(parallelism = 1): SplitContext {
  return { host: new ManualHost(), parallelism }
}

/** Reads a split to its end or to a limit. */
export async function readSplit(source: Source, split: Split, options: ReadOptions = {}): Promise<SplitRead> {
  const read = opened(source, split, options)
  const { maxRows = 1024, limit = Number.POSITIVE_INFINITY } = options
  const rows: unknown[] = []
  const offsets: SplitRead['offsets'] = [{ rows: 0, offset: read.reader.offset() }]
  try {
    while (rows.length < limit) {
      const batch = await nextBatch(read, Math.min(maxRows, limit - rows.length))
      if (batch === 'end') break
      expect(batch.length).toBeGreaterThan(0)
      expect(batch.length).toBeLessThanOrEqual(maxRows)
      expect(batch.schema).toBe(read.schema)
      for (let i = 0; i < batch.length; i++) rows.push(batch.row(i))
      offsets.push({ rows: rows.length, offset: read.reader.offset() })
    }
  } finally {
    await read.reader.close()
  }
  return { rows, offsets, rejected: read.rejected }
}

/** All rows of all splits, and what was rejected. */
export async function readSource(source: Source, options: ReadOptions = {}): Promise<SplitRead> {
  const all: SplitRead = { rows: [], offsets: [], rejected: [] }
  for (const split of await source.splits({
    host: options.host ?? new ManualHost(),
    parallelism: options.parallelism ?? 1,
  })) {
    const read = await readSplit(source, split, options)
    all.rows.push(...read.rows)
    all.rejected.push(...read.rejected)
  }
  return all
}

interface Opened {
  readonly reader: SplitReader
  readonly host: ManualHost
  readonly schema: Schema
  readonly rejected: Rejected[]
  woken(): Promise<void>
}

function opened(source: Source, split: Split, options: ReadOptions): Opened {
  const { host = new ManualHost(), schema = source.schema } = options
  const bell = host.doorbell()
  const rejected: Rejected[] = []
  const context: ReaderContext = {
    host,
    schema,
    predicates: options.predicates ?? [],
    wake: () => bell.ring(),
    reject(row) {
      if ((source.onError ?? 'fail') === 'fail') throw new MillraceError('INVALID_ROW', row.message, { at: row.at })
      rejected.push(row)
    },
  }
  return { reader: source.open(split, context), host, schema, rejected, woken: () => bell.wait() }
}

async function nextBatch({ reader, host, woken }: Opened, maxRows = 1024) {
  for (;;) {
    const polled = reader.poll(maxRows)
    if (polled !== 'wait') return polled
    let timeout: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timeout = setTimeout(() => reject(new Error("a reader that said 'wait' did not call wake in 10 s")), 10_000)
    })
    const waited = woken()
    if (!(await Promise.race([waited.then(() => true), host.yield().then(() => false)]))) host.fireNext()
    await Promise.race([waited, late])
    clearTimeout(timeout)
  }
}

/** Splits go to other threads, and into checkpoints. */
function json(split: Split): Split {
  return JSON.parse(JSON.stringify(split)) as Split
}

function pick(row: unknown, names: readonly string[]): unknown {
  const record = row as Record<string, unknown>
  return Object.fromEntries(names.map(name => [name, record[name]]))
}

/** Files of a folder that this process has open. */
function openFiles(folder: string | undefined): string[] {
  if (folder === undefined || process.platform !== 'linux') return []
  return readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`)
      return path.startsWith(folder) ? [path] : []
    } catch {
      return [] // closed meanwhile
    }
  })
}
