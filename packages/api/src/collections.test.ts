/** What each method adds to the plan, and the errors of lines that are wrong, with their place. */
import { int32, row, type Source, text } from '@millrace/runtime'
import { failureOf, schemaOf } from '@millrace/testing/plans'
import { describe, expect, it } from 'vitest'
import { avg, count, max, sum } from './aggregates.ts'
import type { DataStream } from './collections.ts'
import { environment } from './environment.ts'
import { literal, when } from './expr-functions.ts'
import type { Kind } from './kinds.ts'
import { type } from './process.ts'
import { map, value } from './state.ts'
import { sliding, tumbling } from './window.ts'

interface Flight {
  date: number
  delay: number
  origin: string
  tail: string | null
}

function sourceOf<T, E extends boolean>(columns: string, bounded: E): Source<T, E> {
  return {
    label: bounded ? 'file' : 'topic',
    schema: schemaOf(columns),
    bounded,
    prunes: false,
    splits: async () => [],
    open: () => {
      throw new Error('not read')
    },
  }
}

const columns = 'date timestamp, delay int32, origin text, tail text?'
const env = environment()
const flights = env.stream(sourceOf<Flight, false>(columns, false))
const history = env.dataset(sourceOf<Flight, true>(columns, true))
const opaque = env.stream(sourceOf<Flight, false>('', false))
const opaqueSet = env.dataset(sourceOf<Flight, true>('', true))
const airports = env.dataset(sourceOf<{ iata: string; state: string }, true>('iata text, state text', true))

/** The plan without its call sites and without the sources' columns. */
function plan(of: DataStream<unknown, Kind>): string {
  return of
    .explain()
    .replace(/ {2}at .*$/gm, '')
    .replace(/(source \w+): .*? {2}\[/gm, '$1  [')
}

/** Of one step over the stream of flights. */
function step(of: DataStream<unknown, Kind>): string {
  const [first, second] = plan(of).split('\n')
  expect(second).toBe('└─ source topic  [appending]')
  return first!
}

describe('steps of rows', () => {
  it.each<[string, () => DataStream<unknown, Kind>, string]>([
    ['map', () => flights.map(f => f.delay), 'map (f) => f.delay  [appending]'],
    ['flatMap', () => flights.flatMap(f => [f.origin]), 'flatMap (f) => [f.origin]  [appending]'],
    ['filter', () => flights.filter(f => f.delay > 1), 'filter (f) => f.delay > 1  [appending]'],
    [
      'where',
      () => flights.where(c => c.delay.gt(1).and(c.tail.isNull())),
      'where delay > 1 AND tail IS NULL  [appending]',
    ],
    [
      'select',
      () =>
        flights.select(c => ({ late: when(c.delay.gt(1), 'y', 'n'), by: literal('me'), hours: c.delay.divide(60) })),
      "project late = CASE WHEN delay > 1 THEN 'y' ELSE 'n' END, by = 'me', hours = delay / 60  [appending]",
    ],
    [
      'select all',
      () => flights.select(c => ({ ...c, x: c.delay })),
      'project date, delay, origin, tail, x = delay  [appending]',
    ],
    ['pick', () => flights.pick('origin', 'delay'), 'project origin, delay  [appending]'],
    ['omit', () => flights.omit('tail', 'date'), 'project delay, origin  [appending]'],
    ['rename', () => flights.rename({ tail: 'number' }), 'project date, delay, origin, number = tail  [appending]'],
    ['with', () => flights.with(f => ({ x: f.delay })), 'map with (row)  [appending]'],
    ['as', () => flights.map(f => ({ n: f.delay })).as({ n: int32 }), 'map (f) => ({ n: f.delay })  [appending]'],
    ['as of another step', () => flights.as(row({ delay: text })), 'map as  [appending]'],
    [
      'eventTime',
      () => flights.eventTime('date', { disorder: '1.5h', idle: 5000 }),
      'eventTime date, disorder 90m, idle after 5s  [appending]',
    ],
    [
      'eventTime by function',
      () => flights.eventTime(f => f.date),
      'eventTime (f) => f.date, disorder 0ms  [appending]',
    ],
    ['opaque where', () => opaque.where(c => c.delay.gt(1)), 'where delay > 1  [appending]'],
    ['opaque pick', () => opaque.pick('delay'), 'project delay  [appending]'],
    ['opaque omit', () => opaque.omit('delay', 'date'), 'map omit delay, date  [appending]'],
    ['opaque rename', () => opaque.rename({ tail: 'number' }), 'map rename  [appending]'],
  ])('%s', (_, make, expected) => expect(step(make())).toBe(expected))

  it('a declared result is what the function returns, with no step of its own', () => {
    const declared = flights.map(f => ({ n: f.delay })).as({ n: int32 })
    expect(plan(declared.where(c => c.n.gt(1)))).toMatch(/^where n > 1 .*\n└─ map .*\n {3}└─ source topic/)
  })
  it('columns that `with` adds and declares stand behind those that it keeps', () => {
    const added = flights.with(f => ({ delay: `${f.delay}`, n: 1 }), { delay: text, n: int32 })
    expect(plan(added.select(c => ({ ...c })))).toMatch(/^project date, origin, tail, delay, n /)
  })
  it('a name stays with its step', () => {
    expect(step(flights.pick('delay').named('delays'))).toMatch(/^delays\S*: project delay/)
    expect(flights.through(all => all.pick('origin')).explain()).toContain('project origin')
  })
})

const timed = flights.eventTime('date')

describe('steps by key', () => {
  it.each<[string, () => DataStream<unknown, Kind>, string]>([
    ['count', () => flights.keyBy('origin', 'tail').count(), 'aggregate by origin, tail: count = COUNT(*)  [updating]'],
    [
      'by function',
      () => history.keyBy(f => f.delay).count(),
      'aggregate by (f) => f.delay: count = COUNT(*)  [bounded]',
    ],
    [
      'aggregate',
      () => flights.keyBy('origin').aggregate({ n: count(), mean: avg('delay'), worst: max('tail') }),
      'aggregate by origin: n = COUNT(*), mean = AVG(delay), worst = MAX(tail)  [updating]',
    ],
    [
      'of expressions',
      () => history.groupBy('origin').aggregate(c => ({ hours: sum(c.delay.divide(60)) })),
      'aggregate by origin: hours = SUM(delay / 60)  [bounded]',
    ],
    ['of all', () => history.aggregate({ n: count() }), 'aggregate all rows: n = COUNT(*)  [bounded]'],
    ['reduce', () => flights.keyBy('origin').reduce(first), 'reduce first by origin  [updating]'],
    ['scan', () => flights.keyBy('origin').scan(() => 0, plus), 'scan plus by origin  [appending]'],
    [
      'tumbling',
      () =>
        timed
          .keyBy('origin')
          .window(tumbling('1d', { offset: '3h' }))
          .aggregate({ n: count() }),
      'aggregate by origin, tumbling 1d offset 3h: n = COUNT(*)  [appending]',
    ],
    [
      'sliding',
      () => timed.keyBy('origin').window(sliding('7d', '1d')).reduce(first),
      'reduce first by origin, sliding 7d every 1d  [appending]',
    ],
    [
      'apply',
      () => timed.keyBy('origin').window(tumbling(1000)).apply(rows),
      'windowProcess rows by origin, tumbling 1s  [appending]',
    ],
    [
      'process',
      () =>
        flights.keyBy('origin').process({
          state: { last: value<Flight>(), seen: map<string, number>() },
          sides: { quiet: type<Flight>() },
          onElement() {},
          onTimer() {},
        }),
      'process by origin; state last (value), seen (map); timers; sides quiet  [appending]',
    ],
    ['distinct', () => history.distinct(), 'distinct  [bounded]'],
    ['distinct by', () => history.distinct('origin'), 'distinct by origin  [bounded]'],
    ['sortBy names', () => history.sortBy('origin', 'date'), 'sort by origin, date  [bounded]'],
    [
      'sortBy expressions',
      () => history.sortBy(c => [c.delay.abs().descending(), c.date]),
      'sort by ABS(delay) DESC, date  [bounded]',
    ],
    ['sortBy one', () => history.sortBy(c => c.delay), 'sort by delay  [bounded]'],
    ['first', () => history.first(3), 'limit 3  [bounded]'],
  ])('%s', (_, make, expected) => expect(plan(make()).split('\n')[0]).toBe(expected))

  it('side outputs hang below the step that has them', () => {
    const windowed = timed.keyBy('origin').window(tumbling('1d')).aggregate({ n: count() })
    expect(plan(windowed.side('late'))).toMatch(/^side late {2}\[appending\]\n└─ aggregate by origin, tumbling 1d/)
    const quiet = flights.keyBy('origin').process({ sides: { quiet: row({ n: int32 }) }, onElement() {} })
    expect(plan(quiet.named('p').side('quiet').pick('n'))).toMatch(
      /^project n .*\n└─ side quiet .*\n {3}└─ p\S*: process/,
    )
  })
})

const first = (a: Flight) => a
const plus = (n: number) => n + 1
const rows = (all: readonly Flight[]) => all

describe('steps of two collections', () => {
  it.each<[string, () => DataStream<unknown, Kind>, string]>([
    ['union', () => flights.union(history), 'union  [appending]'],
    ['rebalance', () => flights.rebalance(), 'rebalance  [appending]'],
    [
      'broadcast',
      () => flights.join(airports, { on: ['origin', 'iata'], strategy: 'broadcast' }),
      'join inner on origin = iata, broadcast  [appending]',
    ],
    ['inner', () => flights.join(airports, { on: ['origin', 'iata'] }), 'join inner on origin = iata  [appending]'],
    [
      'by one name',
      () => history.join(history.pick('origin'), { on: 'origin', how: 'semi' }),
      'join semi on origin = origin  [bounded]',
    ],
    [
      'by several',
      () => flights.join(airports, { on: { origin: 'iata', tail: 'state' }, how: 'left' }),
      'join left on origin = iata, tail = state  [appending]',
    ],
    [
      'by functions',
      () => flights.join(airports, { on: [f => f.origin, a => a.iata] }, (f, a) => f.origin + a.state),
      'join inner on (f) => f.origin = (a) => a.iata, select (f, a) => f.origin + a.state  [appending]',
    ],
    [
      'full',
      () => history.join(airports, { on: ['origin', 'iata'], how: 'full' }),
      'join full on origin = iata  [bounded]',
    ],
  ])('%s', (_, make, expected) => expect(plan(make()).split('\n')[0]).toBe(expected))

  it('a prefix goes before all columns of the right', () => {
    const both = history.pick('origin').join(history.pick('origin'), { on: 'origin', prefix: 'was_' })
    expect(plan(both.select(c => ({ ...c })))).toMatch(/^project origin, was_origin /)
  })
  it('a source that is read twice is one node', () => {
    const source = sourceOf<Flight, true>(columns, true)
    expect(plan(env.stream(source).union(env.dataset(source))).match(/source file/g)).toHaveLength(1)
  })
})

/** What a program without types may do. */
const untyped = flights as unknown as Record<string, (...given: unknown[]) => never>
const untypedSet = history as unknown as Record<string, (...given: unknown[]) => never>

describe('lines that are wrong', () => {
  it.each<[string, () => unknown, string]>([
    [
      'pick',
      () => untyped.pick('orgin'),
      'UNKNOWN_COLUMN: unknown column: orgin (known: date, delay, origin, tail); did you mean "origin"?',
    ],
    ['omit', () => untyped.omit('orgin'), 'UNKNOWN_COLUMN: unknown column: orgin'],
    ['rename', () => untyped.rename({ orgin: 'x' }), 'UNKNOWN_COLUMN: unknown column: orgin'],
    ['rename', () => flights.rename({ origin: 'tail' }), 'COLUMN_CLASH: invalid columns: two are named tail'],
    [
      'where',
      () => untyped.where((c: { orgin: { gt(n: number): void } }) => c.orgin.gt(1)),
      'UNKNOWN_COLUMN: unknown column: orgin',
    ],
    ['where', () => untyped.where(() => true), 'INVALID_ARGUMENT: invalid condition: true; where takes an expression'],
    [
      'where',
      () => untyped.where((c: { delay: number }) => c.delay > 10),
      'INVALID_ARGUMENT: invalid use of an expression',
    ],
    [
      'where',
      () => untyped.where((c: { delay: unknown }) => c.delay),
      'TYPE_MISMATCH: invalid condition: int32 (delay)',
    ],
    ['where', () => untyped.where(5), 'INVALID_ARGUMENT: invalid function of where: 5'],
    ['select', () => untyped.select(() => 5), 'INVALID_ARGUMENT: invalid columns of select: not an object'],
    [
      'select',
      () => flights.select(c => ({ x: (c.origin as unknown as typeof c.delay).plus(1) })),
      'TYPE_MISMATCH: invalid operands of +: text and int32 (origin, 1)',
    ],
    [
      'select',
      () => opaque.select(c => ({ ...c })),
      'TYPE_MISMATCH: unknown columns: rows of an opaque collection have no declared columns; declare them',
    ],
    ['map', () => untyped.map('x'), 'INVALID_ARGUMENT: invalid function of map: x'],
    ['as', () => untyped.as({ x: 'int32' }), 'INVALID_ARGUMENT: invalid type of column "x": int32'],
    ['as', () => untyped.as(), 'INVALID_ARGUMENT: missing columns or schema of as'],
    [
      'with',
      () => opaque.with(() => ({ x: 1 }), { x: int32 }),
      'TYPE_MISMATCH: unknown columns: those of the input are not declared',
    ],
    ['keyBy', () => untyped.keyBy('orgin'), 'UNKNOWN_COLUMN: unknown column: orgin'],
    ['keyBy', () => untyped.keyBy(), 'INVALID_ARGUMENT: missing key'],
    ['keyBy', () => untyped.keyBy(5), 'INVALID_ARGUMENT: invalid key column: 5'],
    ['keyBy', () => untyped.keyBy('origin', 'origin'), 'COLUMN_CLASH: invalid key: column origin is given twice'],
    ['keyBy', () => untyped.keyBy(() => 1, 'origin'), 'INVALID_ARGUMENT: invalid key: a function and 1 more'],
    [
      'aggregate',
      () => flights.keyBy('origin').aggregate({ x: 5 as never }),
      'INVALID_ARGUMENT: invalid aggregate "x": 5; give aggregates by name',
    ],
    [
      'aggregate',
      () => flights.keyBy('origin').aggregate({ x: sum('origin') as never }),
      'TYPE_MISMATCH: invalid operand of sum: text (origin)',
    ],
    [
      'aggregate',
      () => flights.keyBy('origin').aggregate({ origin: count() }),
      'COLUMN_CLASH: invalid columns: two are named origin',
    ],
    ['aggregate', () => flights.keyBy('origin').aggregate(5 as never), 'INVALID_ARGUMENT: invalid aggregates: 5'],
    [
      'window',
      () => flights.keyBy('origin').window(tumbling('1d')),
      'MISSING_EVENT_TIME: missing event time: a window needs to know when each row happened; say so',
    ],
    ['tumbling', () => tumbling('0s'), 'INVALID_ARGUMENT: invalid window size: "0s"'],
    ['sliding', () => sliding('1d', '1x' as '1s'), 'INVALID_ARGUMENT: invalid window slide: "1x"; give milliseconds'],
    [
      'tumbling',
      () => tumbling('1d', { ofset: 1 } as never),
      'INVALID_OPTION: unknown option of tumbling: ofset (known: offset); did you mean "offset"?',
    ],
    ['eventTime', () => untyped.eventTime('origin'), 'TYPE_MISMATCH: invalid event time: text (origin)'],
    ['eventTime', () => untyped.eventTime(5), 'INVALID_ARGUMENT: invalid event time: 5'],
    ['eventTime', () => flights.eventTime('date', { idle: 0 }), 'INVALID_ARGUMENT: invalid idle: 0'],
    ['join', () => untyped.join(airports, {}), 'INVALID_ARGUMENT: missing on of join; give a column'],
    ['join', () => untyped.join(airports, { on: ['origin'] }), 'INVALID_ARGUMENT: invalid on of join; give a column'],
    ['join', () => untyped.join(airports, { on: ['origin', 5] }), 'INVALID_ARGUMENT: invalid on of join'],
    ['join', () => untyped.join(airports, { on: ['origin', 'iata', 'state'] }), 'INVALID_ARGUMENT: invalid on of join'],
    ['join', () => untyped.join(airports, { on: [() => 1, 'iata'] }), 'INVALID_ARGUMENT: invalid on of join'],
    ['join', () => untyped.join(airports, { on: {} }), 'INVALID_ARGUMENT: invalid on of join'],
    ['join', () => untyped.join(airports, { on: { origin: 5 } }), 'INVALID_ARGUMENT: invalid on of join'],
    [
      'join',
      () => untyped.join(airports, { on: ['origin', 'iata'], strategy: 'spread' }),
      'INVALID_OPTION: unknown strategy of join: spread (known: hash, broadcast)',
    ],
    [
      'join',
      () => history.join(airports, { on: ['origin', 'iata'], how: 'full', strategy: 'broadcast' as never }),
      'UNSUPPORTED: invalid strategy of join: broadcast, full; rows of the right without a partner',
    ],
    ['join', () => untyped.join(airports, { on: 5 }), 'INVALID_ARGUMENT: invalid on of join'],
    ['join', () => untyped.join(airports, { on: ['origin', 'iat'] }), 'UNKNOWN_COLUMN: unknown column: iat'],
    [
      'join',
      () => untyped.join(airports, { on: ['delay', 'iata'] }),
      'TYPE_MISMATCH: invalid keys: delay is int32, iata is text',
    ],
    [
      'join',
      () => untyped.join(airports, { on: ['origin', 'iata'], how: 'outer' }),
      'INVALID_OPTION: unknown how of join: outer',
    ],
    [
      'join',
      () => untyped.join(airports, { on: ['origin', 'iata'], by: 1 }),
      'INVALID_OPTION: unknown option of join: by',
    ],
    [
      'join',
      () => untyped.join(history, { on: 'origin' }),
      'COLUMN_CLASH: invalid columns: both sides have date, delay, tail; give a prefix',
    ],
    [
      'join',
      () => airports.join(flights, { on: ['iata', 'origin'] }),
      'UNSUPPORTED: invalid join: bounded with appending, inner; the right side must be a DataSet',
    ],
    [
      'join',
      () => flights.join(airports, { on: ['origin', 'iata'], how: 'full' }),
      'UNSUPPORTED: invalid join: appending with bounded, full',
    ],
    [
      'join',
      () => opaque.join(opaqueSet, { on: 'origin', how: 'left', prefix: 'r_' }),
      'TYPE_MISMATCH: unknown columns: those of the right side are not declared; declare them',
    ],
    [
      'join',
      () => untyped.join(airports, { on: ['origin', 'iata'] }, 5),
      'INVALID_ARGUMENT: invalid function of join: 5',
    ],
    ['union', () => untyped.union(airports), 'TYPE_MISMATCH: invalid union'],
    [
      'union',
      () => flights.union(environment().stream(sourceOf<Flight, false>(columns, false))),
      'INVALID_ARGUMENT: invalid collection: it is from another environment',
    ],
    ['sortBy', () => untyped.sortBy('date'), 'WRONG_KIND: invalid input of sort: appending'],
    ['sortBy', () => untypedSet.sortBy(5), 'INVALID_ARGUMENT: invalid sort key: 5'],
    ['first', () => history.first(-1), 'INVALID_ARGUMENT: invalid number of rows: -1'],
    ['stream', () => untyped.stream(), 'WRONG_KIND: invalid input of stream: appending'],
    [
      'process',
      () => flights.keyBy('origin').process({} as never),
      'INVALID_ARGUMENT: invalid function of onElement: undefined',
    ],
    [
      'process',
      () => flights.keyBy('origin').process({ state: { n: 0 as never }, onElement() {} }),
      'INVALID_ARGUMENT: invalid state "n": 0; declare it as value<T>()',
    ],
    [
      'process',
      () => flights.keyBy('origin').process({ onElment() {} } as never),
      'INVALID_OPTION: unknown option of process: onElment',
    ],
    [
      'side',
      () =>
        flights
          .keyBy('origin')
          .process({ onElement() {} })
          .side('x' as never),
      'INVALID_ARGUMENT: unknown side output: x (known: none)',
    ],
    ['named', () => flights.named(''), 'INVALID_ARGUMENT: invalid name: ""'],
    [
      'scan',
      () => flights.keyBy('origin').scan(undefined as never, plus as never),
      'INVALID_ARGUMENT: invalid function of scan',
    ],
  ])('%s', (operator, run, expected) => {
    const { code, message, hint, details } = failureOf(run)
    expect(`${code}: ${message}${hint === undefined ? '' : `; ${hint}`}`).toContain(expected)
    expect(details.operator).toBe(operator)
    expect(details.site?.file).toBe('packages/api/src/collections.test.ts')
  })

  it('are shown with their place', () => {
    const error = failureOf(() => flights.pick('orgin' as 'origin'))
    expect(error.describe()).toMatch(
      /^unknown column: orgin \(known: .*\)\n {2}did you mean "origin"\?\n {2}at packages.api.src.collections\.test\.ts:\d+:\d+ {2}pick$/,
    )
  })
})
