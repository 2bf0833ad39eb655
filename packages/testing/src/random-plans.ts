/** Random plans over random small tables, for property tests: of the optimiser, and of the runtime against the twin. */
import { field, Schema } from '@millrace/algebra'
import {
  type AggregateCall,
  aggregateNode,
  call,
  cast,
  column,
  distinctNode,
  type Expression,
  eventTimeNode,
  functionNode,
  hasEventTime,
  inputsOf,
  type JoinHow,
  joinNode,
  type KeySpec,
  limitNode,
  literal,
  MillraceError,
  nodesOf,
  type PlanNode,
  projectNode,
  rebalanceNode,
  reduceNode,
  sideNode,
  sortNode,
  sourceNode,
  unionNode,
  whereNode,
} from '@millrace/plan'
import fc, { type GeneratorValue } from 'fast-check'
import { constantOf, rowOf, sampleValues } from './expressions.ts'
import type { Tables } from './reference/plan.ts'

export interface RandomPlan {
  /** All of what a job computes; some nodes are shared. */
  readonly plan: readonly PlanNode[]
  readonly tables: Tables
}

const kinds = ['int32', 'double', 'text', 'boolean', 'timestamp', 'bigint'] as const
type Kind = (typeof kinds)[number]
const hows: readonly JoinHow[] = ['inner', 'left', 'right', 'full', 'semi', 'anti']
const site = undefined

/** Depends on every column, as a user's function may. */
const digest = (row: unknown) =>
  [...JSON.stringify(row, (_, v) => (typeof v === 'bigint' ? `${v}` : v))].reduce(
    (h, c) => (h * 31 + c.codePointAt(0)!) | 0,
    7,
  )

/** Plans of up to `size` nodes above the sources, with one to three roots. */
export function randomPlans({ size = 8 }: { readonly size?: number } = {}): fc.Arbitrary<RandomPlan> {
  return fc.gen().map(g => new PlanMaker(g).make(size))
}

/**
 * Something depends on a sum of doubles to its last digit: a filter, a key, a function. Sums are compensated, but what is put
 * together in another order, or in two steps as several workers do it, may still round otherwise; and a condition on that
 * takes a row that another order does not. Such a plan has no one meaning to compare with.
 */
export function dependsOnRounding(plan: readonly PlanNode[]): boolean {
  const rounded = new Map<PlanNode, boolean>()
  const isRounded = (node: PlanNode): boolean => {
    const known = rounded.get(node)
    if (known !== undefined) return known
    const is = rounds(node) || inputsOf(node).some(isRounded)
    rounded.set(node, is)
    return is
  }
  return nodesOf(plan).some(node => !passesOn(node) && inputsOf(node).some(isRounded))
}

function rounds(node: PlanNode): boolean {
  if (node.kind !== 'aggregate') return false
  return node.aggregates.some(
    ({ aggregate, argument }) => (aggregate === 'sum' || aggregate === 'avg') && argument?.type.kind === 'double',
  )
}

/** It looks at no value. */
function passesOn(node: PlanNode): boolean {
  if (node.kind === 'project') return node.columns.every(({ expression }) => expression.kind === 'column')
  return ['union', 'rebalance', 'stream', 'side', 'limit', 'sink'].includes(node.kind)
}

class PlanMaker {
  readonly #g: GeneratorValue
  readonly #tables = new Map<string, Record<string, unknown>[]>()
  readonly #nodes: PlanNode[] = []
  /** Distinguishes the columns that a node adds. */
  #serial = 0

  constructor(g: GeneratorValue) {
    this.#g = g
  }

  make(size: number): RandomPlan {
    for (let i = this.#upTo(2); i >= 0; i--) this.#nodes.push(this.#source())
    for (let i = this.#upTo(size); i > 0; i--) this.#nodes.push(this.#step())
    const roots = [this.#nodes.at(-1)!]
    for (let i = this.#upTo(2); i > 0; i--) roots.push(this.#pick(this.#nodes))
    return { plan: roots, tables: this.#tables }
  }

  /** A new builder each time: known ones are looked up by comparing all their earlier arguments. */
  #draw<T>(arbitrary: fc.Arbitrary<T>): T {
    return this.#g(() => arbitrary)
  }

  #upTo(greatest: number): number {
    return this.#draw(fc.nat({ max: greatest }))
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#upTo(from.length - 1)]!
  }

  #often(): boolean {
    return this.#upTo(3) > 0
  }

  /** The newer the node the likelier, so that plans grow deep. */
  #input(): PlanNode {
    return this.#often() ? this.#nodes.at(-1)! : this.#pick(this.#nodes)
  }

  #source(): PlanNode {
    const label = `t${this.#serial++}`
    const columns = ['id', 'other', ...kinds].map(name =>
      field(name, name === 'id' || name === 'other' ? 'int32' : (name as Kind), this.#upTo(2) === 0),
    )
    const schema = Schema.record(columns)
    this.#tables.set(label, this.#draw(fc.array(rowOf(schema), { maxLength: 8 })))
    const prunes = this.#often()
    const accepting = this.#often()
    const accepts = (e: Expression) => accepting && e.kind === 'call' && e.operands.length === 2
    return sourceNode({ source: { label, schema, bounded: true, prunes, accepts }, site })
  }

  #step(): PlanNode {
    const input = this.#input()
    if (Schema.isOpaque(input.schema)) return this.#declared(input)
    switch (this.#upTo(12)) {
      case 0:
      case 1:
      case 2:
        return whereNode({ input, predicate: this.#expression(input, 'boolean', this.#often()), site })
      case 3:
        return this.#project(input)
      case 4:
      case 5:
        return this.#join(input)
      case 6:
        return this.#union(input)
      case 7:
        return this.#aggregate(input)
      case 8:
        return this.#timed(input)
      case 9:
        return this.#function(input)
      case 10:
        return this.#whole(input)
      default:
        return this.#window(input)
    }
  }

  /** Shallow ones, most about one or two columns: what people write, and what rules are about. */
  #expression(input: PlanNode, kind: Kind, total = true, depth = 2): Expression {
    const one = (of: Kind) => this.#expression(input, of, total, depth - 1)
    if (depth === 0 || !this.#often()) return this.#leaf(input, kind)
    switch (kind) {
      case 'boolean':
        return this.#condition(input, total, depth)
      case 'double':
        return total || this.#often()
          ? call(this.#pick(['plus', 'divide'] as const), [one('double'), one('int32')])
          : cast(one('text'), kind)
      case 'text':
        return call('concat', [one('text'), cast(one('int32'), 'text')])
      case 'int32':
        return total ? call('length', [one('text')]) : cast(one('double'), kind)
      case 'bigint':
        return total ? this.#leaf(input, kind) : call('plus', [one(kind), one(kind)])
      case 'timestamp':
        return call('plus', [one(kind), one('int32')])
    }
  }

  #leaf({ schema }: PlanNode, kind: Kind): Expression {
    const names = schema.fields.filter(f => f.type.kind === kind).map(f => f.name)
    if (names.length > 0 && this.#often()) return column(schema, this.#pick(names))
    return constantOf(kind, this.#often() ? this.#pick(sampleValues[kind]) : null)
  }

  #condition(input: PlanNode, total: boolean, depth: number): Expression {
    const one = (of: Kind) => this.#expression(input, of, total, depth - 1)
    const kind = this.#pick(kinds)
    switch (this.#upTo(5)) {
      case 0:
        return call('and', [one('boolean'), one('boolean')])
      case 1:
        return call('or', [one('boolean'), one('boolean')])
      case 2:
        return call('not', [call('isNull', [one(kind)])])
      default:
        return call(this.#pick(['eq', 'ne', 'lt', 'ge'] as const), [one(kind), this.#leaf(input, kind)])
    }
  }

  #columnsOf({ schema }: PlanNode): string[] {
    const names = schema.fields.map(f => f.name)
    return this.#draw(fc.subarray(names, { minLength: 1, maxLength: Math.min(2, names.length) }))
  }

  #project(input: PlanNode): PlanNode {
    const all = input.schema.fields.map(f => f.name)
    const names = this.#draw(fc.subarray(all, { minLength: 1 }))
    const columns = names.map(name => ({ name, expression: column(input.schema, name) as Expression }))
    if (!this.#often()) columns.push(...this.#renamed(input, columns.pop()!.name))
    if (this.#often()) {
      const kind = this.#pick(kinds)
      columns.push({ name: `x${this.#serial++}`, expression: this.#expression(input, kind, this.#often()) })
    }
    return projectNode({ input, columns, site })
  }

  /** A column under the name of another of its type. */
  #renamed({ schema }: PlanNode, name: string): { name: string; expression: Expression }[] {
    const { type } = schema.fields[Schema.indexOf(schema, name)]!
    const alike = schema.fields.filter(f => f.type.kind === type.kind)
    return [{ name, expression: column(schema, this.#pick(alike).name) }]
  }

  #join(left: PlanNode): PlanNode {
    const right = this.#pick(this.#nodes.filter(n => !Schema.isOpaque(n.schema)))
    const names = (node: PlanNode, kind: string) =>
      node.schema.fields.filter(f => f.type.kind === kind).map(f => f.name)
    const kind = this.#pick(left.schema.fields).type.kind
    const candidates = names(right, kind)
    if (candidates.length === 0) return this.#project(left)
    const leftKey: KeySpec = { kind: 'columns', columns: [this.#pick(names(left, kind))] }
    const rightKey: KeySpec = { kind: 'columns', columns: [this.#pick(candidates)] }
    const how = this.#pick(hows)
    const broadcast = how !== 'right' && how !== 'full' && this.#upTo(2) === 0
    const strategy = broadcast ? 'broadcast' : 'hash'
    const spec = { left, right, how, strategy, leftKey, rightKey, site } as const
    try {
      return joinNode(spec)
    } catch (error) {
      if (!(error instanceof MillraceError && error.code === 'COLUMN_CLASH')) throw error
      return joinNode({ ...spec, prefix: `r${this.#serial++}_` })
    }
  }

  /** With a node that has the same columns, made so if need be. */
  #union(input: PlanNode): PlanNode {
    const other = this.#pick(this.#nodes)
    const fits = (f: { name: string; type: { kind: string } }) =>
      other.schema.fields.some(o => o.name === f.name && o.type.kind === f.type.kind)
    const shared = Schema.isOpaque(other.schema) ? [] : input.schema.fields.filter(fits)
    if (shared.length === 0) return unionNode({ inputs: [input, input], site })
    const aligned = (node: PlanNode) =>
      projectNode({
        input: node,
        columns: shared.map(({ name }) => ({ name, expression: column(node.schema, name) })),
        site,
      })
    return unionNode({ inputs: [aligned(input), aligned(other)], site })
  }

  #aggregates(input: PlanNode): AggregateCall[] {
    const name = `n${this.#serial++}`
    const argument = this.#expression(input, this.#pick(['double', 'int32'] as const))
    const all = ['count', 'sum', 'avg', 'min', 'max'] as const
    const calls: AggregateCall[] = [{ name: `${name}_all`, aggregate: 'count', argument: null }]
    if (this.#often()) calls.push({ name, aggregate: this.#pick(all), argument })
    return calls
  }

  #aggregate(input: PlanNode): PlanNode {
    const key: KeySpec | null = this.#often() ? { kind: 'columns', columns: this.#columnsOf(input) } : null
    return aggregateNode({ input, key, window: null, aggregates: this.#aggregates(input), site })
  }

  #timed(input: PlanNode): PlanNode {
    const time = this.#often() ? this.#expression(input, 'timestamp') : (row: unknown) => Math.abs(digest(row))
    const strategy = { disorderMs: this.#pick([0, 1000]), idleMs: undefined, everyRows: 1 + this.#upTo(1) }
    return eventTimeNode({ input, time, strategy, site })
  }

  #window(any: PlanNode): PlanNode {
    const windowed = any.schema.fields.some(f => f.name.startsWith('window'))
    if (windowed) return this.#project(any)
    const input = hasEventTime(any) ? any : this.#timed(any)
    const key: KeySpec = { kind: 'columns', columns: this.#columnsOf(input) }
    const size = 3_600_000
    const window = { kind: 'tumbling', sizeMs: size, slideMs: size, offsetMs: 0 } as const
    const node = aggregateNode({ input, key, window, aggregates: this.#aggregates(input), site })
    if (this.#often()) return node
    this.#nodes.push(node)
    return sideNode({ input: node, side: 'late', site })
  }

  #function(input: PlanNode): PlanNode {
    const kind = this.#pick(['map', 'filter', 'flatMap'] as const)
    if (kind === 'filter') return functionNode({ input, kind, fn: (row: unknown) => digest(row) % 4 !== 0, site })
    // No -0, which a column of int32 does not hold.
    const row = (value: unknown) => ({ id: (digest(value) % 3) + 0, other: (digest(value) % 5) + 0 })
    const fn = kind === 'map' ? row : (value: unknown) => (digest(value) % 3 === 0 ? [] : [row(value), row(value)])
    const schema = Schema.record([field('id', 'int32'), field('other', 'int32')])
    return functionNode({ input, kind, fn, site, ...(this.#often() && { schema }) })
  }

  /** What is known of opaque rows here: they have the columns that `#function` gives them. */
  #declared(input: PlanNode): PlanNode {
    const columns = ['id', 'other'].map(name => ({ name, expression: column(input.schema, name) }))
    if (this.#often()) return projectNode({ input, columns, site })
    return aggregateNode({ input, key: { kind: 'columns', columns: ['id'] }, window: null, aggregates: [], site })
  }

  #whole(input: PlanNode): PlanNode {
    const key: KeySpec = { kind: 'columns', columns: this.#columnsOf(input) }
    const least = (a: unknown, b: unknown) => (digest(a) < digest(b) ? a : b)
    switch (this.#upTo(5)) {
      case 0:
        return distinctNode({ input, key: this.#often() ? null : key, site })
      case 1:
        return sortNode({
          input,
          by: [{ expression: this.#expression(input, 'double'), descending: this.#often() }],
          site,
        })
      case 2:
        return limitNode({ input, rows: this.#upTo(6), site })
      case 3:
        return reduceNode({ input, key, window: null, fn: least, site })
      case 4:
        return rebalanceNode({ input, site })
      default:
        return whereNode({ input, predicate: literal(true), site })
    }
  }
}
