import { field, Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { operatorContract, type PortRow } from '@millrace/testing/contracts/operator'
import { type OperatorEvent, scripts } from '@millrace/testing/contracts/operator-events'
import { runOperator } from '@millrace/testing/contracts/operator-run'
import { type ProcessInput, processTwin } from '@millrace/testing/reference/process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ProcessOptions, processOperator } from './process.ts'

interface Row {
  readonly act: string
  readonly n: number
}
interface Context {
  readonly key: object
  readonly state: {
    readonly count: { get(): number; set(n: number): void; clear(): void }
    readonly last: { get(): unknown; set(n: unknown): void }
    readonly list: { get(): readonly unknown[]; add(n: unknown): void; set(l: readonly unknown[]): void; clear(): void }
    readonly map: {
      readonly size: number
      has(k: unknown): boolean
      get(k: unknown): unknown
      set(k: unknown, v: unknown): void
      delete(k: unknown): void
      entries(): Iterable<unknown>
      clear(): void
    }
  }
  readonly timers: { at(time: number): void; cancel(time: number): void }
  readonly time: number | undefined
  emit(row: unknown): void
  side(name: string, row: unknown): void
}

const seen = (what: string, { key, state, time }: Context) => ({
  what: `${what} of ${JSON.stringify(key)}`,
  n: state.count.get(),
  all: [time, state.last.get(), state.list.get(), state.map.size, state.map.get(1), [...state.map.entries()]],
})

/** Does one thing to each kind of state, timer and output. */
function onElement({ act, n }: Row, context: Context): void {
  const { state, timers, time, emit, side } = context
  state.count.set(state.count.get() + 1)
  if (act === 'timer' && time !== undefined) timers.at(time + n)
  if (act === 'cancel' && time !== undefined) for (let t = time; t < time + 9; t++) timers.cancel(t)
  if (act === 'last') state.last.set(state.last.get() === undefined ? n : undefined)
  if (act === 'add') state.list.add(n)
  if (act === 'set') state.list.set(n === 0 ? [] : [n, act])
  if (act === 'put') state.map.set(n, state.list.get())
  if (act === 'delete') state.map.delete(n)
  if (act === 'side') side('quiet', seen(act, context))
  if (act === 'twice') emit(seen('first', context))
  if (act === 'forget') {
    state.count.clear()
    state.list.clear()
    state.map.clear()
    state.last.set(undefined)
  } else emit(seen(state.map.has(n) ? `${act} again` : act, context))
}

function onTimer(timeMs: number, context: Context): void {
  const { state, timers, emit, side } = context
  emit(seen(`timer ${timeMs}`, context))
  if (timeMs % 2 === 0) side('loud', seen('even', context))
  if (state.list.get().length > 1) timers.at(timeMs + 3)
  if (state.list.get().length > 2) state.list.set([])
  state.count.set(0)
}

function twinState(): Context['state'] {
  const held: { count: number; last: unknown; list: readonly unknown[]; map: Map<unknown, unknown> } = {
    count: 0,
    last: undefined,
    list: [],
    map: new Map(),
  }
  return {
    count: { get: () => held.count, set: n => (held.count = n), clear: () => (held.count = 0) },
    last: { get: () => held.last, set: n => (held.last = n) },
    list: {
      get: () => held.list,
      add: n => (held.list = [...held.list, n]),
      set: l => (held.list = [...l]),
      clear: () => (held.list = []),
    },
    map: {
      get size() {
        return held.map.size
      },
      has: k => held.map.has(k),
      get: k => held.map.get(k),
      set: (k, v) => held.map.set(k, v),
      delete: k => held.map.delete(k),
      entries: () => held.map.entries(),
      clear: () => held.map.clear(),
    },
  }
}

const schema = Schema.record([
  field('user', 'text', true),
  field('act', 'text'),
  field('n', 'int32'),
  field('day', 'any'),
])
const declared = Schema.record([field('what', 'text'), field('n', 'double'), field('all', 'any')])
const acts = ['timer', 'timer', 'cancel', 'last', 'add', 'add', 'set', 'put', 'delete', 'side', 'twice', 'forget', 'no']
const values = [
  fc.constantFrom('a', 'b', 'ä', null),
  fc.constantFrom(...acts),
  fc.integer({ min: 0, max: 5 }),
  fc.constantFrom(1, '1'),
]

const options: ProcessOptions = {
  label: 'process',
  schema,
  key: [0, 3],
  keyNames: ['user', '__proto__'],
  row: { schema: Schema.record([field('act', 'text'), field('n', 'int32')]), columns: [1, 2] },
  state: {
    count: { kind: 'value', default: 0 },
    last: { kind: 'value' },
    list: { kind: 'list' },
    map: { kind: 'map' },
  },
  output: Schema.opaque,
  sides: { quiet: declared, loud: Schema.opaque },
  onElement,
  onTimer,
  batchRows: 3,
}

/** The rows, and the watermark's progress with the last at the end. */
function inputsOf(events: readonly OperatorEvent[]): ProcessInput[] {
  return events.flatMap((e): ProcessInput[] => {
    if (e.kind === 'end') return [{ watermark: Number.POSITIVE_INFINITY }]
    if (e.kind === 'watermark') return [{ watermark: e.time }]
    if (e.kind !== 'row') return []
    const [user, act, n, day] = e.row.values
    return [
      {
        key: Object.fromEntries([
          ['user', user],
          ['__proto__', day],
        ]),
        row: { act, n },
        time: e.row.time,
      },
    ]
  })
}

const cases = fc.tuple(fc.boolean(), fc.boolean()).chain(([times, columnar]) => {
  const output = columnar ? declared : Schema.opaque
  const columns = [output, declared, Schema.opaque]
  return scripts([{ schema, values, times }]).map(events => ({
    spec: () => processOperator({ ...options, output }),
    events,
    twin: (): PortRow[] =>
      processTwin(inputsOf(events), { state: twinState, onElement, onTimer }).map(({ side, row, time }) => {
        const port = ['', 'quiet', 'loud'].indexOf(side)
        const { what, n, all } = row as { what: string; n: number; all: unknown }
        return { port, row: { values: columns[port].bare ? [row] : [what, n, all], weight: 1, time } }
      }),
  }))
})

operatorContract('process', { cases, compare: 'bag', runs: 50, onDisk: true })

const row = (act: string, n: number, time: number | undefined, weight = 1): OperatorEvent => ({
  kind: 'row',
  input: 0,
  split: 0,
  row: { values: ['a', act, n, 1], weight, time },
})

function run(changed: Partial<ProcessOptions>, events: readonly OperatorEvent[]): unknown[] {
  const site = { file: 'job.ts', line: 3, column: 7 }
  return runOperator(() => processOperator({ ...options, site, ...changed }), [...events, { kind: 'end', input: 0 }], {
    seed: 1,
    batchRows: 1,
    stopsOneIn: 0,
    throttled: false,
  }).flatMap(o => (o.kind === 'row' ? [o.row.values[0]] : []))
}

function failure(changed: Partial<ProcessOptions>, events = [row('no', 1, 0)]): MillraceError {
  try {
    run(changed, events)
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
  throw new Error('it did not fail')
}

test('a timer that sets the next one ends with the input', () => {
  const fired = run(
    {
      onElement: (_: Row, { timers, time }: Context) => timers.at(time! + 10),
      onTimer: (timeMs: number, { emit, timers }: Context) => {
        emit(timeMs)
        timers.at(timeMs + 10)
      },
    },
    [row('no', 0, 0), row('no', 0, 35)],
  )
  expect(fired).toEqual([10, 20, 30, 45])
})

test('an updating input is seen as changes', () => {
  const changes = run({ changes: true, onElement: (change: unknown, { emit }: Context) => emit(change) }, [
    row('x', 1, 0),
    row('x', 1, 0, -1),
  ])
  expect(changes).toEqual([
    { row: { act: 'x', n: 1 }, weight: 1 },
    { row: { act: 'x', n: 1 }, weight: -1 },
  ])
  expect(failure({}, [row('x', 1, 0, -1)]).code).toBe('WRONG_KIND')
})

test('an emitted list does not change when the state does', () => {
  const lists = run(
    {
      onElement({ n }: Row, { state, emit }: Context) {
        state.list.add(n)
        emit(state.list.get())
      },
    },
    [row('no', 1, 0), row('no', 2, 0)],
  )
  expect(lists).toEqual([[1], [1, 2]])
})

test('an exception of the user keeps its stack and tells the operator and where it was written', () => {
  const cause = new RangeError('no such card')
  const throwing = () => {
    throw cause
  }
  const thrown = failure({ onElement: throwing })
  expect(thrown).toMatchObject({ code: 'USER_FUNCTION', message: 'no such card', cause })
  expect(thrown.details).toMatchObject({ operator: 'process', site: { file: 'job.ts', line: 3 } })
  const inTimer = failure({ onTimer: throwing }, [row('timer', 1, 0)])
  expect(inTimer).toMatchObject({ code: 'USER_FUNCTION', cause, details: { operator: 'process' } })
})

test('misuse of the context is an error', () => {
  const at = (timeMs: unknown, changed: Partial<ProcessOptions> = {}, time: number | undefined = 0) =>
    failure({ onElement: (_: Row, { timers }: Context) => timers.at(timeMs as number), ...changed }, [row('', 0, time)])
  expect(at(Number.NaN)).toMatchObject({ code: 'INVALID_ARGUMENT', message: 'invalid timer: NaN' })
  expect(at('5')).toMatchObject({ code: 'INVALID_ARGUMENT', message: 'invalid timer: 5' })
  expect(at(5, { onTimer: undefined })).toMatchObject({ message: 'missing onTimer: a timer was set' })
  const untimed = failure({ onElement: (_: Row, { timers }: Context) => timers.at(5) }, [row('', 0, undefined)])
  expect(untimed.code).toBe('MISSING_EVENT_TIME')
  const side = failure({ onElement: (_: Row, { side }: Context) => side('quit', 1) })
  expect(side.message).toBe('unknown side output: quit (known: quiet, loud)')
  const later = failure({ onElement: async () => {} })
  expect(later.message).toBe('invalid result of onElement: a promise')
  expect(
    failure({ output: declared, onElement: (_: Row, { emit }: Context) => emit({ what: 1, n: 1 }) }),
  ).toMatchObject({
    code: 'INVALID_VALUE',
    message: 'invalid text in column "what": 1',
  })
})

test('a context is of no use after the call', () => {
  let kept: Context | undefined
  run({ onElement: (_: Row, context: Context) => (kept = context) && undefined }, [row('no', 0, 0)])
  for (const use of [
    () => kept!.key,
    () => kept!.time,
    () => kept!.state.count.set(1),
    () => kept!.state.list.add(1),
    () => kept!.state.map.set(1, 1),
    () => kept!.timers.at(1),
    () => kept!.timers.cancel(1),
    () => kept!.emit(1),
    () => kept!.side('quiet', 1),
  ])
    expect(use).toThrow('invalid use of a context: the call it was given to is over')
})
