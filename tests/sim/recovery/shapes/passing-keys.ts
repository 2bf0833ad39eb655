/** Keys that come and go: each has a few rows, and what is remembered of it is let go of behind the last. Their ids are used again. */
import { field, Schema } from '@millrace/algebra'
import { processNode } from '@millrace/plan'
import type { Draw } from '../draw.ts'
import { byK, type Event, eventSchema, exactly, type Load, place, type Row, rowsOf, type Table } from '../load.ts'

const whole = Schema.record([
  field('k', 'int32'),
  field('ids', 'text'),
  field('sum', 'int32'),
  field('most', 'int32'),
  field('names', 'int32'),
])

interface Cell<T> {
  get(): T
  set(value: T): void
  clear(): void
}

interface Folded {
  get(): number
  add(value: number): void
  clear(): void
}

interface Context {
  readonly state: {
    readonly left: Cell<{ readonly n: number; readonly last: string }>
    readonly ids: { get(): readonly number[]; add(id: number): void; clear(): void }
    readonly names: { readonly size: number; set(name: string, id: number): void; clear(): void }
    readonly sum: Folded
    readonly most: Folded
  }
  emit(row: unknown): void
}

/** Splits at about the same place in time have the rows of a key. */
function table(draw: Draw, rowsOfKey: number): Table {
  const [keysAtATime, cut] = [draw.pick([2, 15, 60]), draw.between(1, 4)]
  const block = rowsOfKey * keysAtATime
  const splits: Row[][] = Array.from({ length: cut }, () => [])
  for (let id = 0; id < 2000 || id % block !== 0; ) {
    const keys = Array.from({ length: block }, (_, i) => Math.floor((id + i) / rowsOfKey))
    while (keys.length > 0) {
      const [k] = keys.splice(draw.upTo(keys.length - 1), 1)
      splits[id % cut]!.push({ id, k: k!, t: 1_000_000 + id, name: `n${draw.upTo(3)}` })
      id++
    }
  }
  return {
    label: 'events',
    schema: eventSchema,
    bounded: false,
    splits,
    paceMs: draw.pick([2, 4, 8]),
    held: Math.floor((splits[0]!.length * draw.pick([5, 8, 9])) / 10),
    concurrentSplits: 9,
    place: draw.pick(['workers', 'workers', 'caller']),
  }
}

const onElement =
  (rowsOfKey: number) =>
  ({ id, k, name }: Event, { state, emit }: Context): void => {
    const { left, ids, names, sum, most } = state
    const { n } = left.get()
    ids.add(id)
    names.set(name, id)
    sum.add(id)
    most.add(id)
    if (n + 1 < rowsOfKey) return left.set({ n: n + 1, last: name })
    const sorted = ids.get().toSorted((a, b) => a - b)
    emit({ k, ids: sorted.join(' '), sum: sum.get(), most: most.get(), names: names.size })
    for (const each of [left, ids, names, sum, most]) each.clear()
  }

export function passingKeys(draw: Draw): Load {
  const rowsOfKey = draw.between(2, 9)
  const events = table(draw, rowsOfKey)
  const larger = (a: number, b: number): number => Math.max(a, b)
  const state = {
    left: {
      kind: 'value',
      schema: Schema.record([field('n', 'int32'), field('last', 'text')]),
      default: { n: 0, last: '' },
    },
    ids: { kind: 'list' },
    names: { kind: 'map' },
    sum: {
      kind: 'aggregating',
      create: () => ({ of: 0 }),
      add: (to: { of: number }, id: number) => ({ of: to.of + id }),
      result: ({ of }: { of: number }) => of,
    },
    most: { kind: 'reducing', reduce: larger },
  } as const
  const plans: Load['plans'] = read => [
    processNode({
      input: read('events'),
      key: byK,
      state,
      sides: {},
      schema: whole,
      onElement: onElement(rowsOfKey),
      ...place,
    }),
  ]
  const byKey = new Map<number, Event[]>()
  for (const row of rowsOf<Event>(events)) byKey.set(row.k, [...(byKey.get(row.k) ?? []), row])
  const rows = [...byKey].map(([k, own]) => {
    const ids = own.map(({ id }) => id).sort((a, b) => a - b)
    const sum = ids.reduce((a, b) => a + b)
    return { k, ids: ids.join(' '), sum, most: ids.at(-1), names: new Set(own.map(({ name }) => name)).size }
  })
  return { shape: 'passing keys', tables: [events], plans, outputs: [exactly('whole', rows)] }
}
