/** A function of a collection and of another one that every worker sees whole. */
import { Schema } from '@millrace/algebra'
import { MillraceError } from '../error.ts'
import type { NodeOf } from '../node.ts'
import { outcomes } from '../outcomes.ts'
import type { StateSpec } from '../state-spec.ts'
import { frozenKey, keyFields, type Place } from './place.ts'

type Connected = NodeOf<'connectBroadcast'>

type Given = Pick<Connected, 'input' | 'broadcast' | 'key' | 'state' | 'sides' | 'onElement' | 'onBroadcast'>

/** `schema` is of what `onElement` and `onBroadcast` emit. Throws UNKNOWN_COLUMN, INVALID_ARGUMENT for state that needs a key. */
export function connectBroadcastNode(
  spec: Place & Given & { readonly onTimer?: Connected['onTimer']; readonly schema?: Schema },
): Connected {
  const {
    input,
    broadcast,
    key,
    state,
    sides,
    schema = Schema.opaque,
    onElement,
    onBroadcast,
    onTimer,
    site,
    name,
  } = spec
  if (key !== null) keyFields(input.schema, key, spec)
  else {
    for (const [of, declared] of Object.entries(state)) checkUnkeyed(of, declared, spec)
    if (onTimer !== undefined)
      throw new MillraceError('INVALID_ARGUMENT', 'invalid onTimer: timers are of a key', {
        site,
        hint: 'group the rows first, with keyBy(...)',
      })
  }
  return Object.freeze({
    kind: 'connectBroadcast',
    schema,
    collection: outcomes.connect[input.collection][broadcast.collection],
    site,
    name,
    input,
    broadcast,
    key: key === null ? null : frozenKey(key),
    state: Object.freeze({ ...state }),
    sides: Object.freeze({ ...sides }),
    onElement,
    onBroadcast,
    onTimer,
  })
}

/** Without a key a worker has a list of its own, whose values go elsewhere with other workers; nothing else can be divided. */
function checkUnkeyed(name: string, { kind, ttl }: StateSpec, { site }: Place): void {
  if (kind === 'broadcast' || (kind === 'list' && ttl === undefined)) return
  const what = kind === 'list' ? 'a list with ttl' : kind
  throw new MillraceError('INVALID_ARGUMENT', `invalid state ${JSON.stringify(name)}: ${what} without a key`, {
    site,
    hint: 'without keyBy there are broadcast<K, V>(), and list<V>() without ttl, of which each worker has its own',
  })
}
