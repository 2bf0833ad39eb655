/** Where lines of JSON go: into columns, to a validator, or nowhere. */
import { AnyColumn, Batch, BatchBuilder, Schema, ValueError } from '@millrace/algebra'
import type { DeclaredRows } from '@millrace/runtime'
import type { Zone } from '../parse/zone.ts'
import { type FromJson, fromJson } from './json-values.ts'
import { ObjectRows } from './object-rows.ts'
import { ODD } from './scan.ts'

export interface RowsSpec {
  readonly zone: Zone
  readonly validate: DeclaredRows['validate']
}

export interface JsonRows {
  /** Before a batch of at most so many rows. */
  begin(maxRows: number): void
  /** Takes a line of valid UTF-8; returns where the next begins, or `ODD`: it has to be parsed, and `append`ed. */
  take(bytes: Uint8Array, start: number): number
  /** Throws a ValueError or `InvalidRow` for a value that does not fit. */
  append(value: unknown): void
  build(): Batch
}

export function jsonRows(schema: Schema, { validate, zone }: RowsSpec): JsonRows {
  if (validate !== undefined) return new ValidatedRows(schema, validate)
  return Schema.isOpaque(schema) ? new OpaqueRows(schema) : new ColumnRows(schema, zone)
}

class ColumnRows implements JsonRows {
  readonly #schema: Schema
  readonly #rows: ObjectRows
  /** Of one row: checks the values of a line that had to be parsed. */
  readonly #checked: BatchBuilder
  /** Per column: every object inherits a property of that name. */
  readonly #inherited: readonly boolean[]
  readonly #convert: readonly (FromJson | undefined)[]

  constructor(schema: Schema, zone: Zone) {
    this.#schema = schema
    this.#rows = new ObjectRows(schema, zone)
    this.#checked = new BatchBuilder(schema, 1)
    this.#inherited = schema.fields.map(f => f.name in Object.prototype)
    this.#convert = schema.fields.map(f => fromJson(f, zone))
  }

  begin(maxRows: number): void {
    this.#rows.begin(maxRows)
  }
  take(bytes: Uint8Array, start: number): number {
    return this.#rows.take(bytes, start)
  }
  append(value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ValueError('', value, 'object with a property a column')
    const record = value as Record<string, unknown>
    const builder = this.#checked
    builder.clear()
    try {
      for (const [c, { name }] of this.#schema.fields.entries()) {
        const given = this.#inherited[c] && !Object.hasOwn(record, name) ? null : (record[name] ?? null)
        builder.columns[c]!.append(this.#convert[c]?.(given) ?? given)
      }
      builder.endRow()
    } catch (error) {
      builder.abandonRow()
      throw error
    }
    const row = builder.build()
    this.#rows.put(c => row.get(c, 0))
  }
  build(): Batch {
    return new Batch(this.#schema, this.#rows.build(), this.#rows.rows)
  }
}

class OpaqueRows implements JsonRows {
  readonly #schema: Schema
  #values: unknown[] = []

  constructor(schema: Schema) {
    this.#schema = schema
  }
  append(value: unknown): void {
    this.#values.push(value)
  }
  build(): Batch {
    return new Batch(this.#schema, [new AnyColumn(this.#values)], this.#values.length)
  }
  begin(): void {
    this.#values = []
  }
  take(): number {
    return ODD
  }
}

class ValidatedRows implements JsonRows {
  readonly #builder: BatchBuilder
  readonly #validate: NonNullable<DeclaredRows['validate']>

  constructor(schema: Schema, validate: NonNullable<DeclaredRows['validate']>) {
    this.#builder = new BatchBuilder(schema)
    this.#validate = validate
  }
  append(value: unknown): void {
    this.#builder.append(this.#validate(value))
  }
  build(): Batch {
    return this.#builder.build()
  }
  begin(): void {
    this.#builder.clear()
  }
  take(): number {
    return ODD
  }
}
