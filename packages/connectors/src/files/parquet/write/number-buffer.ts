import {
  type BigintColumn,
  type BooleanColumn,
  type Column,
  type DoubleColumn,
  type Field,
  type Int32Column,
  isValid,
} from '@millrace/algebra'
import { type Bounds, ColumnBuffer, type Rows } from './column-buffer.ts'

const PAGE_BYTES = 1 << 20

type Values = Int32Array | Float64Array | BigInt64Array | Uint8Array

/** Numbers, written plain; times as microseconds. */
export class NumberBuffer extends ColumnBuffer {
  #values: Values
  readonly #isTime: boolean

  constructor(field: Field) {
    super(field)
    this.#isTime = field.type.kind === 'timestamp'
    this.#values = emptyFor(field)
  }

  get bytes(): number {
    return this.count * this.#values.BYTES_PER_ELEMENT
  }
  dictionary(): undefined {
    return undefined
  }
  pageEnd(from: number): number {
    return Math.min(this.count, from + PAGE_BYTES / this.#values.BYTES_PER_ELEMENT)
  }
  encode(from: number, to: number): Uint8Array {
    const values = this.#values
    if (values instanceof Uint8Array) return packedBits(values, from, to)
    const part = this.#isTime ? microseconds(values as Float64Array, from, to) : values.slice(from, to)
    return new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
  }

  bounds(): Bounds | undefined {
    const values = this.#values
    if (values instanceof Uint8Array) return undefined
    if (values instanceof BigInt64Array) return bigintBounds(values, this.count)
    let min = Number.POSITIVE_INFINITY
    let max = Number.NEGATIVE_INFINITY
    let numbers = 0
    for (let i = 0; i < this.count; i++) {
      const value = values[i]!
      if (Number.isNaN(value)) continue
      numbers++
      if (value < min) min = value
      if (value > max) max = value
    }
    if (numbers === 0) return undefined
    if (this.#isTime) {
      const both = microseconds(Float64Array.of(min, max), 0, 2)
      return { min: both[0]!, max: both[1]! }
    }
    if (values instanceof Int32Array) return { min, max }
    return { min: min === 0 ? -0 : min, max: max === 0 ? 0 : max } // the format asks for this
  }

  protected override take(column: Column, { list, count }: Rows): void {
    if (this.count + count > this.#values.length) this.#grow(this.count + count)
    const { validity } = column
    const from = (column as Int32Column | DoubleColumn | BigintColumn | BooleanColumn).values
    const to = this.#values
    let at = this.count
    for (let i = 0; i < count; i++) {
      const row = list[i]!
      if (validity === null || isValid(validity, row)) to[at++] = from[row]!
    }
    this.count = at
  }
  protected override forget(): void {}

  #grow(length: number): void {
    const grown = new (this.#values.constructor as new (length: number) => Values)(Math.max(1024, length * 2))
    grown.set(this.#values as never)
    this.#values = grown
  }
}

function emptyFor({ type }: Field): Values {
  switch (type.kind) {
    case 'int32':
      return new Int32Array(0)
    case 'bigint':
      return new BigInt64Array(0)
    case 'boolean':
      return new Uint8Array(0)
    default:
      return new Float64Array(0)
  }
}

function packedBits(values: Uint8Array, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array((to - from + 7) >>> 3)
  for (let i = from; i < to; i++) bytes[(i - from) >>> 3]! |= values[i]! << ((i - from) & 7)
  return bytes
}

const TWO_32 = 2 ** 32

/** Whole microseconds of milliseconds, put together from halves: no BigInt a value unless a double cannot hold it. */
function microseconds(values: Float64Array, from: number, to: number): BigInt64Array {
  const micros = new BigInt64Array(to - from)
  const halves = new Int32Array(micros.buffer)
  for (let i = from; i < to; i++) {
    const whole = Math.floor(values[i]!)
    const rest = Math.round((values[i]! - whole) * 1000)
    const value = whole * 1000 + rest
    if (Number.isSafeInteger(value)) {
      halves[2 * (i - from)] = value % TWO_32
      halves[2 * (i - from) + 1] = Math.floor(value / TWO_32)
    } else micros[i - from] = BigInt(whole) * 1000n + BigInt(rest)
  }
  return micros
}

function bigintBounds(values: BigInt64Array, count: number): Bounds | undefined {
  if (count === 0) return undefined
  let min = values[0]!
  let max = min
  for (let i = 1; i < count; i++) {
    const value = values[i]!
    if (value < min) min = value
    if (value > max) max = value
  }
  return { min, max }
}
