import { type Field, ValueError } from '@millrace/algebra'
import { parseTimestamp } from '../parse/timestamp.ts'
import type { Zone } from '../parse/zone.ts'

/** From a JSON value to what the column's builder takes; builders refuse the rest. */
export type FromJson = (value: unknown) => unknown

const NAMED: Record<string, number> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

/** Undefined: values of this column need no conversion. */
export function fromJson(field: Field, zone: Zone): FromJson | undefined {
  switch (field.type.kind) {
    case 'double':
      return value => (typeof value === 'string' && Object.hasOwn(NAMED, value) ? NAMED[value] : value)
    case 'bigint':
      return toBigint
    case 'timestamp':
      return value => (typeof value === 'string' ? toTime(value, field.name, zone) : value)
    default:
      return undefined
  }
}

function toBigint(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  return typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? BigInt(value) : value
}

const scratch = Buffer.alloc(64)

function toTime(text: string, column: string, zone: Zone): number {
  const length = text.length <= scratch.length ? scratch.write(text, 'utf8') : 0
  const time = length === text.length ? parseTimestamp(scratch, 0, length, zone) : Number.NaN
  if (Number.isNaN(time)) throw new ValueError(column, text, 'timestamp')
  return time
}
