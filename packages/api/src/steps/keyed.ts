/** Steps by keyed functions: reduce, scan, process, and functions over the rows of a window. */
import { Schema } from '@millrace/algebra'
import {
  type CallSite,
  connectBroadcastNode,
  type KeySpec,
  MillraceError,
  type PlanNode,
  processNode,
  reduceNode,
  type StateSpec,
  scanNode,
  type UserFunction,
  unknownName,
  windowProcessNode,
} from '@millrace/plan'
import { declaredRows, type RowSchema } from '@millrace/runtime'
import type { KeyedBroadcastSpec } from '../broadcast.ts'
import type { Grouping, WindowGrouping } from '../grouping.ts'
import type { ProcessSpec } from '../process.ts'
import type { Declared } from '../state-handles.ts'
import { checkFunction, checkOptions } from './options.ts'

type Site = CallSite | undefined

export function reduce(of: Grouping, fn: UserFunction, site: Site): PlanNode {
  checkFunction('reduce', fn)
  return reduceNode({ ...of, fn, site })
}

export function scan(of: Grouping, initial: () => unknown, fn: UserFunction, site: Site): PlanNode {
  checkFunction('scan', initial)
  checkFunction('scan', fn)
  return scanNode({ ...of, initial, fn, site })
}

export function apply(of: WindowGrouping, fn: UserFunction, site: Site): PlanNode {
  checkFunction('apply', fn)
  return windowProcessNode({ ...of, fn, site })
}

const declarations = ['state', 'emits', 'sides', 'onElement', 'onTimer']

export function processed<T, Key, S, O, D>(
  { input, key }: Grouping,
  spec: ProcessSpec<T, Key, S, O, D>,
  site: Site,
): PlanNode {
  checkOptions('process', spec, declarations)
  return processNode({ input, key, ...declared(spec), site })
}

/** @param key null: there is none */
export function connected<T, R, Key, S, O, D>(
  input: PlanNode,
  key: KeySpec | null,
  broadcast: PlanNode,
  spec: KeyedBroadcastSpec<T, R, Key, S, O, D>,
  site: Site,
): PlanNode {
  checkOptions('connectBroadcast', spec, [...declarations, 'onBroadcast'])
  const { onBroadcast } = spec
  checkFunction('onBroadcast', onBroadcast)
  return connectBroadcastNode({ input, key, broadcast, ...declared(spec), onBroadcast: onBroadcast.bind(spec), site })
}

interface Spec {
  readonly state?: object | undefined
  readonly emits?: RowSchema<unknown> | undefined
  readonly sides?: object | undefined
  readonly onElement: UserFunction
  readonly onTimer?: UserFunction | undefined
}

/** What the spec of a user's function says. */
function declared(spec: object) {
  const { state, emits, sides, onElement, onTimer } = spec as Spec
  checkFunction('onElement', onElement)
  if (onTimer !== undefined) checkFunction('onTimer', onTimer)
  const states = (state ?? {}) as Record<string, Declared<unknown>>
  const outputs = (sides ?? {}) as Record<string, RowSchema<unknown>>
  return {
    state: mapped(states, (name, of) => stateSpec(name, of)),
    sides: mapped(outputs, (name, rows) => rowSchema(`side output ${name}`, rows)),
    schema: emits === undefined ? Schema.opaque : rowSchema('emits', emits),
    // Bound to the spec, so that they may be written as methods of it that use `this`.
    onElement: onElement.bind(spec) as UserFunction,
    onTimer: onTimer?.bind(spec) as UserFunction | undefined,
  }
}

const kinds = ['value', 'list', 'map', 'broadcast', 'reducing', 'aggregating']

function stateSpec(name: string, declared: Declared<unknown>): StateSpec {
  const spec = declared?.spec
  if (spec === undefined)
    throw new MillraceError('INVALID_ARGUMENT', `invalid state ${JSON.stringify(name)}: ${String(declared)}`, {
      hint: 'declare it as value<T>(), list<T>(), map<K, V>(), reducing(...) or aggregating(...)',
    })
  if (!kinds.includes(spec.kind)) throw unknownName('INVALID_ARGUMENT', 'kind of state', String(spec.kind), kinds)
  return spec
}

function rowSchema(what: string, rows: RowSchema<unknown>): Schema {
  const { schema, validate } = declaredRows(rows)
  if (schema === undefined || validate !== undefined)
    throw new MillraceError('INVALID_ARGUMENT', `invalid ${what}: a validator`, {
      hint: 'declare rows as type<Row>(), or as columns: row({ name: text })',
    })
  return schema
}

function mapped<A, B>(named: Readonly<Record<string, A>>, f: (name: string, value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, f(name, value)]))
}
