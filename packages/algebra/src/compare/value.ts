import { showValue } from '../value-error.ts'
import { compareText } from './text.ts'

/**
 * The order of opaque values: booleans (false first), numbers and bigints by what they are worth (-0 equals 0, NaN above
 * all), text by code point, dates; null and undefined last. Everything else has no order.
 *
 * @throws RangeError for an object, a function or a symbol
 */
export function compareValues(a: unknown, b: unknown): number {
  const rankA = rank(a)
  const rankB = rank(b)
  if (rankA !== rankB) return rankA - rankB
  switch (rankA) {
    case 0:
      return Number(a) - Number(b)
    case 1:
      return compareNumbers(a as number | bigint, b as number | bigint)
    case 2:
      return compareText(a as string, b as string)
    case 3:
      return compareNumbers((a as Date).getTime(), (b as Date).getTime())
    default:
      return 0
  }
}

function rank(value: unknown): number {
  switch (typeof value) {
    case 'boolean':
      return 0
    case 'number':
    case 'bigint':
      return 1
    case 'string':
      return 2
    case 'undefined':
      return 4
    case 'object':
      if (value === null) return 4
      if (value instanceof Date) return 3
  }
  throw new RangeError(`invalid value to sort by: ${showValue(value)}`)
}

/** Any two numbers, NaN above all. */
export function compareNumbers(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1
  if (a > b) return 1
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
}
