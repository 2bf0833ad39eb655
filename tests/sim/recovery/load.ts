/** What a job of the simulation reads, does and writes, and what must come of it: a shape is a function that draws one. */
import { field, Schema } from '@millrace/algebra'
import type { PlanNode } from '@millrace/plan'
import type { Draw } from './draw.ts'

export type Row = Readonly<Record<string, unknown>>

/** What a source has. */
export interface Table {
  readonly label: string
  readonly schema: Schema
  readonly bounded: boolean
  readonly splits: readonly (readonly Row[])[]
  /** Between two rows of a split. */
  readonly paceMs: number
  /** From this row on a split gives no more until the end may come. */
  readonly held: number
  /** Splits that end by themselves, long before others. */
  readonly early?: (split: number) => boolean
  readonly concurrentSplits: number
  readonly place: 'workers' | 'caller'
}

/** Rows as text, and how often each is there. */
export type Contents = ReadonlyMap<string, number>

export interface Output {
  readonly name: string
  /** What is wrong with it in the end; undefined: nothing. */
  wrong(contents: Contents): string | undefined
}

export interface Load {
  readonly shape: string
  readonly tables: readonly Table[]
  /** False: it may not go on with another number of workers. */
  readonly moves?: boolean
  /** Of each plan. */
  readonly outputs: readonly Output[]
  /** The plans: what each sink is given. `now` is the processing time that functions may compare with. */
  plans(read: (label: string) => PlanNode, now: () => number): readonly PlanNode[]
}

export const place = { site: undefined, name: undefined }
export const byK = { kind: 'columns', columns: ['k'] } as const
export const count = [{ name: 'n', aggregate: 'count', argument: null }] as const

export function shown(row: unknown): string {
  return JSON.stringify(Object.entries(row as object).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The row that was shown. */
export function rowOf(text: string): Row {
  return Object.fromEntries(JSON.parse(text) as [string, unknown][])
}

export const eventSchema: Schema = Schema.record([
  field('id', 'int32'),
  field('k', 'int32'),
  field('t', 'timestamp'),
  field('name', 'text'),
])

/** A row of `eventSchema`. */
export interface Event {
  readonly id: number
  readonly k: number
  readonly t: number
  readonly name: string
}

export interface EventOptions {
  readonly label?: string
  readonly rows?: number
  readonly bounded?: boolean
  readonly keys?: number
  /** How many of them come long after their time. */
  readonly late?: number
  readonly stepMs?: number
}

/** Rows with an id, a key, a time that grows within a split, and a text. */
export function events(draw: Draw, options: EventOptions = {}): Table {
  const { label = 'events', bounded = false, late = 0, stepMs = 10 } = options
  const rows = draw.rows ?? options.rows ?? draw.between(2000, 2300)
  const keys = options.keys ?? draw.pick([3, 40, 400])
  const cut = draw.between(1, 5)
  const perSplit = Math.ceil(rows / cut)
  const splits = Array.from({ length: cut }, (_, s) => {
    let t = 1_000_000
    return Array.from({ length: perSplit }, (_, i) => {
      t += draw.upTo(stepMs)
      const at = draw.chance(late) ? Math.max(0, t - 500_000) : t
      return { id: s * perSplit + i, k: draw.upTo(keys), t: at, name: `n${draw.upTo(30)}` }
    })
  })
  return {
    label,
    schema: eventSchema,
    bounded,
    splits,
    paceMs: draw.pick([1, 2, 4, 8]),
    held: Math.floor(perSplit * draw.pick([0.5, 0.8, 0.95])),
    concurrentSplits: 9,
    place: draw.pick(['workers', 'workers', 'workers', 'caller']),
  }
}

/** All rows of a table. */
export function rowsOf<T = Row>({ splits }: Table): readonly T[] {
  return splits.flat() as T[]
}

/** How often each key is there, as a count by key has it. */
export function countsByK(rows: readonly { readonly k: number }[]): Row[] {
  const counts = new Map<number, number>()
  for (const { k } of rows) counts.set(k, (counts.get(k) ?? 0) + 1)
  return [...counts].map(([k, n]) => ({ k, n }))
}

/** An output that has to hold just these rows in the end. */
export function exactly(name: string, rows: readonly unknown[]): Output {
  const expected = new Map<string, number>()
  for (const row of rows) expected.set(shown(row), (expected.get(shown(row)) ?? 0) + 1)
  return { name, wrong: contents => difference(contents, expected) }
}

export function difference(found: Contents, expected: Contents): string | undefined {
  const wrong: string[] = []
  for (const [row, times] of expected)
    if (found.get(row) !== times) wrong.push(`${found.get(row) ?? 0} of ${times} ${row}`)
  for (const [row, times] of found) if (!expected.has(row)) wrong.push(`${times} of 0 ${row}`)
  return wrong.length === 0 ? undefined : `${wrong.length} rows differ: ${wrong.slice(0, 4).join('; ')}`
}
