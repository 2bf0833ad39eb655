/** Joins: what `on`, `how` and `prefix` mean, and which pairs of collections can be joined. */
import {
  type CallSite,
  type JoinHow,
  joinNode,
  type KeySpec,
  MillraceError,
  type PlanNode,
  type UserFunction,
  unknownName,
} from '@millrace/plan'
import { checkOptions } from './options.ts'

export interface JoinArguments {
  readonly on: unknown
  readonly how?: JoinHow
  readonly prefix?: string
}

const hows: readonly string[] = ['inner', 'left', 'right', 'full', 'semi', 'anti'] satisfies JoinHow[]

export function join(
  left: PlanNode,
  right: PlanNode,
  options: JoinArguments,
  select: UserFunction | undefined,
  site: CallSite | undefined,
): PlanNode {
  checkOptions('join', options, ['on', 'how', 'prefix'])
  const { on, how = 'inner', prefix } = options
  if (!hows.includes(how)) throw unknownName('INVALID_OPTION', 'how of join', String(how), hows)
  checkPair(left, right, how)
  const [leftKey, rightKey] = keysOf(on)
  return joinNode({ left, right, how, leftKey, rightKey, prefix, select, site })
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
