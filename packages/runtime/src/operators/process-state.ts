/**
 * The handles of a user's declared state, for the key at hand. Each is the engine's container around the user's values:
 * lists are copied before they change once they were handed out, so that a row that carries one keeps what it had.
 */
import { MillraceError, type StateSpec } from '@millrace/plan'
import type { KeyedValues } from '../state/keyed-values.ts'

/** The key id that a user's function is called for; -1: no call is going on. */
export interface CurrentKey {
  id: number
}

/** A handle whose methods may be taken apart from it. */
export function stateHandle(spec: StateSpec, values: KeyedValues, current: CurrentKey): object {
  switch (spec.kind) {
    case 'value':
      return valueHandle(spec.default, values, current)
    case 'list':
      return listHandle(values, current)
    case 'map':
      return mapHandle(values, current)
  }
}

/** The current key's id. Throws where a user's function goes on after its call, as one that is async does. */
export function insideCall(current: CurrentKey): number {
  if (current.id >= 0) return current.id
  throw new MillraceError('USER_FUNCTION', 'invalid use of a context: the call it was given to is over', {
    hint: 'onElement and onTimer are synchronous; look things up in an operator before them',
  })
}

function valueHandle(initial: unknown, values: KeyedValues, current: CurrentKey): object {
  return Object.freeze({
    get(): unknown {
      const value = values.get(insideCall(current))
      // Each key has a default of its own, to change as it likes.
      return value === undefined ? structuredClone(initial) : value
    },
    set: (value: unknown): void => values.set(insideCall(current), value),
    clear: (): void => values.set(insideCall(current), undefined),
  })
}

const EMPTY: readonly unknown[] = Object.freeze([])

function listHandle(values: KeyedValues, current: CurrentKey): object {
  const held = (): unknown[] | undefined => values.get(insideCall(current)) as unknown[] | undefined
  return Object.freeze({
    get(): readonly unknown[] {
      const list = held()
      return list === undefined ? EMPTY : Object.freeze(list)
    },
    add(value: unknown): void {
      const list = held()
      if (list === undefined) values.set(current.id, [value])
      else if (Object.isFrozen(list)) values.set(current.id, [...list, value])
      else list.push(value)
    },
    set(list: readonly unknown[]): void {
      values.set(insideCall(current), list.length === 0 ? undefined : [...list])
    },
    clear: (): void => values.set(insideCall(current), undefined),
  })
}

function mapHandle(values: KeyedValues, current: CurrentKey): object {
  const held = (): Map<unknown, unknown> | undefined =>
    values.get(insideCall(current)) as Map<unknown, unknown> | undefined
  return Object.freeze({
    get size(): number {
      return held()?.size ?? 0
    },
    has: (key: unknown): boolean => held()?.has(key) ?? false,
    get: (key: unknown): unknown => held()?.get(key),
    set(key: unknown, value: unknown): void {
      const map = held()
      if (map === undefined) values.set(current.id, new Map([[key, value]]))
      else map.set(key, value)
    },
    delete(key: unknown): void {
      const map = held()
      if (map?.delete(key) === true && map.size === 0) values.set(current.id, undefined)
    },
    entries: (): Iterable<readonly [unknown, unknown]> => held()?.entries() ?? [],
    clear: (): void => values.set(insideCall(current), undefined),
  })
}
