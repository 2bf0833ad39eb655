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
      return value === null ? null : (timeOf(value) ?? refuse(value))
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
  const atom = keyAtom(value)
  if (typeof atom === 'number' && typeof value === 'object') return new Date(atom)
  return atom === 0 ? 0 : atom // not -0
}

/** The time of a Date, of this context or another; undefined for anything else. */
function timeOf(value: unknown): number | undefined {
  try {
    return Date.prototype.getTime.call(value)
  } catch {
    return undefined
  }
}

function refuse(value: unknown): never {
  const what = typeof value === 'object' ? (Array.isArray(value) ? 'an array' : 'an object') : `a ${typeof value}`
  throw new TypeError(
    `invalid key: ${what}. Key by a field of it, or by several columns: a key is a number, text, bigint, boolean, Date or null`,
  )
}
