/** Builders of booleans, bigints and opaque values. */
import { AnyColumn, BigintColumn, BooleanColumn } from '../column.ts'
import type { Field } from '../schema.ts'
import { ValueError } from '../value-error.ts'
import type { ColumnBuilder } from './column-builder.ts'
import { FixedBuilder } from './fixed-builder.ts'

export class BooleanBuilder extends FixedBuilder<Uint8Array> {
  constructor(field: Field, capacity: number) {
    super(field, new Uint8Array(capacity))
  }
  override append(value: unknown): void {
    if (value === true || value === false) {
      if (this.length === this.values.length) this.grow()
      this.values[this.length++] = value ? 1 : 0
    } else if (value === null || value === undefined) this.appendNull()
    else throw new ValueError(this.field.name, value, 'boolean')
  }
  override build(): BooleanColumn {
    return new BooleanColumn(this.values, this.validity.build(this.length))
  }
  override take(): BooleanColumn {
    const { values, validity } = this.handOver()
    return new BooleanColumn(values, validity)
  }
  protected override allocate(length: number): Uint8Array {
    return new Uint8Array(length)
  }
}

/** Takes bigints from -2^63 to 2^63-1, and no numbers: 1 and 1n are different values. */
export class BigintBuilder extends FixedBuilder<BigInt64Array> {
  constructor(field: Field, capacity: number) {
    super(field, new BigInt64Array(capacity))
  }
  override append(value: unknown): void {
    if (typeof value === 'bigint' && value >= MIN && value <= MAX) {
      if (this.length === this.values.length) this.grow()
      this.values[this.length++] = value
    } else if (value === null || value === undefined) this.appendNull()
    else throw new ValueError(this.field.name, value, 'bigint')
  }
  override build(): BigintColumn {
    return new BigintColumn(this.values, this.validity.build(this.length))
  }
  override take(): BigintColumn {
    const { values, validity } = this.handOver()
    return new BigintColumn(values, validity)
  }
  protected override allocate(length: number): BigInt64Array {
    return new BigInt64Array(length)
  }
}

const MIN = -(2n ** 63n)
const MAX = 2n ** 63n - 1n

/** Takes anything. The values themselves are kept, not copies. */
export class AnyBuilder implements ColumnBuilder {
  #values: unknown[] = []
  readonly #field: Field

  constructor(field: Field) {
    this.#field = field
  }
  get length(): number {
    return this.#values.length
  }
  append(value: unknown): void {
    if ((value === null || value === undefined) && !this.#field.nullable)
      throw new ValueError(this.#field.name, value, 'value')
    this.#values.push(value)
  }
  appendNull(): void {
    this.append(null)
  }
  truncate(length: number): void {
    this.#values.length = length
  }
  build(): AnyColumn {
    return new AnyColumn(this.#values)
  }
  take(): AnyColumn {
    const column = new AnyColumn(this.#values)
    this.#values = []
    return column
  }
  clear(): void {
    this.#values.length = 0
  }
}
