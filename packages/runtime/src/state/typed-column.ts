/** One column of typed state: which values it takes, and how they lie in its arrays. */
import { type Field, field, ValueError } from '@millrace/algebra'
import type { StateArray } from './arrays.ts'

/** A value as its array has it. Throws ValueError if the column does not take it. */
type Check = (value: unknown, column: string) => unknown

const LEAST = -(2n ** 63n)
const MOST = 2n ** 63n - 1n

const checks: Record<Field['type']['kind'], Check> = {
  int32(value, column) {
    if (typeof value === 'number' && (value | 0) === value) return value
    throw new ValueError(column, value, 'int32')
  },
  double(value, column) {
    if (typeof value === 'number') return value
    throw new ValueError(column, value, 'double')
  },
  timestamp(value, column) {
    const milliseconds = value instanceof Date ? value.getTime() : value
    if (typeof milliseconds === 'number' && Number.isFinite(milliseconds)) return milliseconds
    throw new ValueError(column, value, 'timestamp')
  },
  bigint(value, column) {
    if (typeof value === 'bigint' && value >= LEAST && value <= MOST) return value
    throw new ValueError(column, value, 'bigint')
  },
  boolean(value, column) {
    if (typeof value === 'boolean') return value ? 1 : 0
    throw new ValueError(column, value, 'boolean')
  },
  text(value, column) {
    if (typeof value === 'string') return value
    throw new ValueError(column, value, 'text')
  },
  any: value => value,
}

/** What an array has where the value is null; whether it is, says the flag beside it. */
const zeros: Record<Field['type']['kind'], unknown> = {
  int32: 0,
  double: 0,
  timestamp: 0,
  bigint: 0n,
  boolean: 0,
  text: null,
  any: null,
}

export class TypedColumn {
  readonly field: Field
  readonly #check: Check
  readonly #boolean: boolean
  /** Where its values are among the arrays; flags of nulls, if it has them, are in the next. */
  readonly at: number

  constructor(of: Field, at: number) {
    this.field = of
    this.#check = checks[of.type.kind]
    this.#boolean = of.type.kind === 'boolean'
    this.at = at
  }

  /** The fields of its arrays. Objects and text need no flags: their arrays can hold null. */
  static fieldsOf(of: Field): Field[] {
    const flagged = of.nullable && of.type.kind !== 'text' && of.type.kind !== 'any'
    return flagged ? [field(of.name, of.type), field(`${of.name} is null`, 'boolean')] : [of]
  }

  /** As it is to be put; null for null. Throws ValueError, which names `column`. */
  checked(value: unknown, column: string): unknown {
    if (value !== null && value !== undefined) return this.#check(value, column)
    if (this.field.nullable) return null
    throw new ValueError(column, value, this.field.type.kind)
  }

  put(arrays: readonly StateArray[], id: number, checked: unknown): void {
    const { nullable, type } = this.field
    arrays[this.at][id] = (checked === null ? zeros[type.kind] : checked) as never
    if (nullable && type.kind !== 'text' && type.kind !== 'any')
      arrays[this.at + 1][id] = (checked === null ? 1 : 0) as never
  }

  read(arrays: readonly StateArray[], id: number): unknown {
    const { nullable, type } = this.field
    if (nullable && type.kind !== 'text' && type.kind !== 'any' && arrays[this.at + 1][id] === 1) return null
    const value = arrays[this.at][id]
    return this.#boolean ? value === 1 : value
  }
}
