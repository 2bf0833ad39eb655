/** Builders of what JavaScript has as `number`. -0 stays -0 in a double and is 0 in an int32. */
import { DoubleColumn, Int32Column } from '../column.ts'
import type { Field } from '../schema.ts'
import { ValueError } from '../value-error.ts'
import { FixedBuilder } from './fixed-builder.ts'

/** Takes integers from -2^31 to 2^31-1. */
export class Int32Builder extends FixedBuilder<Int32Array> {
  constructor(field: Field, capacity: number) {
    super(field, new Int32Array(capacity))
  }
  override append(value: unknown): void {
    if (typeof value === 'number' && (value | 0) === value) {
      if (this.length === this.values.length) this.grow()
      this.values[this.length++] = value
    } else if (value === null || value === undefined) this.appendNull()
    else throw new ValueError(this.field.name, value, 'int32')
  }
  override build(): Int32Column {
    return new Int32Column(this.values, this.validity.build(this.length))
  }
  override take(): Int32Column {
    const { values, validity } = this.handOver()
    return new Int32Column(values, validity)
  }
  protected override allocate(length: number): Int32Array {
    return new Int32Array(length)
  }
}

/** Takes every number, NaN and infinities included, and no bigint: most of those a double cannot hold. */
export class DoubleBuilder extends FixedBuilder<Float64Array> {
  constructor(field: Field, capacity: number) {
    super(field, new Float64Array(capacity))
  }
  override append(value: unknown): void {
    if (typeof value === 'number') {
      if (this.length === this.values.length) this.grow()
      this.values[this.length++] = value
    } else if (value === null || value === undefined) this.appendNull()
    else throw new ValueError(this.field.name, value, 'double')
  }
  override build(): DoubleColumn {
    return new DoubleColumn(this.values, this.validity.build(this.length))
  }
  override take(): DoubleColumn {
    const { values, validity } = this.handOver()
    return new DoubleColumn(values, validity)
  }
  protected override allocate(length: number): Float64Array {
    return new Float64Array(length)
  }
}

/** Takes finite numbers of milliseconds, and valid `Date`s as those. */
export class TimestampBuilder extends FixedBuilder<Float64Array> {
  constructor(field: Field, capacity: number) {
    super(field, new Float64Array(capacity))
  }
  override append(value: unknown): void {
    if (value === null || value === undefined) {
      this.appendNull()
      return
    }
    const milliseconds = value instanceof Date ? value.getTime() : value
    if (typeof milliseconds !== 'number' || !Number.isFinite(milliseconds))
      throw new ValueError(this.field.name, value, 'timestamp')
    if (this.length === this.values.length) this.grow()
    this.values[this.length++] = milliseconds
  }
  override build(): DoubleColumn {
    return new DoubleColumn(this.values, this.validity.build(this.length))
  }
  override take(): DoubleColumn {
    const { values, validity } = this.handOver()
    return new DoubleColumn(values, validity)
  }
  protected override allocate(length: number): Float64Array {
    return new Float64Array(length)
  }
}
