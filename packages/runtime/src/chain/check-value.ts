/** Checks of a JavaScript value against the type of the column it is meant for; what does not fit is a ValueError. */
import { type Field, type TypeKind, ValueError } from '@millrace/algebra'

/** The value as the column holds it (times as milliseconds, absent as null), for each type. */
export const checkValue: Readonly<Record<TypeKind, (value: unknown, field: Field) => unknown>> = {
  int32: (value, field) => (typeof value === 'number' && (value | 0) === value ? value : absent(value, field, 'int32')),
  double: (value, field) => (typeof value === 'number' ? value : absent(value, field, 'double')),
  timestamp: (value, field) => {
    const time = value instanceof Date ? value.getTime() : value
    return typeof time === 'number' && Number.isFinite(time) ? time : absent(value, field, 'timestamp')
  },
  bigint: (value, field) =>
    typeof value === 'bigint' && BigInt.asIntN(64, value) === value ? value : absent(value, field, 'bigint'),
  boolean: (value, field) => (typeof value === 'boolean' ? value : absent(value, field, 'boolean')),
  text: (value, field) => (typeof value === 'string' ? value : absent(value, field, 'text')),
  any: (value, field) => {
    if (value === undefined || value === null) absent(value, field, 'value')
    return value
  },
}

function absent(value: unknown, field: Field, expected: string): null {
  if ((value === null || value === undefined) && field.nullable) return null
  throw new ValueError(field.name, value, expected)
}

/** Milliseconds from 1970 to the last Date there is, and to the first. */
const LAST_TIME = 8.64e15

/** The event time a user's function or expression gave, in milliseconds. */
export function checkTime(value: unknown): number {
  const time = value instanceof Date ? value.getTime() : value
  if (typeof time === 'number' && Math.abs(time) <= LAST_TIME) return time
  throw new ValueError('', value, 'event time')
}
