/**
 * Which columns of each node's rows are needed by those that consume them.
 *
 * From the roots, which need everything, down: a node needs of its inputs what its own needed columns are made of,
 * and what it looks at itself. User functions and sinks look at everything. Where nothing is needed (a count of all
 * rows) the cheapest column is, because rows have to be there to be counted.
 */
import type { Schema, TypeKind } from '@millrace/algebra'
import { inputsOf } from '../children.ts'
import { columnsOf } from '../expression/traverse.ts'
import type { AggregateNode, JoinNode, KeySpec, PlanNode } from '../node.ts'
import { nodesOf } from '../traverse.ts'

/** Names of columns; of bare rows, which are whole, it says nothing. */
export type Columns = ReadonlySet<string>

export interface Required {
  /** What all consumers of a node together need of it. */
  readonly of: ReadonlyMap<PlanNode, Columns>
  /** What a node needs of each of its inputs. */
  readonly from: ReadonlyMap<PlanNode, readonly Columns[]>
}

type Needs = Iterable<string> | 'all'

export function requiredColumns(plan: readonly PlanNode[]): Required {
  const of = new Map<PlanNode, Set<string>>()
  const from = new Map<PlanNode, readonly Columns[]>()
  /** Late rows are rows of the window's input. */
  const late = new Map<PlanNode, Columns>()
  const need = (node: PlanNode, names: Columns) => of.set(node, new Set([...(of.get(node) ?? []), ...names]))
  for (const node of plan) need(node, known(node.schema, 'all'))
  for (const node of nodesOf(plan).reverse()) {
    if (of.get(node)!.size === 0 && choosesColumns(node)) need(node, new Set([cheapest(node.schema)]))
    const own = of.get(node)!
    if (node.kind === 'side' && node.side === 'late') late.set(node.input, own)
    const needs = inputsOf(node).map((input, i) => {
      const looked = needsOf(node, own, i)
      return known(input.schema, looked === 'all' ? looked : [...looked, ...(late.get(node) ?? [])])
    })
    from.set(node, needs)
    for (const [i, input] of inputsOf(node).entries()) need(input, needs[i]!)
  }
  return { of, from }
}

function known({ fields }: Schema, needs: Needs): Columns {
  const all = new Set(fields.map(f => f.name))
  return needs === 'all' ? all : new Set([...needs].filter(name => all.has(name)))
}

/** Whether the node, given nothing to do, would have no column left: others pass on what their inputs have. */
function choosesColumns(node: PlanNode): boolean {
  if (node.kind === 'source') return node.predicates.length === 0
  if (node.kind === 'join') return node.columns !== null && !isFilter(node)
  return node.kind === 'project' || node.kind === 'union'
}

/** What is needed of input `i`, given what is needed of the node. */
function needsOf(node: PlanNode, own: Columns, i: number): Needs {
  switch (node.kind) {
    case 'where':
      return [...own, ...columnsOf(node.predicate)]
    case 'project':
      return node.columns.filter(c => own.has(c.name)).flatMap(c => [...columnsOf(c.expression)])
    case 'eventTime':
      return typeof node.time === 'function' ? 'all' : [...own, ...columnsOf(node.time)]
    case 'sort':
      return [...own, ...node.by.flatMap(term => [...columnsOf(term.expression)])]
    case 'distinct':
      return node.key?.kind === 'columns' ? [...own, ...node.key.columns] : 'all'
    case 'union':
    case 'limit':
    case 'stream':
    case 'rebalance':
      return own
    case 'aggregate':
      return aggregateNeeds(node)
    case 'join':
      return joinNeeds(node, own, i === 0 ? 'left' : 'right')
    case 'side':
      return []
    default:
      return 'all'
  }
}

/** Whether the join lets rows of the left through as they are. */
export function isFilter({ how }: JoinNode): boolean {
  return how === 'semi' || how === 'anti'
}

/** The columns of its input that an aggregate looks at. */
function aggregateNeeds({ key, aggregates }: AggregateNode): Needs {
  if (key?.kind === 'function' || aggregates.some(call => typeof call.aggregate !== 'string')) return 'all'
  const keys = key?.columns ?? []
  return [...keys, ...aggregates.flatMap(call => (call.argument === null ? [] : [...columnsOf(call.argument)]))]
}

/** The columns of one side that a join looks at or hands on. */
function joinNeeds(node: JoinNode, own: Columns, side: 'left' | 'right'): Needs {
  const key: KeySpec = node[side === 'left' ? 'leftKey' : 'rightKey']
  if (key.kind === 'function' || node.columns === null) return 'all'
  const handedOn = node.columns.filter((c, i) => c.side === side && own.has(node.schema.fields[i]!.name))
  return [...key.columns, ...handedOn.map(c => node[side].schema.fields[c.column]!.name)]
}

/** Roughly the bytes of a value. */
const costs: Readonly<Record<TypeKind, number>> = {
  boolean: 1,
  int32: 4,
  timestamp: 8,
  double: 8,
  bigint: 9,
  text: 16,
  any: 64,
}

function cheapest({ fields }: Schema): string {
  return fields.reduce((a, b) => (costs[b.type.kind] < costs[a.type.kind] ? b : a)).name
}
