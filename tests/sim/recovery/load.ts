/** What a job of the simulation reads, does and writes, and what must come of it: a shape is a function that draws one. */
import { field, Schema } from '@millrace/algebra'
import { type CollectionKind, type PlanNode, sourceNode } from '@millrace/plan'
import type { Source } from '@millrace/runtime'
import { interpret } from '@millrace/testing/reference/plan'
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
  const { label = 'events', rows = draw.between(2000, 2300), bounded = false, late = 0, stepMs = 10 } = options
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

/** A source of a table that nobody can read: for the twin. */
function unread({ label, schema, bounded }: Table): PlanNode {
  const source = { label, schema, bounded, prunes: false }
  return sourceNode({ source: source as unknown as Source, ...place })
}

/** What the plans mean, by the reference interpreter, over whole tables. */
export function expectedOf({ tables, plans }: Pick<Load, 'tables' | 'plans'>): readonly Contents[] {
  const rows = new Map(tables.map(table => [table.label, table.splits.flat()]))
  const of = plans(
    label => unread(tables.find(table => table.label === label)!),
    () => 0,
  )
  return interpret(of, rows).map(result => countsOf(result))
}

export function countsOf(rows: readonly unknown[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(shown(row), (counts.get(shown(row)) ?? 0) + 1)
  return counts
}

/** A load that has to come to what its plans mean. */
export function exact(load: Omit<Load, 'outputs'>, names: readonly string[]): Load {
  const expected = expectedOf(load)
  return { ...load, outputs: names.map((name, i) => ({ name, wrong: contents => difference(contents, expected[i]!) })) }
}

export function difference(found: Contents, expected: Contents): string | undefined {
  const wrong: string[] = []
  for (const [row, times] of expected) if (found.get(row) !== times) wrong.push(`${found.get(row) ?? 0} of ${times} ${row}`)
  for (const [row, times] of found) if (!expected.has(row)) wrong.push(`${times} of 0 ${row}`)
  return wrong.length === 0 ? undefined : `${wrong.length} rows differ: ${wrong.slice(0, 4).join('; ')}`
}

export type { CollectionKind }
