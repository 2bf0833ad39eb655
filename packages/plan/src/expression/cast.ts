/**
 * Casts. What does not fit the target is an INVALID_VALUE that names it; nothing wraps and nothing becomes null.
 *
 * Numbers to int32 and bigint lose their fraction (toward zero, as in Flink's SQL); text is read in full or not at
 * all; times are milliseconds as numbers and ISO 8601 in UTC as text; bigint to double rounds to the nearest double.
 */
import type { DataType } from '@millrace/algebra'
import { MillraceError } from '../error.ts'
import { shown } from './order.ts'
import { parseTime } from './time-text.ts'
import { int64 } from './values.ts'

/** Whether values of a type may be cast to another at all; a cast of `any` is decided by the value. */
export function castable(from: DataType, to: DataType): boolean {
  const pair = [from.kind, to.kind]
  return !(pair.includes('boolean') && pair.includes('timestamp'))
}

/** The present value as the other type. `from` tells times from other numbers. */
export function castValue(value: unknown, from: DataType, to: DataType): unknown {
  switch (to.kind) {
    case 'any':
      return value
    case 'int32':
      return toInt32(value)
    case 'double':
      return toDouble(value)
    case 'bigint':
      return toBigint(value)
    case 'boolean':
      return toBoolean(value, from)
    case 'timestamp':
      return toTimestamp(value)
    case 'text':
      return toText(value, from)
  }
}

function toInt32(value: unknown): number {
  const number = typeof value === 'string' && !/^\s*[+-]?\d+\s*$/.test(value) ? Number.NaN : Number(toDouble(value))
  const whole = Math.trunc(number) + 0
  if (whole !== (whole | 0)) throw doesNotFit(value, 'int32')
  return whole
}

function toDouble(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value)
  if (typeof value === 'string' && /^\s*([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?Infinity|NaN)\s*$/.test(value))
    return Number(value)
  throw doesNotFit(value, 'double')
}

function toBigint(value: unknown): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'number' && Number.isFinite(value)) return int64(BigInt(Math.trunc(value)))
  if (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)) return int64(BigInt(value.trim().replace(/^\+/, '')))
  throw doesNotFit(value, 'bigint')
}

function toBoolean(value: unknown, from: DataType): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number' && from.kind !== 'timestamp') return value !== 0
  if (typeof value === 'bigint') return value !== 0n
  const word = typeof value === 'string' ? value.trim().toLowerCase() : undefined
  if (word === 'true' || word === 'false') return word === 'true'
  throw doesNotFit(value, 'boolean')
}

function toTimestamp(value: unknown): number {
  const time = typeof value === 'string' ? parseTime(value) : typeof value === 'boolean' ? undefined : toDouble(value)
  if (time === undefined || !Number.isFinite(time)) throw doesNotFit(value, 'timestamp')
  return time
}

function toText(value: unknown, from: DataType): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' && from.kind === 'timestamp') {
    const date = new Date(value)
    if (Number.isNaN(date.getTime())) throw doesNotFit(value, 'text of a timestamp')
    return date.toISOString()
  }
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  throw doesNotFit(value, 'text')
}

function doesNotFit(value: unknown, type: string): MillraceError {
  return new MillraceError('INVALID_VALUE', `invalid ${type}: ${shown(value)}`)
}
