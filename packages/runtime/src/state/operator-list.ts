/** A list of opaque values for the whole subtask: offsets, what is in flight. On rescale they are dealt out anew. */
import { AnyColumn, Batch, Schema } from '@millrace/algebra'
import { type Evolution, migrationOf, versionMeta } from './evolution.ts'
import type { StateHandle, StatePart } from './handle.ts'

export class OperatorList<V> implements StateHandle {
  #values: V[] = []
  readonly #evolution: Evolution | undefined

  constructor(evolution?: Evolution) {
    this.#evolution = evolution
  }

  get(): readonly V[] {
    return this.#values
  }

  add(value: V): void {
    this.#values.push(value)
  }

  set(values: readonly V[]): void {
    this.#values = [...values]
  }

  snapshot(): StatePart[] {
    const values = [...this.#values]
    const batch = new Batch(Schema.opaque, [new AnyColumn(values)], values.length)
    return [{ group: -1, meta: versionMeta(this.#evolution), batch }]
  }

  restore(parts: readonly StatePart[]): void {
    for (const { batch, meta } of parts) {
      if (batch === null) continue
      const migrate = migrationOf(this.#evolution, meta)
      for (let i = 0; i < batch.length; i++) {
        const value = batch.get(0, i)
        this.#values.push((migrate === null ? value : migrate(value)) as V)
      }
    }
  }
}
