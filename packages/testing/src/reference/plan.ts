/**
 * What a plan means, computed from whole tables with arrays and objects: the twin of the optimiser and the runtime.
 *
 * Rows come in order, left before right, groups in the order of their first row. A row carries the watermark that is
 * in force when it arrives, made of the blocks of `everyRows` rows before its own; a window drops what is behind it.
 * Below a join that is the left's, for the right has ended by then; it is none where rows may have times of the right
 * alone, of which it says nothing: where right rows come out alone, and where the left has no times. Behind a sort it
 * is none.
 * Results of aggregates are those at the end, whatever the kind of the collection.
 */
import type { Schema } from '@millrace/algebra'
import {
  type AggregateCall,
  compareValues,
  type Expression,
  evaluate,
  hasEventTime,
  type KeySpec,
  type NodeOf,
  type PlanNode,
} from '@millrace/plan'

export interface Arrival {
  /** The row; of bare rows the value. */
  readonly value: unknown
  readonly time: number | undefined
  readonly watermark: number
}

/** Rows of each source, by its label. */
export type Tables = ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>

export function interpret(plan: readonly PlanNode[], tables: Tables): unknown[][] {
  const interpreter = new PlanTwin(tables)
  return plan.map(node => interpreter.rows(node).map(arrival => arrival.value))
}

type Fn = (...values: unknown[]) => unknown
type Row = Record<string, unknown>

const text = (value: unknown) =>
  JSON.stringify(value, (_, v) =>
    typeof v === 'bigint' ? `${v}n` : Object.is(v, -0) ? 0 : typeof v === 'number' && !Number.isFinite(v) ? `${v}` : v,
  )

function valueIn(row: unknown, expression: Expression): unknown {
  return evaluate(expression, name => (row as Row)[name])
}

function keyOf(row: unknown, key: KeySpec): unknown[] {
  return key.kind === 'function' ? [(key.fn as Fn)(row)] : key.columns.map(name => (row as Row)[name] ?? null)
}

function groups(rows: readonly Arrival[], key: (row: unknown) => unknown): Arrival[][] {
  const found = new Map<string, Arrival[]>()
  for (const arrival of rows) {
    const group = found.get(text(key(arrival.value)))
    if (group === undefined) found.set(text(key(arrival.value)), [arrival])
    else group.push(arrival)
  }
  return [...found.values()]
}

class PlanTwin {
  readonly #tables: Tables
  readonly #known = new Map<PlanNode, Arrival[]>()
  constructor(tables: Tables) {
    this.#tables = tables
  }

  /** Checks as it goes that every row has just the columns that its schema says, in order. */
  rows(node: PlanNode): Arrival[] {
    const known = this.#known.get(node) ?? this.#compute(node)
    this.#known.set(node, known)
    const names = node.schema.fields.map(f => f.name).join()
    for (const { value } of node.schema.bare ? [] : known)
      if (Object.keys(value as Row).join() !== names)
        throw new Error(`a row of ${node.kind} has columns ${Object.keys(value as Row)}, its schema ${names}`)
    return known
  }

  #compute(node: PlanNode): Arrival[] {
    switch (node.kind) {
      case 'source':
        return this.#source(node)
      case 'map':
        return this.rows(node.input).map(a => ({ ...a, value: (node.fn as Fn)(a.value) }))
      case 'flatMap':
        return this.rows(node.input).flatMap(a =>
          ((node.fn as Fn)(a.value) as unknown[]).map(value => ({ ...a, value })),
        )
      case 'filter':
        return this.rows(node.input).filter(a => (node.fn as Fn)(a.value))
      case 'where':
        return this.rows(node.input).filter(a => valueIn(a.value, node.predicate) === true)
      case 'project':
        return this.rows(node.input).map(a => ({
          ...a,
          value: Object.fromEntries(node.columns.map(c => [c.name, valueIn(a.value, c.expression)])),
        }))
      case 'eventTime':
        return this.#eventTime(node)
      case 'union':
        return node.inputs.flatMap(input => this.rows(input))
      case 'aggregate':
        return this.#aggregate(node)
      case 'reduce':
        return groups(this.rows(node.input), row => keyOf(row, node.key)).map(group =>
          group.reduce(({ time, watermark, value }, b) => ({
            time,
            watermark,
            value: (node.fn as Fn)(value, b.value),
          })),
        )
      case 'join':
        return this.#join(node)
      case 'distinct':
        return groups(this.rows(node.input), row => (node.key === null ? row : keyOf(row, node.key))).map(g => g[0]!)
      case 'sort':
        return this.#sort(node)
      case 'limit':
        return this.rows(node.input).slice(0, node.rows)
      case 'side':
        if (node.side !== 'late' || node.input.kind !== 'aggregate') throw new Error(`no twin of side ${node.side}`)
        return this.rows(node.input.input).filter(a => isLate(a, node.input as NodeOf<'aggregate'>))
      case 'stream':
      case 'rebalance':
      case 'sink':
        return this.rows(node.input)
      default:
        throw new Error(`no twin of ${node.kind}`)
    }
  }

  #source({ source, columns, predicates, schema }: NodeOf<'source'>): Arrival[] {
    const rows = this.#tables.get(source.label)!.filter(row => predicates.every(p => valueIn(row, p) === true))
    const value = (row: Row) => (schema.bare ? row.value : Object.fromEntries(columns.map(name => [name, row[name]])))
    return rows.map(row => ({ value: value(row), time: undefined, watermark: Number.NEGATIVE_INFINITY }))
  }

  #eventTime({ input, time, strategy }: NodeOf<'eventTime'>): Arrival[] {
    let latest = Number.NEGATIVE_INFINITY
    let watermark = latest
    return this.rows(input).map(({ value }, i) => {
      if (i % strategy.everyRows === 0) watermark = latest - strategy.disorderMs - 1
      const at = Number(typeof time === 'function' ? (time as Fn)(value) : valueIn(value, time))
      latest = Math.max(latest, at)
      return { value, time: at, watermark }
    })
  }

  #aggregate(node: NodeOf<'aggregate'>): Arrival[] {
    const { key, window } = node
    const rows = this.rows(node.input).filter(a => window === null || !isLate(a, node))
    const start = (a: Arrival) => (window === null ? 0 : Math.floor(a.time! / window.sizeMs) * window.sizeMs)
    const starts = new Map(rows.map(a => [a.value, start(a)]))
    const whole = key === null && window === null && rows.length === 0 ? [[]] : []
    const grouped = groups(rows, row => [key === null ? null : keyOf(row, key), starts.get(row)])
    return [...whole, ...grouped].map(group => {
      const values = group.map(a => a.value)
      const keys = key === null ? [] : keyOf(values[0], key)
      const times = window === null ? [] : [start(group[0]!), start(group[0]!) + window.sizeMs]
      const results = node.aggregates.map(call => aggregated(values, call))
      const cells = [...keys, ...times, ...results].map((v, i) => [node.schema.fields[i]!.name, v] as const)
      return {
        value: Object.fromEntries(cells),
        time: times[1] === undefined ? undefined : times[1] - 1,
        watermark: Number.NEGATIVE_INFINITY,
      }
    })
  }

  #join(node: NodeOf<'join'>): Arrival[] {
    const { how, leftKey, rightKey } = node
    const left = this.rows(node.left)
    const right = this.rows(node.right)
    const isPair = (l: Arrival, r: Arrival) => {
      const [a, b] = [keyOf(l.value, leftKey), keyOf(r.value, rightKey)]
      return !a.includes(null) && text(a) === text(b)
    }
    const partnersOf = (l: Arrival) => right.filter(r => isPair(l, r))
    if (how === 'semi') return left.filter(l => partnersOf(l).length > 0)
    if (how === 'anti') return left.filter(l => partnersOf(l).length === 0)
    const pairs = left.flatMap((l): [Arrival | null, Arrival | null][] => {
      const partners = partnersOf(l)
      return partners.length === 0 && (how === 'left' || how === 'full') ? [[l, null]] : partners.map(r => [l, r])
    })
    const keepsRight = how === 'right' || how === 'full'
    const lonely = keepsRight ? right.filter(r => !left.some(l => isPair(l, r))) : []
    return [...pairs, ...lonely.map((r): [null, Arrival] => [null, r])].map(([l, r]) => ({
      value: joinedRow(node, l?.value ?? null, r?.value ?? null),
      time: [l?.time, r?.time].reduce((a, b) => (a === undefined || (b !== undefined && b > a) ? b : a)),
      watermark: keepsRight || !hasEventTime(node.left) ? Number.NEGATIVE_INFINITY : l!.watermark,
    }))
  }

  #sort({ input, by }: NodeOf<'sort'>): Arrival[] {
    const rank = (row: unknown) => by.map(term => valueIn(row, term.expression))
    const compare = (a: unknown, b: unknown) => {
      if (a === null || b === null) return Number(a === null) - Number(b === null)
      return compareValues(a, b)
    }
    const rows = this.rows(input).map(row => ({ ...row, watermark: Number.NEGATIVE_INFINITY }))
    return rows.sort((a, b) => {
      const [x, y] = [rank(a.value), rank(b.value)]
      for (const [i, { descending }] of by.entries())
        if (compare(x[i], y[i]) !== 0)
          return compare(x[i], y[i]) * (descending && x[i] !== null && y[i] !== null ? -1 : 1)
      return 0
    })
  }
}

function isLate({ time, watermark }: Arrival, { window }: NodeOf<'aggregate'>): boolean {
  return (Math.floor(time! / window!.sizeMs) + 1) * window!.sizeMs - 1 <= watermark
}

function aggregated(rows: readonly unknown[], { aggregate, argument }: AggregateCall): unknown {
  const values = argument === null ? rows : rows.map(row => valueIn(row, argument)).filter(v => v !== null)
  if (aggregate === 'count') return values.length
  if (values.length === 0) return null
  if (aggregate === 'min') return values.toSorted(compareValues)[0]
  if (aggregate === 'max') return values.toSorted(compareValues).at(-1)
  const sum = (values as number[]).reduce((a, b) => a + b)
  return aggregate === 'sum' ? sum : sum / values.length
}

function joinedRow(
  { columns, select, schema, left, right, leftKey, rightKey }: NodeOf<'join'>,
  l: unknown,
  r: unknown,
) {
  if (columns === null) return (select as unknown as Fn)(l, r)
  const cell = (row: unknown, { fields }: Schema, column: number) =>
    row === null ? null : (row as Row)[fields[column]!.name]
  const values = columns.map(({ side, column }) => {
    if (side === 'left') return cell(l, left.schema, column)
    if (side === 'right') return cell(r, right.schema, column)
    return l === null ? keyOf(r, rightKey)[column] : keyOf(l, leftKey)[column]
  })
  return Object.fromEntries(values.map((value, i) => [schema.fields[i]!.name, value]))
}
