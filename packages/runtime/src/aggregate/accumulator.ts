/**
 * Accumulators: what an aggregate keeps of the rows it has seen, as one or more numbers a key.
 *
 * Each is written twice: as text for the generated loops (`add`, `merge` on left-hand sides like `a0[id]`), and as
 * plain functions on an array of fields, which is the reading version, the fallback, and the twin in tests.
 *
 * All but count skip null values, and are null if every value was. Sums of doubles are compensated (Neumaier,
 * "Rundungsfehleranalyse", ZAMM 54, 1974), so that they do not depend on how rows are cut into slices but in the last
 * digits.
 */
import type { Column, Field } from '@millrace/algebra'
import type { StateArray } from '../state/arrays.ts'

export type Fields = unknown[]

export interface Accumulator {
  /** The state columns. */
  readonly fields: readonly Field[]
  /** What they hold before the first row. */
  readonly initial: readonly unknown[]
  /** Whether the row's value is looked at, and then whether it must be a number. */
  readonly takes: 'nothing' | 'number' | 'value' | 'row'
  /** Rows may be taken away again (weights below 0). */
  readonly retractable: boolean
  /** Statements that add value `v`, not null, with weight `w`, to the fields `f`. */
  add(f: readonly string[], v: string, w: string): string
  /** Statements that add the fields `g` of another accumulator to `f`. */
  merge(f: readonly string[], g: readonly string[]): string
  addTo(fields: Fields, value: unknown, weight: number): void
  mergeInto(fields: Fields, other: Readonly<Fields>): void
  /** Values from outside that the text names. */
  readonly constants: Readonly<Record<string, unknown>>
  /** The results for some positions of the state columns. */
  results(arrays: readonly StateArray[], at: Int32Array, length: number): Column
}
