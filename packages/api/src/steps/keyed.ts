/** Steps by keyed functions: reduce, scan, process, and functions over the rows of a window. */
import { Schema } from '@millrace/algebra'
import {
  type CallSite,
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

export function processed<T, Key, S, O, D>(
  { input, key }: Grouping,
  spec: ProcessSpec<T, Key, S, O, D>,
  site: Site,
): PlanNode {
  checkOptions('process', spec, ['state', 'emits', 'sides', 'onElement', 'onTimer'])
  const { state, emits, sides, onElement, onTimer } = spec
  checkFunction('onElement', onElement)
  if (onTimer !== undefined) checkFunction('onTimer', onTimer)
  const declaredState: Record<string, Declared<unknown>> = state ?? {}
  const declaredSides: Record<string, RowSchema<unknown>> = sides ?? {}
  return processNode({
    input,
    key,
    state: mapped(declaredState, (name, declared) => stateSpec(name, declared)),
    sides: mapped(declaredSides, (name, rows) => rowSchema(`side output ${name}`, rows)),
    schema: emits === undefined ? Schema.opaque : rowSchema('emits', emits),
    // Bound to the spec, so that they may be written as methods of it that use `this`.
    onElement: onElement.bind(spec),
    onTimer: onTimer?.bind(spec),
    site,
  })
}

const kinds = ['value', 'list', 'map', 'reducing', 'aggregating']

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
