/**
 * The collections of a program: builders of the plan, each with the type of its rows and its kind.
 *
 * One class for the three kinds, with bounded-only methods restricted by `this`; explicit variance, so that the
 * compiler compares two arguments instead of all members; no parameter is typed by another class than its argument's.
 * They stand in one file because they name one another. What a step does is in `steps/`.
 */
import * as plan from '@millrace/plan'
import type { Columns, Sink, StandardSchema } from '@millrace/runtime'
import type { Aggregates, OverallResults, Results } from './aggregate.ts'
import { count } from './aggregates.ts'
import type { AsyncCall, AsyncOptions } from './async.ts'
import type { BroadcastSpec, KeyedBroadcastSpec } from './broadcast.ts'
import type { Declares, RowColumns } from './declared.ts'
import type { ColumnsOf, Expr, SelectedRow } from './expr.ts'
import type { Grouping, WindowGrouping } from './grouping.ts'
import type { Job } from './job.ts'
import type { Alike, Clash, JoinOptions, JoinRow, LeftRow, Once, RightRow } from './join.ts'
import type { Closed, Grouped, Kind, Outcomes, Seen } from './kinds.ts'
import { planned, type Step } from './planned.ts'
import type { ProcessSpec } from './process.ts'
import { type Scope, sameScope } from './scope.ts'
import { SinkJob } from './sink-job.ts'
import { mapAsync } from './steps/async.ts'
import { aggregate, distinct, keyOf, omit, pick, rename, type SortKey, select, sortBy, where } from './steps/columns.ts'
import { applied, as, withColumns } from './steps/function.ts'
import { type JoinArguments, join } from './steps/join.ts'
import { apply, connected, processed, reduce, scan } from './steps/keyed.ts'
import { type NamedOptions, named } from './steps/named.ts'
import { collect, iterate } from './steps/results.ts'
import { type EventTimeOptions, eventTime } from './steps/time.ts'
import type { Window, WindowColumns } from './window.ts'
import type { Flat, Refused, Strategy } from './words.ts'

/** A bounded collection. */
export type DataSet<T> = DataStream<T, 'bounded'>

export interface Sides<T, K extends Kind, D> {
  named(name: string, options?: NamedOptions): Processed<T, K, D>
  /** A side output, by name. */
  side<N extends keyof D & string>(name: N): DataStream<D[N], K>
}

/** A collection with side outputs `D`. */
export type Processed<T, K extends Kind, D> = Sides<T, K, D> & DataStream<T, K>

declare const phantom: unique symbol
/** The step that a collection of the program stands for. */
let nodeIn: (scope: Scope, other: DataStream<unknown, Kind>) => plan.PlanNode

/**
 * A collection of rows of type `T`. Its kind is `'bounded'` (a `DataSet`: it ends, and is its final rows),
 * `'appending'` (rows only come) or `'updating'` (rows come and go).
 *
 * Methods add a step to the plan and return at once; an error in the plan is thrown by the line that has it. Functions
 * of the user must be deterministic and must not change the rows they are given. Nothing runs before `collect`,
 * `for await` or a job's `run`.
 */
export class DataStream<out T, out K extends Kind = 'appending'> {
  declare protected readonly [phantom]: { row: T; kind: K }
  readonly #scope: Scope
  readonly #node: plan.PlanNode

  constructor(scope: Scope, node: plan.PlanNode) {
    this.#scope = scope
    this.#node = node
  }

  /**
   * Names the last step: its state is found by this name when the program has changed, and explain shows it.
   * One that had another name, or none, finds it by what it was: `named('delays', { was: 'aggregate#1' })`.
   * @example flights.filter(f => f.delay > 0).named('delayed')
   */
  named(name: string, options?: NamedOptions): DataStream<T, K> {
    return new DataStream(this.#scope, named(this.#node, name, options))
  }

  /**
   * Gives the collection to a function of it, so that own operators read like built-in ones.
   * @example const late = <K extends Kind>(all: DataStream<Flight, K>) => all.where(c => c.delay.gt(15))
   * flights.through(late)
   */
  through<R>(f: (self: DataStream<T, K>) => R): R {
    return f(this)
  }

  /**
   * Each row's value under a function. Rows then travel as the objects the function returns; `as` makes them columns.
   * @example flights.map(f => ({ route: `${f.origin}-${f.destination}`, hours: f.delay / 60 }))
   */
  map<U>(f: (row: T) => U): DataStream<U, K> {
    return this.#then('map', site => applied('map', this.#node, f, site))
  }

  /**
   * Declares what the rows are, so that they travel as columns; or has a Standard Schema (zod, valibot, arktype) check
   * and convert each, in columns where it tells the types (Standard JSON Schema). A row that does not fit fails the job.
   * @example flights.map(f => ({ route: `${f.origin}-${f.destination}`, hours: f.delay / 60 })).as({ route: text, hours: double })
   */
  as<S extends Columns | StandardSchema>(declared: S): DataStream<Declares<S>, K> {
    return this.#then('as', site => as(this.#node, declared, site))
  }

  /**
   * What the promise that a function returns gives, for each row: a look-up, a model. See `AsyncOptions`, docs/async.md.
   * @example flights.mapAsync(async (f, { signal }) => ({ ...f, city: await cityOf(f.origin, { signal }) }),
   *   { capacity: 50, timeout: '5s', retry: { attempts: 3 } })
   */
  mapAsync<U>(
    this: DataStream<T, 'bounded' | 'appending'>,
    f: (row: T, call: AsyncCall) => U | PromiseLike<U>,
    options: AsyncOptions = {},
  ): DataStream<U, K> {
    return this.#then('mapAsync', site => mapAsync(this.#node, f, options, site))
  }

  /**
   * All the values that a function returns for each row.
   * @example flights.flatMap(f => [{ airport: f.origin }, { airport: f.destination }])
   */
  flatMap<U>(f: (row: T) => Iterable<U>): DataStream<U, K> {
    return this.#then('flatMap', site => applied('flatMap', this.#node, f, site))
  }

  /**
   * The rows for which a function returns something true. `where` does the same with an expression, which is faster
   * and can be applied while a file is read.
   * @example flights.filter(f => f.origin !== f.destination)
   */
  filter<U extends T>(f: (row: T) => row is U): DataStream<U, K>
  filter(f: (row: T) => unknown): DataStream<T, K>
  filter(f: (row: T) => unknown): DataStream<T, K> {
    return this.#then('filter', site => applied('filter', this.#node, f, site))
  }

  /**
   * The rows for which an expression over the columns is true; where it is null they are dropped.
   * @example flights.where(c => c.delay.gt(60).and(c.origin.in(['SEA', 'SFO'])))
   */
  where(f: (columns: ColumnsOf<T>) => Expr<boolean | null>): DataStream<T, K> {
    return this.#then('where', site => where(this.#node, f, site))
  }

  /**
   * New columns from expressions over the old ones, in the order in which they are written.
   * @example flights.select(c => ({ ...c, hours: c.delay.divide(60).round(1) }))
   */
  select<S extends { readonly [name: string]: Expr }>(
    f: (columns: ColumnsOf<T>) => S,
  ): DataStream<Flat<SelectedRow<S>>, K> {
    return this.#then('select', site => select(this.#node, f, site))
  }

  /**
   * Some of the columns, in the order given.
   * @example flights.pick('origin', 'delay')
   */
  pick<C extends keyof T & string>(...columns: C[]): DataStream<Flat<Pick<T, C>>, K> {
    return this.#then('pick', site => pick(this.#node, columns, site))
  }

  /** All columns but some: `flights.omit('destination')`. */
  omit<C extends keyof T & string>(...columns: C[]): DataStream<Flat<Omit<T, C>>, K> {
    return this.#then('omit', site => omit(this.#node, columns, site))
  }

  /**
   * Adds the properties that a function returns to each row, in place of those of the same name. Rows stay columns if
   * the new ones are declared.
   * @example flights.with(f => ({ hour: new Date(f.date).getUTCHours() }), { hour: int32 })
   */
  with<U extends object>(f: (row: T) => U, columns?: RowColumns<U>): DataStream<Flat<Omit<T, keyof U> & U>, K> {
    return this.#then('with', site => withColumns(this.#node, f, columns, site))
  }

  /**
   * New names for some columns.
   * @example airports.rename({ iata: 'origin' })
   */
  rename<const M extends { readonly [P in keyof T & string]?: string }>(
    names: M,
  ): DataStream<{ [C in keyof T as C extends keyof M ? M[C] & string : C]: T[C] }, K> {
    return this.#then('rename', site => rename(this.#node, names, site))
  }

  /**
   * Groups by columns, or by what a function returns, which is then a column called `key`.
   * @example flights.keyBy('origin').count()
   * flights.keyBy(f => `${f.origin}-${f.destination}`).count()
   */
  keyBy<V>(f: (row: T) => V): Keyed<T, { key: V }, K>
  keyBy<C extends keyof T & string>(...columns: readonly [C, ...C[]]): Keyed<T, Flat<Pick<T, C>>, K>
  keyBy<Key>(...by: readonly [(row: T) => unknown] | readonly string[]): Keyed<T, Key, K> {
    return planned('keyBy', () => new Keyed(this.#grouping(by)))
  }

  /** `keyBy` by the name that batch programs know it under. */
  groupBy<V>(this: DataStream<T, 'bounded'>, f: (row: T) => V): Keyed<T, { key: V }, 'bounded'>
  groupBy<C extends keyof T & string>(
    this: DataStream<T, 'bounded'>,
    ...columns: readonly [C, ...C[]]
  ): Keyed<T, Flat<Pick<T, C>>, 'bounded'>
  groupBy<Key>(...by: readonly [(row: T) => unknown] | readonly string[]): Keyed<T, Key, 'bounded'> {
    return planned('groupBy', () => new Keyed(this.#grouping(by)))
  }

  /**
   * One row about all rows.
   * @example await history.aggregate({ flights: count(), worst: max('delay') }).collect() // [{ flights: 4, worst: 70 }]
   */
  aggregate<A extends Aggregates<T>>(
    this: DataStream<T, 'bounded'>,
    spec: A | ((columns: ColumnsOf<T>) => A),
  ): DataSet<Flat<OverallResults<A>>> {
    return this.#then('aggregate', site => aggregate({ input: this.#node, key: null, window: null }, spec, site))
  }

  /** The rows of both: `flights.union(history.stream())`. */
  union<R extends Kind>(other: DataStream<T, R>): DataStream<T, Outcomes['union'][K][R]> {
    return this.#then('union', site => plan.unionNode({ inputs: [this.#node, nodeIn(this.#scope, other)], site }))
  }

  /**
   * The same rows, dealt out to all workers in batches, in no order any more: where a source has fewer splits than there are
   * workers, it gives the others their part of a costly function behind it. With one worker it does nothing.
   * @example flights.rebalance().map(f => ({ origin: f.origin, square: f.delay ** 2 }))
   */
  rebalance(): DataStream<T, K> {
    return this.#then('rebalance', site => plan.rebalanceNode({ input: this.#node, site }))
  }

  /**
   * Pairs rows of equal columns, of both sides or one of each; null equals nothing. Columns that both sides have and that
   * are no keys need a `prefix`. The form with functions makes the row from both. Of an unbounded and a bounded side the
   * bounded one is read first; two unbounded ones, and a bounded left one, throw UNSUPPORTED. See `JoinOptions`.
   * @example flights.join(airports, { on: ['origin', 'iata'], how: 'left' })
   * flights.join(airports, { on: [f => f.origin, a => a.iata] }, (f, a) => ({ state: a.state, delay: f.delay }))
   * flights.join(airports, { on: ['origin', 'iata'], how: 'semi', strategy: 'broadcast' })
   */
  join<
    R,
    RK extends Kind,
    L1 extends keyof T & string,
    R1 extends { [C in keyof R & string]: Alike<T[L1], R[C]> extends true ? C : never }[keyof R & string],
    M extends {
      readonly [C in keyof T & string]?: {
        [D in keyof R & string]: Alike<T[C], R[D]> extends true ? D : never
      }[keyof R & string]
    },
    H extends 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' = 'inner',
    const P extends string = '',
  >(
    other: DataStream<R, RK>,
    options: JoinOptions<R, L1, R1, M, H, P> & Clash<T, R, Once<L1, R1, M>, H, P>,
  ): DataStream<JoinRow<T, R, Once<L1, R1, M>, H, P>, Outcomes[H][K][RK]>
  join<R, RK extends Kind, U, V, H extends 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' = 'inner'>(
    other: DataStream<R, RK>,
    options: { on: readonly [left: (row: T) => V, right: (row: R) => V]; how?: H; strategy?: Strategy<H> },
    select: (left: LeftRow<T, H>, right: RightRow<R, H>) => U,
  ): DataStream<U, Outcomes[H][K][RK]>
  join<R, RK extends Kind, U, L extends Kind>(
    other: DataStream<R, RK>,
    options: JoinArguments,
    select?: (left: never, right: never) => U,
  ): DataStream<U, L> {
    return this.#then('join', site => join(this.#node, nodeIn(this.#scope, other), options, select, site))
  }

  /** A function of each row, and of each of another collection that every worker sees. See `keyBy(...).connectBroadcast`. */
  connectBroadcast<R, RK extends Kind, S = {}, O = Refused<'emit what? declare emits: type<Row>()'>, D = {}>(
    other: DataStream<R, RK>,
    spec: BroadcastSpec<Seen<T>[K], Seen<R>[RK], S, O, D>,
  ): Processed<O, Outcomes['connect'][K][RK], D> {
    const step: Step = site => connected(this.#node, null, nodeIn(this.#scope, other), spec, site)
    return withSides(this.#scope, planned('connectBroadcast', step))
  }

  /**
   * Says when each row happened: a function of it, or a column, in milliseconds since 1970. A row may come `disorder`
   * (default 0) behind the latest one seen; later ones are late to the windows that have closed. An input from which
   * nothing comes for `idle` stops holding the others back.
   * @example flights.eventTime(f => f.date + f.delay * 60_000, { disorder: '1h' })
   */
  eventTime(f: (row: T) => number | Date, options?: EventTimeOptions): DataStream<T, K>
  eventTime<C extends { [P in keyof T & string]: T[P] extends number | Date ? P : never }[keyof T & string]>(
    column: C,
    options?: EventTimeOptions,
  ): DataStream<T, K>
  eventTime(time: string | ((row: T) => number | Date), options: EventTimeOptions = {}): DataStream<T, K> {
    return this.#then('eventTime', site => eventTime(this.#node, time, options, site))
  }

  /**
   * In order of some columns, or of expressions; equal rows keep their order. Nulls come last.
   * @example history.sortBy('origin', 'date')
   * history.sortBy(c => [c.delay.descending(), c.date])
   */
  sortBy(this: DataStream<T, 'bounded'>, f: (columns: ColumnsOf<T>) => SortKey | readonly SortKey[]): DataSet<T>
  sortBy<C extends keyof T & string>(this: DataStream<T, 'bounded'>, ...columns: readonly [C, ...C[]]): DataSet<T>
  sortBy(...by: readonly [(columns: ColumnsOf<T>) => unknown] | readonly string[]): DataSet<T> {
    return this.#then('sortBy', site => sortBy(this.#node, by, site))
  }

  /**
   * Each different row once; or the first row of each different value of some columns.
   * @example history.pick('origin', 'destination').distinct()
   */
  distinct<C extends keyof T & string>(this: DataStream<T, 'bounded'>, ...columns: C[]): DataSet<T> {
    return this.#then('distinct', site => distinct(this.#node, columns, site))
  }

  /** The first rows, at most so many: `history.sortBy(c => c.delay.descending()).first(10)`. */
  first(this: DataStream<T, 'bounded'>, rows: number): DataSet<T> {
    return this.#then('first', site => plan.limitNode({ input: this.#node, rows, site }))
  }

  /** The same rows as an unbounded stream, of which nobody knows that it will end. */
  stream(this: DataStream<T, 'bounded'>): DataStream<T> {
    return this.#then('stream', site => plan.streamNode({ input: this.#node, site }))
  }

  /**
   * Writes the collection to a sink, once the job is run. A sink that takes only appended rows does not take an
   * updating collection: that does not compile.
   * @example await flights.to(blackhole()).run()
   */
  to(sink: Sink<T, K>): Job {
    return planned('to', site => new SinkJob(this.#scope, plan.sinkNode({ input: this.#node, sink, site })))
  }

  /**
   * Runs the job and returns all rows: of an updating collection those that are left at the end. On a source that
   * never ends neither does this.
   * @example await flights.keyBy('origin').count().collect() // [{ origin: 'SEA', count: 2 }, { origin: 'SFO', count: 2 }]
   */
  collect(): Promise<T[]> {
    return planned('collect', site => collect(this.#scope, this.#node, site))
  }

  /**
   * Runs the job and takes its rows as they come; of an updating collection the changes. Leaving the loop cancels it.
   * @example for await (const flight of flights) if (flight.delay > 600) break
   */
  [Symbol.asyncIterator](): AsyncIterator<Seen<T>[K], undefined> {
    return planned('for await', site => iterate(this.#scope, this.#node, site))
  }

  /** The plan as text. */
  explain(): string {
    return plan.explain([this.#node])
  }

  #then<U, L extends Kind>(operator: string, step: Step): DataStream<U, L> {
    return new DataStream(this.#scope, planned(operator, step))
  }

  #grouping(by: readonly unknown[]): Grouping {
    return { scope: this.#scope, input: this.#node, key: keyOf(this.#node, by), window: null }
  }

  static {
    nodeIn = (scope, other) => {
      sameScope(scope, other.#scope)
      return other.#node
    }
  }
}

function withSides<T, K extends Kind, D>(scope: Scope, node: plan.PlanNode): Processed<T, K, D> {
  const sideOf = (name: string) => planned('side', site => plan.sideNode({ input: node, side: name, site }))
  return Object.assign(new DataStream<T, K>(scope, node), {
    named: (name: string, options?: NamedOptions) => withSides<T, K, D>(scope, named(node, name, options)),
    side: <N extends keyof D & string>(name: N) => new DataStream<D[N], K>(scope, sideOf(name)),
  })
}

/** Rows of type `T` grouped by `Key`; made by `keyBy`. */
export class Keyed<out T, out Key, out K extends Kind> {
  declare protected readonly [phantom]: { row: T; key: Key; kind: K }
  readonly #of: Grouping

  constructor(of: Grouping) {
    this.#of = of
  }

  /**
   * Groups by windows of event time too. Throws MISSING_EVENT_TIME where rows have none.
   * @example flights.eventTime('date').keyBy('origin').window(tumbling('1d')).aggregate({ departures: count() })
   */
  window(window: Window): Windowed<T, Key, K> {
    planned('window', site => plan.requireEventTime(this.#of.input, 'a window', site))
    return new Windowed({ ...this.#of, window: window.spec })
  }

  /**
   * A row for each key: its columns and the aggregates. Of an unbounded stream it is updated as rows come.
   * @example flights.keyBy('origin').aggregate({ departures: count(), mean: avg('delay') })
   */
  aggregate<A extends Aggregates<T>>(
    spec: A | ((columns: ColumnsOf<T>) => A),
  ): DataStream<Flat<Key & Results<A>>, Grouped[K]> {
    return this.#then('aggregate', site => aggregate(this.#of, spec, site))
  }

  /** `aggregate({ count: count() })`. */
  count(): DataStream<Flat<Key & { count: number }>, Grouped[K]> {
    return this.#then('count', site => aggregate(this.#of, { count: count() }, site))
  }

  /**
   * The rows of each key folded two by two into one like them.
   * @example flights.keyBy('origin').reduce((a, b) => (a.delay > b.delay ? a : b))
   */
  reduce(f: (a: T, b: T) => T): DataStream<T, Grouped[K]> {
    return this.#then('reduce', site => reduce(this.#of, f, site))
  }

  /**
   * Running values: for every row the fold of its key's rows so far, starting from `initial()`.
   * @example flights.keyBy('origin').scan(() => ({ flown: 0 }), (sum, f) => ({ flown: sum.flown + f.distance }))
   */
  scan<A>(
    this: Keyed<T, Key, 'bounded' | 'appending'>,
    initial: () => A,
    f: (accumulator: A, row: T) => A,
  ): DataStream<A, K> {
    return this.#then('scan', site => scan(this.#of, initial, f, site))
  }

  /**
   * A function of each row with declared state, event-time timers and side outputs. Of an updating collection it sees
   * the changes. See `ProcessSpec`.
   */
  process<S = {}, O = Refused<'emit what? declare emits: type<Row>() before onElement'>, D = {}>(
    spec: ProcessSpec<Seen<T>[K], Key, S, O, D>,
  ): Processed<O, Closed[K], D> {
    const node = planned('process', site => processed(this.#of, spec, site))
    return withSides(this.#of.scope, node)
  }

  /** `process`, with another collection whose rows every worker sees, and states that these change: `broadcast`. */
  connectBroadcast<R, RK extends Kind, S = {}, O = Refused<'emit what? declare emits: type<Row>()'>, D = {}>(
    other: DataStream<R, RK>,
    spec: KeyedBroadcastSpec<Seen<T>[K], Seen<R>[RK], Key, S, O, D>,
  ): Processed<O, Outcomes['connect'][K][RK], D> {
    const { scope, input, key } = this.#of
    const step: Step = site => connected(input, key, nodeIn(scope, other), spec, site)
    return withSides(scope, planned('connectBroadcast', step))
  }

  #then<U, L extends Kind>(operator: string, step: Step): DataStream<U, L> {
    return new DataStream(this.#of.scope, planned(operator, step))
  }
}

/**
 * Rows grouped by key and window; made by `window`. Results leave when the watermark has passed the window's end, and
 * carry its last millisecond as their time. Rows that come later than that are in the side output `late`.
 */
export class Windowed<out T, out Key, out K extends Kind> {
  declare protected readonly [phantom]: { row: T; key: Key; kind: K }
  readonly #of: WindowGrouping

  constructor(of: WindowGrouping) {
    this.#of = of
  }

  /**
   * A row for each key and window: the key's columns, `windowStart`, `windowEnd`, and the aggregates.
   * @example const daily = flights.eventTime('date').keyBy('origin').window(tumbling('1d')).aggregate({ worst: max('delay') })
   * daily.side('late')
   */
  aggregate<A extends Aggregates<T>>(
    spec: A | ((columns: ColumnsOf<T>) => A),
  ): Processed<Flat<Key & WindowColumns & Results<A>>, Closed[K], { late: T }> {
    return this.#then('aggregate', site => aggregate(this.#of, spec, site))
  }

  /** The rows of each key and window folded two by two into one like them. */
  reduce(f: (a: T, b: T) => T): Processed<T, Closed[K], { late: T }> {
    return this.#then('reduce', site => reduce(this.#of, f, site))
  }

  /**
   * What a function returns for all rows of a key and window: slice by slice, and within a slice as they came. Tumbling
   * windows have one slice, sliding ones one a slide.
   * @example flights.eventTime('date').keyBy('origin').window(tumbling('1d'))
   *   .apply((rows, { origin, windowStart }) => [{ origin, windowStart, first: rows[0]!.destination }])
   */
  apply<U>(
    f: (rows: readonly T[], window: Flat<Key & WindowColumns>) => Iterable<U>,
  ): Processed<U, Closed[K], { late: T }> {
    return this.#then('apply', site => apply(this.#of, f, site))
  }

  #then<U, L extends Kind>(operator: string, step: Step): Processed<U, L, { late: T }> {
    return withSides(this.#of.scope, planned(operator, step))
  }
}
