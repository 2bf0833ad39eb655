/** What a JavaScript value is as a part of a key: an atom, or refused. */

/** A key's parts: every key is a sequence of these. */
export type KeyAtom = number | string | bigint | boolean | null

/** The atom that a value counts as: `undefined` as null, a Date as its time in milliseconds. Throws a TypeError for the rest. */
export function keyAtom(value: unknown): KeyAtom {
  switch (typeof value) {
    case 'number':
    case 'string':
    case 'bigint':
    case 'boolean':
      return value
    case 'undefined':
      return null
    default:
      if (value === null) return null
      if (isDate(value)) return Date.prototype.getTime.call(value)
      throw refusal(value)
  }
}

/** Whether two values are the same key part. */
export function sameKey(a: unknown, b: unknown): boolean {
  if (a === b) return true
  const x = keyAtom(a)
  const y = keyAtom(b)
  return x === y || (Number.isNaN(x) && Number.isNaN(y))
}

/** The value as an index may keep it: equal as a key, and nobody else's to change. */
export function ownedKey(value: unknown): unknown {
  if (value === 0) return 0
  if (typeof value === 'object' && value !== null && isDate(value)) return new Date(Date.prototype.getTime.call(value))
  return keyAtom(value)
}

function isDate(value: unknown): boolean {
  return value instanceof Date || Object.prototype.toString.call(value) === '[object Date]'
}

function refusal(value: unknown): TypeError {
  const what = typeof value === 'object' ? (Array.isArray(value) ? 'an array' : 'an object') : `a ${typeof value}`
  return new TypeError(
    `invalid key: ${what}. Key by a field of it, or by several columns: a key is a number, text, bigint, boolean, Date or null`,
  )
}
