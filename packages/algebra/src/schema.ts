/**
 * Schemas: what a batch's columns are called and what they hold.
 *
 * A *record* schema describes rows that are objects with one property a column. A *bare* schema has exactly one
 * column and its rows are that column's values themselves: lines of text, numbers, or, with type `any`, objects of
 * which nothing is known (a stream without a declared schema).
 */

/** The logical types. Several physical columns may carry one of them (`text` is a dictionary or plain UTF-8). */
export type DataType =
  /** Integers from -2^31 to 2^31-1; JavaScript `number`. */
  | { readonly kind: 'int32' }
  /** IEEE 754 doubles, integers up to 2^53 among them; `number`. */
  | { readonly kind: 'double' }
  /** Integers from -2^63 to 2^63-1; `bigint`. */
  | { readonly kind: 'bigint' }
  | { readonly kind: 'boolean' }
  /** Text, lone surrogates kept; `string`. */
  | { readonly kind: 'text' }
  /** Milliseconds since 1970-01-01T00:00:00Z; `number`. */
  | { readonly kind: 'timestamp' }
  /** Any JavaScript value: opaque to the engine. */
  | { readonly kind: 'any' }

export type TypeKind = DataType['kind']

export interface Field {
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
}

export interface Schema {
  readonly fields: readonly Field[]
  /** True: rows are the values of the only column. */
  readonly bare: boolean
}

export const typeOf = {
  int32: { kind: 'int32' },
  double: { kind: 'double' },
  bigint: { kind: 'bigint' },
  boolean: { kind: 'boolean' },
  text: { kind: 'text' },
  timestamp: { kind: 'timestamp' },
  any: { kind: 'any' },
} as const satisfies Record<TypeKind, DataType>

export function field(name: string, type: DataType | TypeKind, nullable = false): Field {
  return Object.freeze({ name, type: typeof type === 'string' ? typeOf[type] : type, nullable })
}

export const Schema = {
  /** Rows are objects with these properties. Names must differ. */
  record(fields: readonly Field[]): Schema {
    const seen = new Set<string>()
    for (const { name } of fields) {
      if (seen.has(name)) throw new RangeError(`invalid schema: two columns named ${JSON.stringify(name)}`)
      seen.add(name)
    }
    return Object.freeze({ fields: Object.freeze([...fields]), bare: false })
  },
  /** Rows are values of one type. */
  bare(type: DataType | TypeKind, nullable = false): Schema {
    return Object.freeze({ fields: Object.freeze([field('value', type, nullable)]), bare: true })
  },
  /** Rows are JavaScript values of which nothing is known. */
  opaque: Object.freeze({ fields: Object.freeze([field('value', 'any', true)]), bare: true }) as Schema,

  indexOf(schema: Schema, name: string): number {
    return schema.fields.findIndex(f => f.name === name)
  },
  isOpaque(schema: Schema): boolean {
    return schema.bare && schema.fields[0]!.type.kind === 'any'
  },
  equal(a: Schema, b: Schema): boolean {
    return (
      a === b ||
      (a.bare === b.bare &&
        a.fields.length === b.fields.length &&
        a.fields.every((f, i) => {
          const g = b.fields[i]!
          return f.name === g.name && f.type.kind === g.type.kind && f.nullable === g.nullable
        }))
    )
  },
}
