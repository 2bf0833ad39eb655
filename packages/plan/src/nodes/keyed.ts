/** Nodes that call a user's functions by key: reduce, window process, scan, process. */
import { Schema } from '@millrace/algebra'
import { MillraceError } from '../error.ts'
import { requireEventTime } from '../event-time.ts'
import type {
  KeySpec,
  PlanNode,
  ProcessNode,
  ReduceNode,
  ScanNode,
  UserFunction,
  WindowProcessNode,
  WindowSpec,
} from '../node.ts'
import { closed, grouped } from '../outcomes.ts'
import type { StateSpec } from '../state-spec.ts'
import { frozenKey, keyFields, type Place } from './place.ts'
import { frozenWindow } from './window.ts'

interface ByKey extends Place {
  readonly input: PlanNode
  readonly key: KeySpec
  readonly fn: UserFunction
  /** What the function returns; opaque unless declared. */
  readonly schema?: Schema
}

/** The rows of each key folded two by two into one like them. */
export function reduceNode(spec: Omit<ByKey, 'schema'> & { readonly window: WindowSpec | null }): ReduceNode {
  const { input, fn, site, name } = spec
  keyFields(input.schema, spec.key, spec)
  const window = spec.window === null ? null : frozenWindow(spec.window, spec)
  if (window !== null) requireEventTime(input, 'a window', site)
  const collection = (window === null ? grouped : closed)[input.collection]
  const key = frozenKey(spec.key)
  return Object.freeze({ kind: 'reduce', schema: input.schema, collection, site, name, input, key, window, fn })
}

/** The rows of each key and window, given to a function that returns rows. */
export function windowProcessNode(spec: ByKey & { readonly window: WindowSpec }): WindowProcessNode {
  const { input, schema = Schema.opaque, fn, site, name } = spec
  keyFields(input.schema, spec.key, spec)
  const window = frozenWindow(spec.window, spec)
  requireEventTime(input, 'a window', site)
  const collection = closed[input.collection]
  const key = frozenKey(spec.key)
  return Object.freeze({ kind: 'windowProcess', schema, collection, site, name, input, key, window, fn })
}

/** Running folds. Throws WRONG_KIND if rows can be taken back. */
export function scanNode(spec: ByKey & { readonly initial: () => unknown }): ScanNode {
  const { input, initial, schema = Schema.opaque, fn, site, name } = spec
  keyFields(input.schema, spec.key, spec)
  if (input.collection === 'updating')
    throw new MillraceError('WRONG_KIND', 'invalid input of scan: updating', {
      site,
      hint: 'a running value cannot take rows back; scan before aggregating, or use process',
    })
  const { collection } = input
  const key = frozenKey(spec.key)
  return Object.freeze({ kind: 'scan', schema, collection, site, name, input, key, initial, fn })
}

/** A user's keyed function with state, timers and side outputs, whose schemas `sides` gives. */
export function processNode(
  spec: Omit<ByKey, 'fn'> & {
    readonly state: Readonly<Record<string, StateSpec>>
    readonly sides: Readonly<Record<string, Schema>>
    readonly onElement: UserFunction
    readonly onTimer?: UserFunction | undefined
  },
): ProcessNode {
  const { input, schema = Schema.opaque, onElement, onTimer, site, name } = spec
  keyFields(input.schema, spec.key, spec)
  for (const [of, { kind }] of Object.entries(spec.state))
    if (kind === 'broadcast')
      throw new MillraceError('INVALID_ARGUMENT', `invalid state ${JSON.stringify(of)}: broadcast in a process`, {
        site,
        hint: 'it is changed by rows that every worker sees: give those with connectBroadcast(rules, { onBroadcast, ... })',
      })
  return Object.freeze({
    kind: 'process',
    schema,
    collection: closed[input.collection],
    site,
    name,
    input,
    key: frozenKey(spec.key),
    state: Object.freeze({ ...spec.state }),
    sides: Object.freeze({ ...spec.sides }),
    onElement,
    onTimer,
  })
}
