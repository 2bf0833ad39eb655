/**
 * Rows by key that meet rules, which every worker sees. How many of them a row meets is chance, but which come first is the
 * same for all rows and all workers, before and behind every restart; and the state of a key forgets none of its rows.
 */
import { field, Schema } from '@millrace/algebra'
import { connectBroadcastNode, type PlanNode } from '@millrace/plan'
import type { Draw } from '../draw.ts'
import { byK, type Contents, type Event, events, type Load, place, rowOf, rowsOf, type Table } from '../load.ts'

const met = Schema.record([
  field('id', 'int32'),
  field('k', 'int32'),
  field('seq', 'int32'),
  field('rules', 'int32'),
  field('first', 'text'),
])

interface Context {
  readonly state: {
    readonly rules: {
      readonly size: number
      set(id: number, name: string): void
      entries(): Iterable<[number, string]>
    }
    readonly seq: { get(): number; set(value: number): void }
    readonly least: { get(): number; set(value: number): void }
  }
  emit(row: unknown): void
}

/** Rules that were seen once are there for ever. */
function onElement({ id, k }: Event, { state, emit }: Context): void {
  const seq = state.seq.get() + 1
  state.seq.set(seq)
  const rules = state.rules.size
  if (rules < state.least.get())
    throw new RangeError(`${rules} rules for key ${k}, which has seen ${state.least.get()}`)
  state.least.set(rules)
  emit({ id, k, seq, rules, first: [...state.rules.entries()].map(([rule]) => rule).join() })
}

function onBroadcast({ id, name }: Event, { state }: Context): void {
  state.rules.set(id, name)
}

function rulesOf(draw: Draw): Table {
  const table = events(draw, { label: 'rules', rows: draw.pick([6, 30]), bounded: draw.chance(0.4) })
  return { ...table, paceMs: draw.pick([5, 40]), held: Number.POSITIVE_INFINITY }
}

export function broadcastRules(draw: Draw): Load {
  const table = events(draw, { keys: draw.pick([5, 100]) })
  const rules = rulesOf(draw)
  const plans: Load['plans'] = read => {
    const input = read('events')
    const common = { sides: {}, schema: met, onElement, onBroadcast, ...place }
    const state = {
      rules: { kind: 'broadcast' },
      seq: { kind: 'value', default: 0 },
      least: { kind: 'value', default: 0 },
    } as const
    const node: PlanNode = connectBroadcastNode({ input, key: byK, broadcast: read('rules'), state, ...common })
    return [node]
  }
  const all = rules.bounded ? rowsOf(rules).length : undefined
  const wrong = (contents: Contents): string | undefined => problemOf(contents, rowsOf<Event>(table), all)
  return { shape: 'broadcast', tables: [table, rules], plans, outputs: [{ name: 'met', wrong }] }
}

/** @param all how many rules every row has to meet; undefined: that is chance */
function problemOf(contents: Contents, rows: readonly Event[], all: number | undefined): string | undefined {
  const left = new Map(rows.map(({ id, k }) => [id, k]))
  const firsts = new Map<unknown, unknown>()
  const numbers = new Set<string>()
  for (const [text, times] of contents) {
    const { id, k, seq, rules, first } = rowOf(text)
    if (times !== 1 || left.get(id as number) !== k) return `${times} of ${text}`
    left.delete(id as number)
    if (numbers.has(`${k} ${seq}`)) return `row ${seq} of key ${k} came twice`
    numbers.add(`${k} ${seq}`)
    if (all !== undefined && rules !== all) return `${text} has not met all rules`
    if ((firsts.get(rules) ?? first) !== first) return `the first ${rules} rules are ${first} and ${firsts.get(rules)}`
    firsts.set(rules, first)
  }
  if (left.size > 0) return `${left.size} rows are missing`
  for (const { k } of rows) if (!numbers.has(`${k} 1`)) return `no first row of key ${k}`
  return undefined
}
