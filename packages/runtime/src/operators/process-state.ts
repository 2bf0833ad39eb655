/**
 * The handles of a user's declared state, for the key at hand: what the user's functions see of the engine's cells, which
 * know of keys, of time and of versions.
 */
import type { StateSpec } from '@millrace/plan'
import type { BroadcastState } from '../state/broadcast.ts'
import type { StateDeclaration } from '../state/declaration.ts'
import type { Evolution } from '../state/evolution.ts'
import type { StateHandle } from '../state/handle.ts'
import { OperatorList } from '../state/operator-list.ts'
import type { ListCells, MapCells, ValueCells } from '../state/user-declarations.ts'
import { broadcastView, invalidMapKey } from './broadcast-handles.ts'
import { aggregatingHandle, reducingHandle } from './folding-state.ts'
import { type CurrentKey, insideCall } from './inside-call.ts'

/** What holds a user's state, of each key or, without one, of the subtask. */
export function stateDeclaration(name: string, spec: StateSpec, keyed: boolean): StateDeclaration {
  const { kind, ttl, version = 1 } = spec
  const evolution: Evolution = { name, kind, version, migrate: spec.migrate as Evolution['migrate'] }
  switch (kind) {
    case 'list':
      return keyed ? { kind: 'lists', ttl, evolution } : { kind: 'operatorList', evolution }
    case 'broadcast':
      return { kind: 'broadcast', evolution }
    case 'map':
      return { kind: 'maps', ttl, evolution }
    case 'value':
      return { kind: 'values', schema: spec.schema, ttl, evolution }
    case 'reducing':
      return { kind: 'values', schema: spec.schema, ttl, evolution }
    case 'aggregating':
      return { kind: 'values', schema: spec.schema, changes: true, ttl, evolution }
  }
}

/** A handle whose methods may be taken apart from it. */
export function stateHandle(name: string, spec: StateSpec, cells: StateHandle, current: CurrentKey): object {
  switch (spec.kind) {
    case 'value':
      return valueHandle(spec.default, cells as ValueCells, current)
    case 'list':
      return cells instanceof OperatorList ? ownList(cells, current) : listHandle(cells as ListCells, current)
    case 'broadcast':
      return broadcastView(name, cells as BroadcastState<unknown, unknown>, current)
    case 'map':
      return mapHandle(name, cells as MapCells, current)
    case 'reducing':
      return reducingHandle(name, spec.reduce, cells as ValueCells, current)
    case 'aggregating':
      return aggregatingHandle(name, spec, cells as ValueCells, current)
  }
}

function valueHandle(initial: unknown, cells: ValueCells, current: CurrentKey): object {
  // Each key has a default of its own, to change as it likes.
  const copies = typeof initial === 'object' && initial !== null
  return Object.freeze({
    get(): unknown {
      const value = cells.get(insideCall(current))
      if (value !== undefined) return value
      return copies ? structuredClone(initial) : initial
    },
    set: (value: unknown): void => cells.set(insideCall(current), value),
    clear: (): void => cells.set(insideCall(current), undefined),
  })
}

const EMPTY: readonly unknown[] = Object.freeze([])

function listHandle(cells: ListCells, current: CurrentKey): object {
  return Object.freeze({
    get: (): readonly unknown[] => cells.get(insideCall(current)) ?? EMPTY,
    add: (value: unknown): void => cells.add(insideCall(current), value),
    set: (values: readonly unknown[]): void => cells.set(insideCall(current), values),
    clear: (): void => cells.set(insideCall(current), EMPTY),
  })
}

/** Of the subtask: there is one, whatever the row. */
function ownList(list: OperatorList<unknown>, current: CurrentKey): object {
  const inside = (): OperatorList<unknown> => {
    insideCall(current)
    return list
  }
  return Object.freeze({
    get: (): readonly unknown[] => inside().get(),
    add: (value: unknown): void => inside().add(value),
    set: (values: readonly unknown[]): void => inside().set(values),
    clear: (): void => inside().set(EMPTY),
  })
}

function mapHandle(name: string, cells: MapCells, current: CurrentKey): object {
  return Object.freeze({
    get size(): number {
      return cells.size(insideCall(current))
    },
    has: (key: unknown): boolean => cells.has(insideCall(current), key),
    get: (key: unknown): unknown => cells.get(insideCall(current), key),
    set(key: unknown, value: unknown): void {
      const id = insideCall(current)
      if (typeof key === 'object' && key !== null) throw invalidMapKey(name)
      cells.set(id, key, value)
    },
    delete: (key: unknown): void => cells.delete(insideCall(current), key),
    entries: (): Iterable<readonly [unknown, unknown]> => cells.entries(insideCall(current)),
    clear: (): void => cells.clear(insideCall(current)),
  })
}
