/** Every kind of declared state in a process, with its time-to-live, against twins: the operator contract, and misuse. */
import { field, Schema } from '@millrace/algebra'
import { MillraceError, type StateSpec, type StateTtl } from '@millrace/plan'
import { operatorContract, type PortRow } from '@millrace/testing/contracts/operator'
import { type OperatorEvent, scripts } from '@millrace/testing/contracts/operator-events'
import { runOperator } from '@millrace/testing/contracts/operator-run'
import { type ProcessInput, processTwin } from '@millrace/testing/reference/process'
import { StateTwin } from '@millrace/testing/reference/state'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ProcessOptions, processOperator } from './process.ts'

interface Cell {
  get(): unknown
  set(value: unknown): void
  clear(): void
}
interface Fold {
  get(): unknown
  add(value: number): void
  clear(): void
}
interface Context {
  readonly state: {
    readonly value: Cell
    readonly whole: Cell
    readonly row: Cell
    readonly list: { get(): unknown; add(value: unknown): void; set(values: readonly unknown[]): void; clear(): void }
    readonly map: {
      readonly size: number
      has(key: unknown): boolean
      get(key: unknown): unknown
      set(key: unknown, value: unknown): void
      delete(key: unknown): void
      entries(): Iterable<unknown>
      clear(): void
    }
    readonly most: Fold
    readonly mean: Fold
  }
  emit(row: unknown): void
}

interface Row {
  readonly act: string
  readonly n: number
}

function onElement({ act, n }: Row, { state, emit }: Context): void {
  const { value, whole, row, list, map, most, mean } = state
  switch (act) {
    case 'value':
      return value.set({ n })
    case 'whole':
      return whole.set(n)
    case 'row':
      return row.set({ n, half: n % 2 === 0 ? null : n / 2 })
    case 'add':
      return list.add(n)
    case 'list':
      return list.set([n, n + 1].slice(n % 3))
    case 'put':
      return map.set(n, act)
    case 'delete':
      return map.delete(n)
    case 'most':
      return most.add(n)
    case 'mean':
      return mean.add(n)
    case 'clear':
      return [value, whole, row, list, map, most, mean][n]?.clear()
    case 'look':
      return emit([value.get(), whole.get(), row.get(), list.get(), map.get(n), most.get(), mean.get()])
    default:
      emit([map.has(n), map.size, [...map.entries()]])
  }
}

const sum = { create: () => ({ sum: 0, n: 0 }), result: ({ sum, n }: { sum: number; n: number }) => sum / n }
/** Changes the accumulator it is given. */
function add(accumulator: { sum: number; n: number }, value: number): { sum: number; n: number } {
  accumulator.sum += value
  accumulator.n++
  return accumulator
}

const rowSchema = Schema.record([field('n', 'int32'), field('half', 'double', true)])
const foldSchema = Schema.record([field('sum', 'double'), field('n', 'int32')])
/** With folds as they are or in typed columns. */
const specs = (
  ttl: (name: string) => StateTtl | undefined,
  typed = false,
): Record<keyof Context['state'], StateSpec> => ({
  value: { kind: 'value', default: 'none', ttl: ttl('value') },
  whole: { kind: 'value', schema: Schema.bare('int32'), ttl: ttl('whole') },
  row: { kind: 'value', schema: rowSchema, ttl: ttl('row') },
  list: { kind: 'list', ttl: ttl('list') },
  map: { kind: 'map', ttl: ttl('map') },
  most: { kind: 'reducing', reduce: Math.max, schema: typed ? Schema.bare('int32') : undefined, ttl: ttl('most') },
  mean: { kind: 'aggregating', ...sum, add, schema: typed ? foldSchema : undefined, ttl: ttl('mean') },
})

/** The handles of a key, each over its twin; `now` is what the clock shows. */
function twinState(state: Record<string, StateSpec>, now: () => number): Context['state'] {
  const of = (name: string) => new StateTwin(state[name]!.ttl ?? {})
  const cell = (name: string): Cell => {
    const twin = of(name)
    const { default: initial } = state[name] as { default?: unknown }
    const get = () => twin.read(now(), 'only')[0]?.value ?? initial
    return { get, set: value => twin.set(now(), 'only', value), clear: () => twin.delete(now()) }
  }
  const fold = (name: string, result: (added: number[]) => unknown): Fold => {
    const all = cell(name)
    const added = () => all.get() as number[] | undefined
    return {
      get: () => (added() === undefined ? undefined : result(added()!)),
      add: value => all.set([...(added() ?? []), value]),
      clear: all.clear,
    }
  }
  const list = of('list')
  const map = of('map')
  return {
    value: cell('value'),
    whole: cell('whole'),
    row: cell('row'),
    most: fold('most', added => Math.max(...added)),
    mean: fold('mean', added => added.reduce((a, b) => a + b, 0) / added.length),
    list: {
      get: () => list.read(now()).map(e => e.value),
      add: value => list.add(now(), value),
      set(values) {
        list.delete(now())
        for (const value of values) list.add(now(), value)
      },
      clear: () => list.delete(now()),
    },
    map: {
      get size() {
        return map.live(now()).length
      },
      has: key => map.read(now(), key).length > 0,
      get: key => map.read(now(), key)[0]?.value,
      set: (key, value) => map.set(now(), key, value),
      delete: key => map.delete(now(), key),
      entries: () => map.read(now()).map(e => [e.key, e.value]),
      clear: () => map.delete(now()),
    },
  }
}

const schema = Schema.record([field('user', 'text'), field('act', 'text'), field('n', 'int32')])
const acts = ['value', 'whole', 'row', 'add', 'add', 'list', 'put', 'put', 'put', 'delete', 'most', 'mean', 'clear']
const values = [
  fc.constantFrom('a', 'b'),
  fc.constantFrom(...acts, 'look', 'look', 'look', 'map', 'map'),
  fc.integer({ min: 0, max: 6 }),
]

function optionsOf(state: Record<string, StateSpec>): ProcessOptions {
  return {
    label: 'process',
    schema,
    key: [0],
    keyNames: ['user'],
    row: { schema: Schema.record([field('act', 'text'), field('n', 'int32')]), columns: [1, 2] },
    state,
    output: Schema.opaque,
    sides: {},
    onElement,
  }
}

type Timed = ProcessInput & { readonly now?: number }

function inputsOf(events: readonly OperatorEvent[]): Timed[] {
  let now = 0
  return events.flatMap((e): Timed[] => {
    if (e.kind === 'clock') now += e.byMs
    if (e.kind !== 'row') return []
    const [user, act, n] = e.row.values
    return [{ key: { user }, row: { act, n, now }, time: e.row.time }]
  })
}

function twinOf(state: Record<string, StateSpec>, events: readonly OperatorEvent[]): PortRow[] {
  let now = 0
  const call = (row: Row & { readonly now: number }, context: Context) => {
    now = row.now
    onElement(row, context)
  }
  const program = { state: () => twinState(state, () => now), onElement: call, onTimer: () => {} }
  return processTwin(inputsOf(events), program).map(({ row, time }) => ({
    port: 0,
    row: { values: [row], weight: 1, time },
  }))
}

/** A second, in steps that leave room for what the simulated work takes. */
const ttls = fc.record({ afterMs: fc.constant(1000), refresh: fc.constantFrom('create', 'write', 'read') })
const cases = fc
  .tuple(
    fc.array(fc.option(ttls, { nil: undefined, freq: 4 }), { minLength: 7, maxLength: 7 }),
    scripts([{ schema, values }], { maxLength: 60 }),
    fc.array(fc.constantFrom(0, 0, 100, 300, 700), { minLength: 62, maxLength: 62 }),
    fc.boolean(),
  )
  .map(([lives, script, passes, typed]) => {
    const names = Object.keys(specs(() => undefined))
    const state = () => specs(name => lives[names.indexOf(name)] as StateTtl | undefined, typed)
    const events = script.flatMap((e, i): OperatorEvent[] => {
      const byMs = passes[i % passes.length]
      return byMs === 0 ? [e] : [{ kind: 'clock', byMs }, e]
    })
    return { spec: () => processOperator(optionsOf(state())), events, twin: () => twinOf(state(), events) }
  })

operatorContract('process with states that expire', { cases, compare: 'sequence', runs: 80, onDisk: true })

function failure(state: Record<string, StateSpec>, use: (state: Context['state']) => void): MillraceError {
  const options = { ...optionsOf(state), onElement: (_: Row, context: Context) => use(context.state) }
  const row: OperatorEvent = {
    kind: 'row',
    input: 0,
    split: 0,
    row: { values: ['a', 'x', 1], weight: 1, time: undefined },
  }
  const run = { seed: 1, batchRows: 1, stopsOneIn: 0, throttled: false }
  try {
    runOperator(() => processOperator(options), [row, { kind: 'end', input: 0 }], run)
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
  throw new Error('it did not fail')
}

test('what cannot be kept is an error that names the state', () => {
  const all = specs(() => undefined)
  expect(failure(all, ({ whole }) => whole.set('x'))).toMatchObject({
    code: 'INVALID_VALUE',
    message: 'invalid int32 in state "whole": "x"',
    details: { operator: 'process' },
  })
  expect(failure(all, ({ map }) => map.set({ id: 1 }, 1))).toMatchObject({
    code: 'INVALID_KEY',
    message: 'invalid key of state "map": an object',
  })
  const nothing = { ...all, most: { kind: 'reducing', reduce: () => undefined } as const }
  const twice = ({ most }: Context['state']) => {
    most.add(1)
    most.add(2)
  }
  expect(failure(nothing, twice)).toMatchObject({
    code: 'USER_FUNCTION',
    message: 'missing result of a fold in state "most"',
  })
  const adds = { ...all, mean: { kind: 'aggregating', ...sum, add: () => undefined } as const }
  expect(failure(adds, ({ mean }) => mean.add(1)).message).toBe('missing result of a fold in state "mean"')
})

test('handles are of no use after the call', () => {
  let kept: Context['state'] | undefined
  failure(
    specs(() => undefined),
    state => {
      kept = state
      throw new MillraceError('CANCELLED', 'stop')
    },
  )
  const { value, list, map, most, mean } = kept!
  for (const use of [
    value.get,
    value.clear,
    list.get,
    list.clear,
    () => list.set([]),
    () => map.size,
    () => map.has(1),
    () => map.get(1),
    () => map.delete(1),
    map.entries,
    map.clear,
    most.get,
    () => most.add(1),
    most.clear,
    mean.get,
    () => mean.add(1),
    mean.clear,
  ])
    expect(use).toThrow('invalid use of a context: the call it was given to is over')
})

test('a default that is an object is each key’s own', () => {
  const state: Record<string, StateSpec> = { ...specs(() => undefined), value: { kind: 'value', default: { n: [1] } } }
  const seen: unknown[] = []
  failure(state, ({ value }) => {
    const own = value.get() as { n: number[] }
    own.n.push(2)
    seen.push(own, value.get())
    throw new MillraceError('CANCELLED', 'stop')
  })
  expect(seen).toEqual([{ n: [1, 2] }, { n: [1] }])
})
