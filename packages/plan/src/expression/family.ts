/**
 * Families of types: numbers (int32, double, timestamp), bigint, boolean, text. Values of two families never mix; `any`
 * may turn out to be of each.
 */
import { type DataType, typeOf } from '@millrace/algebra'

export type Family = 'number' | 'bigint' | 'boolean' | 'text' | 'any'

const families = {
  int32: 'number',
  double: 'number',
  timestamp: 'number',
  bigint: 'bigint',
  boolean: 'boolean',
  text: 'text',
  any: 'any',
} as const satisfies Record<DataType['kind'], Family>

export function familyOf(type: DataType): Family {
  return families[type.kind]
}

/** The one family of all the types, `any` apart; undefined if there are two. */
export function sharedFamily(types: readonly DataType[]): Family | undefined {
  const known = new Set(types.map(familyOf))
  known.delete('any')
  if (known.size > 1) return undefined
  const [family = 'any'] = known
  return family
}

/** The type that holds the values of both; undefined if there is none. */
export function commonType(a: DataType, b: DataType): DataType | undefined {
  if (a.kind === b.kind) return a
  if (a.kind === 'any' || b.kind === 'any') return typeOf.any
  if (familyOf(a) !== 'number' || familyOf(b) !== 'number') return undefined
  return a.kind === 'timestamp' || b.kind === 'timestamp' ? typeOf.timestamp : typeOf.double
}
