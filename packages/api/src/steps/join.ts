/** Joins: what `on`, `how`, `prefix` and `strategy` mean, and which pairs of collections can be joined. */
import { Schema } from '@millrace/algebra'
import {
  type CallSite,
  type JoinHow,
  type JoinNode,
  joinNode,
  type KeySpec,
  MillraceError,
  type PlanNode,
  type UserFunction,
  unknownName,
} from '@millrace/plan'
import { labelled } from './function.ts'
import { checkFunction, checkOptions } from './options.ts'

export interface JoinArguments {
  readonly on: unknown
  readonly how?: JoinHow
  readonly prefix?: string
  readonly strategy?: JoinNode['strategy']
}

const hows: readonly string[] = ['inner', 'left', 'right', 'full', 'semi', 'anti'] satisfies JoinHow[]
const strategies: readonly string[] = ['hash', 'broadcast'] satisfies JoinNode['strategy'][]

export function join(
  left: PlanNode,
  right: PlanNode,
  options: JoinArguments,
  select: UserFunction | undefined,
  site: CallSite | undefined,
): PlanNode {
  checkOptions('join', options, ['on', 'how', 'prefix', 'strategy'])
  const { on, how = 'inner', prefix, strategy = 'hash' } = options
  if (!hows.includes(how)) throw unknownName('INVALID_OPTION', 'how of join', String(how), hows)
  if (!strategies.includes(strategy))
    throw unknownName('INVALID_OPTION', 'strategy of join', String(strategy), strategies)
  checkPair(left, right, how)
  const [leftKey, rightKey] = keysOf(on)
  if (select !== undefined) checkFunction('join', select)
  const spec = { left, right, how, strategy, leftKey, rightKey, prefix, select, site }
  const absent = { left: how === 'right' || how === 'full', right: how === 'left' || how === 'full' }
  if (select === undefined && absent.left) checkDeclared('left', left)
  if (select === undefined && absent.right) checkDeclared('right', right)
  const node = joinNode(spec)
  if (node.select === null || !(absent.left || absent.right)) return node
  // Merged rows take a shared key from the side that is there.
  const shared = sharedNames(leftKey, rightKey)
  const [noLeft, noRight] = [left, right].map(({ schema }) => absentRow(schema, shared))
  const made = node.select as (left: unknown, right: unknown) => unknown
  const given = (l: unknown, r: unknown) => made(l ?? noLeft, r ?? noRight)
  return joinNode({ ...spec, select: labelled(node.select.name || 'select', given) })
}

function sharedNames(left: KeySpec, right: KeySpec): readonly string[] {
  if (left.kind !== 'columns' || right.kind !== 'columns') return []
  return left.columns.filter((name, i) => right.columns[i] === name)
}

/** The columns of rows that may have no partner must be known, to be null. */
function checkDeclared(side: string, { schema }: PlanNode): void {
  if (!Schema.isOpaque(schema)) return
  throw new MillraceError('TYPE_MISMATCH', `unknown columns: those of the ${side} side are not declared`, {
    hint: 'declare them with .as({ name: text, ... }), or make the row: .join(other, options, (left, right) => ...)',
  })
}

/** What a function sees where there is no partner: a row whose every column, but for some, is null. */
function absentRow(schema: Schema, except: readonly string[]): unknown {
  if (Schema.isOpaque(schema)) return new Proxy(Object.freeze({}), { get: () => null })
  if (schema.bare) return null
  const names = schema.fields.map(({ name }) => name).filter(name => !except.includes(name))
  return Object.freeze(Object.fromEntries(names.map(name => [name, null])))
}

function keysOf(on: unknown): readonly [KeySpec, KeySpec] {
  if (typeof on === 'string') return [byColumns([on]), byColumns([on])]
  if (Array.isArray(on)) {
    const [left, right] = on
    if (on.length === 2 && typeof left === 'string' && typeof right === 'string')
      return [byColumns([left]), byColumns([right])]
    if (on.length === 2 && typeof left === 'function' && typeof right === 'function')
      return [
        { kind: 'function', fn: left },
        { kind: 'function', fn: right },
      ]
  } else if (typeof on === 'object' && on !== null) {
    const pairs = Object.entries(on)
    if (pairs.length > 0 && pairs.every(([, name]) => typeof name === 'string'))
      return [byColumns(pairs.map(([name]) => name)), byColumns(pairs.map(([, name]) => name))]
  }
  throw new MillraceError('INVALID_ARGUMENT', `${on === undefined ? 'missing' : 'invalid'} on of join`, {
    hint: 'give a column both have, [left, right] as columns or functions, or { left: "right" }',
  })
}

function byColumns(columns: readonly string[]): KeySpec {
  return { kind: 'columns', columns }
}

/** A side that does not end can only be streamed past one that has ended. */
function checkPair(left: PlanNode, right: PlanNode, how: JoinHow): void {
  const pair = `${left.collection} with ${right.collection}, ${how}`
  if (right.collection !== 'bounded')
    throw new MillraceError('UNSUPPORTED', `invalid join: ${pair}`, {
      hint: 'the right side must be a DataSet: env.dataset(...), or put the stream on the left',
    })
  if (left.collection !== 'bounded' && (how === 'right' || how === 'full'))
    throw new MillraceError('UNSUPPORTED', `invalid join: ${pair}`, {
      hint: 'rows of the right without a partner are only known when the left has ended: both sides must be DataSets',
    })
}
