/** A value of an opaque row where an aggregate needs a number; times count as their milliseconds. */
import { ValueError } from '@millrace/algebra'

export function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  if (value instanceof Date) return value.getTime()
  throw new ValueError('', value, 'number')
}
