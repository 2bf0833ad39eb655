/**
 * A list of opaque values a key. A list that was handed out is copied before it changes, so that a row that carries it keeps
 * what it had.
 */
import type { DroppedKeys } from './dropped-keys.ts'
import type { Evolution } from './evolution.ts'
import type { StatePart } from './handle.ts'
import { KeyedValues } from './keyed-values.ts'
import type { ListCells } from './user-declarations.ts'

export class ListsState implements ListCells {
  readonly #lists: KeyedValues

  constructor(dropped: DroppedKeys, evolution?: Evolution) {
    this.#lists = new KeyedValues(dropped, {
      evolution,
      copy: list => [...(list as unknown[])],
      each: (list, migrate) => (list as unknown[]).map(migrate),
    })
  }

  get(id: number): readonly unknown[] | undefined {
    const list = this.#lists.get(id) as unknown[] | undefined
    return list === undefined ? undefined : Object.freeze(list)
  }

  add(id: number, value: unknown): void {
    const list = this.#lists.get(id) as unknown[] | undefined
    if (list === undefined) this.#lists.set(id, [value])
    else if (Object.isFrozen(list)) this.#lists.set(id, [...list, value])
    else list.push(value)
  }

  set(id: number, values: readonly unknown[]): void {
    this.#lists.set(id, values.length === 0 ? undefined : [...values])
  }

  /** Removes the first so many, without counting the key as dropped if none is left. */
  erase(id: number, count: number): void {
    const list = this.#lists.get(id) as unknown[]
    if (count >= list.length) this.#lists.erase(id)
    else this.#lists.set(id, list.slice(count))
  }

  forget(id: number): void {
    this.#lists.forget(id)
  }

  holds(id: number): boolean {
    return this.#lists.holds(id)
  }

  ids(): Iterable<number> {
    return this.#lists.ids()
  }

  snapshot(groupOf: (id: number) => number): StatePart[] {
    return this.#lists.snapshot(groupOf)
  }

  capture(ids: Int32Array, length: number): StatePart[] {
    return this.#lists.capture(ids, length)
  }

  restore(parts: readonly StatePart[]): void {
    this.#lists.restore(parts)
  }
}
