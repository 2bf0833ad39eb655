/** A user's function by key: numbers its rows, sets timers, keeps something for a time, and writes to sides. */
import { field, Schema } from '@millrace/algebra'
import { eventTimeNode, type PlanNode, processNode, scanNode, sideNode } from '@millrace/plan'
import type { Draw } from '../draw.ts'
import { byK, type Contents, difference, type Event, events, type Load, place, rowOf, rowsOf, shown } from '../load.ts'

const numbered = Schema.record([field('id', 'int32'), field('k', 'int32'), field('seq', 'int32')])
const fired = Schema.record([field('k', 'int32'), field('at', 'timestamp')])
const wrongTtl = Schema.record([field('k', 'int32'), field('problem', 'text'), field('id', 'int32')])

interface Handle<T> {
  get(): T
  set(value: T): void
}

interface Context {
  readonly key: { readonly k: number }
  readonly state: {
    readonly seq: Handle<number>
    /** Kept for a time only; and when it was written, for ever. */
    readonly recent: Handle<number | undefined>
    readonly written: Handle<number>
    readonly list: { get(): readonly number[]; add(value: number): void }
  }
  readonly timers: { at(time: number): void }
  emit(row: unknown): void
  side(name: string, row: unknown): void
}

/** Between the moment of a call and that of the function's own look at the clock. */
const TOLERANCE_MS = 50

const PERIOD_MS = 200

function onElement(now: () => number, afterMs: number) {
  return (row: Event, { state, timers, emit, side }: Context): void => {
    const seq = state.seq.get() + 1
    state.seq.set(seq)
    state.list.add(row.id)
    if (state.list.get().length !== seq) side('wrong', { k: row.k, problem: 'list', id: row.id })
    const at = now()
    const ageMs = at - state.written.get()
    const there = state.recent.get() !== undefined
    if (there && ageMs > afterMs + TOLERANCE_MS) side('wrong', { k: row.k, problem: 'not expired', id: row.id })
    if (!there && seq > 1 && ageMs < afterMs - TOLERANCE_MS) side('wrong', { k: row.k, problem: 'expired', id: row.id })
    state.recent.set(row.id)
    state.written.set(at)
    timers.at(Math.ceil(row.t / PERIOD_MS) * PERIOD_MS)
    emit({ id: row.id, k: row.k, seq })
  }
}

const onTimer = (at: number, { key, side }: Context): void => side('fired', { k: key.k, at })

function plan(read: (label: string) => PlanNode, now: () => number, afterMs: number): PlanNode[] {
  const strategy = { disorderMs: 0, idleMs: undefined, alignMs: undefined, everyRows: 3 }
  const input = eventTimeNode({ input: read('events'), time: ({ t }: Event) => t, strategy, ...place })
  const ttl = { afterMs, refresh: 'write' } as const
  const state = {
    seq: { kind: 'value', default: 0 },
    recent: { kind: 'value', ttl },
    written: { kind: 'value', default: 0 },
    list: { kind: 'list' },
  } as const
  const sides = { fired, wrong: wrongTtl }
  const processed = processNode({
    input,
    key: byK,
    state,
    sides,
    schema: numbered,
    onElement: onElement(now, afterMs),
    onTimer,
    ...place,
  })
  return [
    processed,
    sideNode({ input: processed, side: 'fired', ...place }),
    sideNode({ input: processed, side: 'wrong', ...place }),
  ]
}

export function processWithState(draw: Draw): Load {
  const table = events(draw, { keys: draw.pick([20, 300, 600]) })
  const afterMs = draw.pick([100, 400, 1500])
  const rows = rowsOf<Event>(table)
  const timers = new Map(rows.map(({ k, t }) => [shown({ k, at: Math.ceil(t / PERIOD_MS) * PERIOD_MS }), 1]))
  const outputs = [
    { name: 'numbered', wrong: (contents: Contents) => wrongNumbers(contents, rows) },
    { name: 'fired', wrong: (contents: Contents) => difference(contents, timers) },
    { name: 'wrong', wrong: (contents: Contents) => difference(contents, new Map()) },
  ]
  return { shape: 'process', tables: [table], plans: (read, now) => plan(read, now, afterMs), outputs }
}

/** Each row once, and the rows of a key numbered from 1. */
function wrongNumbers(contents: Contents, rows: readonly Event[]): string | undefined {
  const found = [...contents.keys()].map(rowOf)
  const ids = new Map(found.map(({ id, k }) => [`${id} ${k}`, 1]))
  const problem = difference(ids, new Map(rows.map(({ id, k }) => [`${id} ${k}`, 1])))
  if (problem !== undefined) return problem
  const byKey = new Map<unknown, number[]>()
  for (const { k, seq } of found) byKey.set(k, [...(byKey.get(k) ?? []), Number(seq)])
  for (const [k, list] of byKey) {
    const numbers = list.sort((a, b) => a - b)
    const gap = numbers.findIndex((seq, i) => seq !== i + 1)
    if (gap >= 0) return `row ${gap + 1} of key ${k} has number ${numbers[gap]}`
  }
  return undefined
}

/** A running count by key. */
export function runningFold(draw: Draw): Load {
  const table = events(draw)
  const rows = rowsOf<Event>(table)
  const fn = ({ seq }: { seq: number }, { id, k }: Event) => ({ id, k, seq: seq + 1 })
  const plans: Load['plans'] = read => [
    scanNode({
      input: read('events'),
      key: byK,
      initial: () => ({ id: 0, k: 0, seq: 0 }),
      fn,
      schema: numbered,
      ...place,
    }),
  ]
  return {
    shape: 'scan',
    tables: [table],
    plans,
    outputs: [{ name: 'numbered', wrong: contents => wrongNumbers(contents, rows) }],
  }
}
