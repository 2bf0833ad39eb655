import type { Validity } from '../column.ts'
import type { Field } from '../schema.ts'
import type { ColumnBuilder } from './column-builder.ts'
import { ValidityBuilder } from './validity-builder.ts'

type FixedArray = Int32Array | Float64Array | BigInt64Array | Uint8Array

/**
 * What builders of fixed-width values share. The hot method, `append`, is each subclass's own: V8 shares type feedback
 * by function, so one in common would see every class.
 */
export abstract class FixedBuilder<A extends FixedArray> implements ColumnBuilder {
  length = 0
  protected values: A
  protected readonly field: Field
  protected readonly validity: ValidityBuilder

  constructor(field: Field, values: A) {
    this.field = field
    this.values = values
    this.validity = new ValidityBuilder(field)
  }
  abstract append(value: unknown): void
  abstract build(): ReturnType<ColumnBuilder['build']>
  abstract take(): ReturnType<ColumnBuilder['take']>
  /** A zeroed array. */
  protected abstract allocate(length: number): A

  appendNull(): void {
    this.validity.setAbsent(this.length)
    if (this.length === this.values.length) this.grow()
    this.length++
  }
  truncate(length: number): void {
    this.validity.truncate(length, this.length)
    this.length = length
  }
  clear(): void {
    this.validity.clear()
    this.length = 0
  }
  protected grow(): void {
    const grown = this.allocate(Math.max(16, this.values.length * 2))
    grown.set(this.values as never)
    this.values = grown
  }
  /** Hands the arrays over and starts anew. */
  protected handOver(): { values: A; validity: Validity } {
    const taken = { values: this.values, validity: this.validity.take(this.length) }
    this.values = this.allocate(this.values.length)
    this.length = 0
    return taken
  }
}
