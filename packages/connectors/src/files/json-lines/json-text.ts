/**
 * JSON of any value, without the silent losses of `JSON.stringify`: what JSON cannot say is said otherwise or refused.
 *
 *     NaN, Infinity, -Infinity   the strings of that name
 *     -0                         -0
 *     bigint                     a number while a double holds it exactly, else a string of digits
 *     Date                       its ISO 8601 string
 *     undefined                  left out of objects, null in arrays
 *     Map, Set, functions, symbols, class instances without toJSON   an error that names the path
 */
import { MillraceError } from '@millrace/plan'
import { timeText } from '../sink/time-text.ts'

/** Throws a MillraceError for a value that has no JSON. */
export function jsonText(value: unknown): string {
  return isPlain(value, 0) ? JSON.stringify(value) : (written(value, '') ?? 'null')
}

const DEPTH = 1000

/** Whether `JSON.stringify` loses nothing of it. */
function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
    case 'object':
      break
    default:
      return false
  }
  if (value === null) return true
  if (depth > DEPTH) return false
  if (Array.isArray(value)) {
    for (const item of value) if (!isPlain(item, depth + 1)) return false
    return true
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  const record = value as Record<string, unknown>
  for (const name in record) if (record[name] !== undefined && !isPlain(record[name], depth + 1)) return false
  return typeof record.toJSON !== 'function'
}

/** Undefined: nothing is to be written. */
function written(value: unknown, path: string, depth = 0): string | undefined {
  if (depth > DEPTH) throw refused(`nested deeper than ${DEPTH}`, path)
  switch (typeof value) {
    case 'undefined':
      return undefined
    case 'string':
    case 'boolean':
      return JSON.stringify(value)
    case 'number':
      return jsonNumber(value)
    case 'bigint':
      return jsonBigint(value)
    case 'object':
      return value === null ? 'null' : writtenObject(value, path, depth)
    default:
      throw refused(`a ${typeof value}`, path)
  }
}

function writtenObject(value: object, path: string, depth: number): string {
  if (Array.isArray(value))
    return `[${value.map((item, i) => written(item, `${path}[${i}]`, depth + 1) ?? 'null').join(',')}]`
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw refused('an invalid Date', path)
    return `"${timeText(value.getTime())}"`
  }
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON === 'function') return written(toJSON.call(value, ''), path, depth + 1) ?? 'null'
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    throw refused(`a ${String(value.constructor?.name ?? 'class instance')}`, path)
  const parts: string[] = []
  for (const [name, item] of Object.entries(value)) {
    const text = written(item, path === '' ? name : `${path}.${name}`, depth + 1)
    if (text !== undefined) parts.push(`${JSON.stringify(name)}:${text}`)
  }
  return `{${parts.join(',')}}`
}

export function jsonNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
  return `"${value}"`
}

export function jsonBigint(value: bigint): string {
  return value >= -MAX_SAFE && value <= MAX_SAFE ? `${value}` : `"${value}"`
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)

function refused(what: string, path: string): MillraceError {
  return new MillraceError('INVALID_VALUE', `invalid value to write${path === '' ? '' : ` at ${path}`}: ${what}`, {
    hint: 'Write plain data: objects, arrays, text, numbers, truth values, null; or give the class a toJSON.',
  })
}
