/**
 * State larger than memory: rows of users' states and of folds lie on disk, but for those used last. What has no limit of
 * its own but the number of keys and open windows stays in memory: the key index, timers, slices of windows, columns of
 * aggregates, rows that a join waits for.
 *
 * Each state has a file and an equal share of the memory for rows.
 */
import type { CallClock } from '../call-clock.ts'
import type { StateDeclaration } from '../declaration.ts'
import { DroppedKeys } from '../dropped-keys.ts'
import { ExpiringLists } from '../expiring-lists.ts'
import { ExpiringMaps } from '../expiring-maps.ts'
import { ExpiringValues } from '../expiring-values.ts'
import type { StateHandle } from '../handle.ts'
import { KeyedValues } from '../keyed-values.ts'
import { ListsState } from '../lists.ts'
import { MapsState } from '../maps.ts'
import { memoryStore, type StateStore } from '../store.ts'
import { TypedValues } from '../typed-values.ts'
import type { ListsDeclaration, MapsDeclaration, ValuesDeclaration } from '../user-declarations.ts'
import { AnonymousFile } from './anonymous-file.ts'
import { DiskLists, DiskMaps, DiskValues } from './cells.ts'
import type { Resident } from './resident.ts'
import { ResidentRows } from './resident-rows.ts'
import { RowLog } from './row-log.ts'
import { RowTimes } from './row-times.ts'

export interface DiskStoreOptions {
  /** The folder of its files; it is made if need be. */
  readonly dir: string
  /** Memory for rows of all states. */
  readonly cacheBytes: number
  /** Milliseconds that have gone by. */
  elapsed(): number
  /** Default 1 MiB. */
  readonly segmentBytes?: number | undefined
}

type OnDisk = ValuesDeclaration | ListsDeclaration | MapsDeclaration

export class DiskStore implements StateStore {
  readonly #options: DiskStoreOptions
  readonly #rows: ResidentRows[] = []

  constructor(options: DiskStoreOptions) {
    this.#options = options
  }

  handle(declaration: StateDeclaration, dropped: DroppedKeys, clock: CallClock): StateHandle {
    switch (declaration.kind) {
      case 'keyedValues':
        return this.#onDisk({ kind: 'values' }, dropped, clock)
      case 'values':
      case 'lists':
      case 'maps':
        return this.#onDisk(declaration, dropped, clock)
      default:
        return memoryStore.handle(declaration, dropped, clock)
    }
  }

  #onDisk(declaration: OnDisk, dropped: DroppedKeys, clock: CallClock): StateHandle {
    const { ttl } = declaration
    const bySlot = new DroppedSlots()
    const expires = ttl !== undefined
    const traits = { expires, readChanges: ttl?.refresh === 'read' }
    const rowsOf = (resident: Resident): ResidentRows => {
      const rows = this.#rowsOf(resident, ttl === undefined ? undefined : new RowTimes(ttl, clock))
      bySlot.tell = slot => dropped.add(rows.slots.ids[slot])
      return rows
    }
    switch (declaration.kind) {
      case 'values': {
        const values = valuesOf(declaration, bySlot)
        const resident = expires ? new ExpiringValues(values, ttl, clock) : values
        return new DiskValues(rowsOf(resident), resident, traits)
      }
      case 'lists': {
        const lists = new ListsState(bySlot, declaration.evolution)
        const resident = expires ? new ExpiringLists(lists, ttl, clock) : lists
        return new DiskLists(rowsOf(resident), resident, traits)
      }
      case 'maps': {
        const maps = new MapsState(bySlot, declaration.evolution)
        const resident = expires ? new ExpiringMaps(maps, ttl, clock) : maps
        return new DiskMaps(rowsOf(resident), resident, traits)
      }
    }
  }

  #rowsOf(resident: Resident, times: RowTimes | undefined): ResidentRows {
    const { dir, cacheBytes, segmentBytes, elapsed } = this.#options
    const rows = new ResidentRows({
      resident,
      times,
      elapsed,
      limitBytes: () => cacheBytes / this.#rows.length,
      makeLog: owner => new RowLog({ file: new AnonymousFile(dir), owner, segmentBytes }),
    })
    this.#rows.push(rows)
    return rows
  }

  /** Bytes of rows in memory, and of files. */
  get bytes(): { readonly memory: number; readonly disk: number } {
    const memory = this.#rows.reduce((sum, { slots }) => sum + slots.totalBytes, 0)
    return { memory, disk: this.#rows.reduce((sum, { log }) => sum + log.bytes, 0) }
  }

  /** Gives the room on disk back. */
  async close(): Promise<void> {
    await Promise.all(this.#rows.splice(0).map(rows => rows.close()))
  }
}

function valuesOf({ schema, evolution }: ValuesDeclaration, dropped: DroppedKeys): KeyedValues | TypedValues {
  if (schema !== undefined) return new TypedValues(schema, dropped, evolution)
  return new KeyedValues(dropped, { evolution, copy: value => value }) // it comes from bytes, and goes there
}

/** What a handle by slot drops, its keys drop. */
class DroppedSlots extends DroppedKeys {
  tell: (slot: number) => void = () => {}

  override add(slot: number): void {
    this.tell(slot)
  }
}
