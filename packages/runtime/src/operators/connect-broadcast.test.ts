import { field, Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { type OperatorEvent, scripts } from '@millrace/testing/contracts/operator-events'
import { runOperator } from '@millrace/testing/contracts/operator-run'
import { type ConnectInput, connectBroadcastTwin } from '@millrace/testing/reference/connect-broadcast'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { distribute } from '../lower/distribute.ts'
import { type ConnectBroadcastOptions, connectBroadcastOperator } from './connect-broadcast.ts'

const schema = Schema.record([field('user', 'text', true), field('amount', 'int32')])
const ruleSchema = Schema.record([field('name', 'text'), field('limit', 'int32', true)])
const user = fc.constantFrom('a', 'b', null)
const small = fc.integer({ min: -9, max: 9 })

interface Row {
  readonly user: string | null
  readonly amount: number
}
interface Rule {
  readonly name: string
  readonly limit: number | null
}
interface Context {
  readonly time: number | undefined
  readonly key: object
  readonly timers: { at(time: number): void }
  readonly state: {
    readonly rules: {
      readonly size: number
      has(name: unknown): boolean
      get(name: unknown): number | undefined
      set(name: unknown, limit: unknown): void
      delete(name: unknown): void
      clear(): void
      entries(): Iterable<readonly [string, number]>
    }
    readonly total: { get(): number; set(value: number): void }
    readonly seen: {
      get(): readonly number[]
      add(value: number): void
      set(v: readonly number[]): void
      clear(): void
    }
  }
  emit(row: unknown): void
  side(name: string, row: unknown): void
}

/** How rows of two ports lie among each other depends on the batches, which are others where rows were kept. */
const toOnePort = (row: Row, context: Context): void => onElement(row, { ...context, time: context.time, side() {} })

function onElement({ amount }: Row, { state, timers, time, emit, side }: Context): void {
  state.total.set(state.total.get() + amount)
  const over = [...state.rules.entries()].filter(([, limit]) => state.total.get() > limit).map(([name]) => name)
  emit({ total: state.total.get(), over: over.join(), size: state.rules.size })
  if (state.rules.has('b')) side('b', amount)
  if (time !== undefined) timers.at(time + 3)
}

function onTimer(_: number, { state, emit }: Context): void {
  emit({ total: state.total.get(), over: String(state.rules.get('a')), size: state.rules.size })
}

function onBroadcast({ name, limit }: Rule, { state }: Context): void {
  if (limit === 9) state.rules.clear()
  else if (limit === null) state.rules.delete(name)
  else state.rules.set(name, limit)
}

const options: ConnectBroadcastOptions = {
  label: 'connectBroadcast',
  schema,
  key: [0],
  keyNames: ['user'],
  row: { schema, columns: [0, 1] },
  state: { rules: { kind: 'broadcast' }, total: { kind: 'value', default: 0 } },
  output: Schema.opaque,
  sides: { b: Schema.opaque },
  onElement: onElement as never,
  onTimer: onTimer as never,
  batchRows: 3,
  timed: true,
  broadcast: { schema: ruleSchema, changes: false, first: false, timed: false, onBroadcast: onBroadcast as never },
}

/** What the twin sees: rows in their order; where rules come first, all of those before all else. */
function inputsOf(events: readonly OperatorEvent[], first: boolean): ConnectInput[] {
  const inputs = events.flatMap((event): ConnectInput[] => {
    if (event.kind === 'watermark' && event.input === 0) return [{ watermark: event.time }]
    if (event.kind !== 'row') return []
    const { values, time } = event.row
    if (event.input === 1) return [{ broadcast: { name: values[0], limit: values[1] }, time }]
    return [{ key: { user: values[0] }, row: { user: values[0], amount: values[1] }, time }]
  })
  const rules = inputs.filter(input => 'broadcast' in input)
  const ordered = first ? [...rules, ...inputs.filter(input => !('broadcast' in input))] : inputs
  return [...ordered, { watermark: Number.POSITIVE_INFINITY }]
}

function valueCell() {
  let value = 0
  return { total: { get: () => value, set: (next: number) => void (value = next) } }
}

const cases = fc.tuple(fc.boolean(), fc.boolean()).chain(([times, first]) => {
  const fn = first ? toOnePort : onElement
  return scripts([
    { schema, values: [user, small], times },
    { schema: ruleSchema, values: [fc.constantFrom('a', 'b', 'c'), fc.option(small, { nil: null })] },
  ]).map(events => ({
    spec: () =>
      connectBroadcastOperator({
        ...options,
        onElement: fn as never,
        timed: times,
        broadcast: { ...options.broadcast, first },
      }),
    events,
    twin: (some: OperatorEvent[]) => {
      const program = { state: valueCell, broadcasts: { rules: new Map() }, onElement: fn, onBroadcast, onTimer }
      return connectBroadcastTwin(inputsOf(some, first), program as never).map(({ side, row, time }) => ({
        port: side === '' ? 0 : 1,
        row: { values: [row], weight: 1, time },
      }))
    },
  }))
})

operatorContract('connectBroadcast by key', { cases, compare: 'sequence' })

/** Without a key a list is the subtask's. */
function onRow({ amount }: Row, { state, emit }: Context): void {
  state.seen.add(amount)
  if (amount === 5) state.seen.clear()
  if (amount === 6) state.seen.set([1, 2])
  emit({ seen: state.seen.get().join(), rules: [...state.rules.entries()].join() })
}

const unkeyed: ConnectBroadcastOptions = {
  ...options,
  key: null,
  keyNames: [],
  state: { rules: { kind: 'broadcast' }, seen: { kind: 'list' } },
  onElement: onRow as never,
  onTimer: undefined,
}

function listCell() {
  const all: number[] = []
  const set = (next: readonly number[]) => void all.splice(0, all.length, ...next)
  return { seen: { get: () => all, add: (value: number) => void all.push(value), set, clear: () => set([]) } }
}

const unkeyedCases = fc.boolean().chain(times =>
  scripts([
    { schema, values: [user, small], times },
    { schema: ruleSchema, values: [fc.constantFrom('a', 'b'), fc.option(small, { nil: null })], times },
  ]).map(events => ({
    spec: () =>
      connectBroadcastOperator({ ...unkeyed, timed: times, broadcast: { ...options.broadcast, timed: times } }),
    events,
    twin: (some: OperatorEvent[]) => {
      const inputs = inputsOf(some, false).map(input => ('key' in input ? { ...input, key: { all: 1 } } : input))
      const program = { state: listCell, broadcasts: { rules: new Map() }, onElement: onRow, onBroadcast, onTimer }
      const out = connectBroadcastTwin(inputs, program as never)
      return out.map(({ row, time }) => ({ port: 0, row: { values: [row], weight: 1, time } }))
    },
  })),
)

operatorContract('connectBroadcast without a key', { cases: unkeyedCases, compare: 'sequence' })

const row = (input: number, values: readonly unknown[], time?: number, weight = 1): OperatorEvent => ({
  kind: 'row',
  input,
  split: 0,
  row: { values, weight, time },
})
const ends: readonly OperatorEvent[] = [0, 1].map(input => ({ kind: 'end', input }))

function run(changed: Partial<ConnectBroadcastOptions>, ...events: OperatorEvent[]) {
  const spec = () => connectBroadcastOperator({ ...unkeyed, timed: false, ...changed })
  return runOperator(spec, [...events, ...ends], { seed: 1, batchRows: 1, stopsOneIn: 0, throttled: false })
}

function failure(changed: Partial<ConnectBroadcastOptions>, ...events: OperatorEvent[]): MillraceError {
  try {
    run(changed, ...events)
  } catch (error) {
    if (error instanceof MillraceError) return error
  }
  throw new Error('nothing has failed')
}

const side = (onBroadcast: (row: Rule, context: Context) => unknown) => ({
  ...options.broadcast,
  onBroadcast: onBroadcast as never,
})

describe('misuse', () => {
  const rule = row(1, ['a', 1])
  const element = row(0, ['u', 1])

  test.each(['set', 'delete', 'clear'] as const)('%s is refused but in onBroadcast', method => {
    const change = (_: Row, { state }: Context) => (state.rules[method] as (k: string, v: number) => void)('a', 1)
    const error = failure({ onElement: change as never }, element)
    expect([error.code, error.message]).toEqual([
      'USER_FUNCTION',
      'invalid change of state "rules": not in onBroadcast',
    ])
    expect(error.hint).toContain('alike on every worker')
  })

  test('an object as a key, a promise, an unknown side, what is thrown', () => {
    const set = (_: Rule, { state }: Context) => state.rules.set({ a: 1 }, 1)
    expect(failure({ broadcast: side(set) }, rule).message).toBe('invalid key of state "rules": an object')
    expect(failure({ broadcast: side(async () => {}) }, rule).message).toBe('invalid result of onBroadcast: a promise')
    const emits = (_: Rule, { emit }: Context) => emit(Promise.resolve())
    expect(failure({ broadcast: side(emits) }, rule).message).toBe('invalid result of connectBroadcast: a promise')
    const unknown = (_: Rule, { side }: Context) => side('c', 1)
    expect(failure({ broadcast: side(unknown) }, rule).message).toBe('unknown side output: c (known: b)')
    const throwing = () => {
      throw new RangeError('bang')
    }
    expect(failure({ broadcast: side(throwing) }, rule)).toMatchObject({ code: 'USER_FUNCTION', message: 'bang' })
  })

  test('a context that is used when its call is over', () => {
    let kept: Context | undefined
    run({ broadcast: side((_, context) => void (kept = context)) }, rule)
    for (const use of [
      () => kept!.emit(1),
      () => kept!.side('b', 1),
      () => kept!.time,
      () => kept!.state.rules.get('a'),
      () => kept!.state.rules.size,
      () => kept!.state.rules.set('a', 1),
      () => kept!.state.rules.clear(),
    ])
      expect(use).toThrow('invalid use of a context: the call it was given to is over')
    expect(Object.keys(kept!.state)).toEqual(['rules'])
  })

  test('rows that are taken back, unless changes are wanted', () => {
    expect(failure({}, row(1, ['a', 1], undefined, -1)).message).toBe(
      'invalid input of connectBroadcast: a row with weight -1',
    )
    const seen: unknown[] = []
    const changes = { ...side(change => void seen.push(change)), changes: true }
    run({ broadcast: changes }, row(1, ['a', 1], undefined, -1), row(1, ['a', 2]))
    expect(seen).toEqual([
      { row: { name: 'a', limit: 1 }, weight: -1 },
      { row: { name: 'a', limit: 2 }, weight: 1 },
    ])
  })
})

describe('what onBroadcast emits', () => {
  const emits = side(({ name }, { emit, side }) => {
    emit(name)
    side('b', name)
  })
  const rows = (outputs: ReturnType<typeof run>) =>
    outputs.flatMap(o => (o.kind === 'row' ? [[o.port, o.row.values[0], o.row.time]] : []))

  test('has the time of its row, where the others have one too', () => {
    const timed = { ...emits, timed: true }
    expect(rows(run({ timed: true, broadcast: timed }, row(1, ['x', 1], 7)))).toEqual([
      [0, 'x', 7],
      [1, 'x', 7],
    ])
    expect(rows(run({ timed: false, broadcast: timed }, row(1, ['x', 1], 7)))).toEqual([
      [0, 'x', undefined],
      [1, 'x', undefined],
    ])
  })

  test('is refused where they have one and it has none', () => {
    expect(failure({ timed: true, broadcast: emits }, row(1, ['x', 1]))).toMatchObject({
      code: 'MISSING_EVENT_TIME',
      message: 'missing event time: onBroadcast emits a row',
    })
  })
})

test('stands where the rows are, by key or not; the other side goes everywhere', () => {
  const place = (spec: ReturnType<typeof connectBroadcastOperator>, main: 'workers' | 'caller') => {
    const source = (at: string) => ({ kind: 'source', node: { source: { place: at } } }) as never
    const inputs = [
      { from: 0, port: 0 },
      { from: 1, port: 0 },
    ]
    const operator = { id: 'c', named: false, kind: 'operator', spec, inputs } as const
    const node = distribute([source(main), source('caller'), operator])[2]!
    return [node.place, ...node.inputs.map(({ exchange }) => exchange.kind)]
  }
  expect(place(connectBroadcastOperator(options), 'caller')).toEqual(['workers', 'hash', 'broadcast'])
  expect(place(connectBroadcastOperator(unkeyed), 'workers')).toEqual(['workers', 'forward', 'broadcast'])
  expect(place(connectBroadcastOperator(unkeyed), 'caller')).toEqual(['one', 'forward', 'broadcast'])
})
