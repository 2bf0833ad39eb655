/** The handle in memory of a state that a user has declared. */
import type { CallClock } from './call-clock.ts'
import type { DroppedKeys } from './dropped-keys.ts'
import { ExpiringLists } from './expiring-lists.ts'
import { ExpiringMaps } from './expiring-maps.ts'
import { ExpiringValues } from './expiring-values.ts'
import type { StateHandle } from './handle.ts'
import { KeyedValues } from './keyed-values.ts'
import { ListsState } from './lists.ts'
import { MapsState } from './maps.ts'
import { TypedValues } from './typed-values.ts'
import type { ListsDeclaration, MapsDeclaration, ValuesDeclaration } from './user-declarations.ts'

export function userState(
  declaration: ValuesDeclaration | ListsDeclaration | MapsDeclaration,
  dropped: DroppedKeys,
  clock: CallClock,
): StateHandle {
  const { kind, ttl, evolution } = declaration
  switch (kind) {
    case 'values': {
      const { schema, changes } = declaration
      const copy = changes === true ? structuredClone : undefined
      const values =
        schema === undefined
          ? new KeyedValues(dropped, copy === undefined ? { evolution } : { evolution, copy })
          : new TypedValues(schema, dropped, evolution)
      return ttl === undefined ? values : new ExpiringValues(values, ttl, clock)
    }
    case 'lists': {
      const lists = new ListsState(dropped, evolution)
      return ttl === undefined ? lists : new ExpiringLists(lists, ttl, clock)
    }
    case 'maps': {
      const maps = new MapsState(dropped, evolution)
      return ttl === undefined ? maps : new ExpiringMaps(maps, ttl, clock)
    }
  }
}
