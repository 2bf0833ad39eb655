/**
 * The columns of a Parquet file and what they are in Millrace.
 *
 *     BOOLEAN                            boolean
 *     INT32 (8, 16, 32 bits; unsigned 8, 16)   int32, or declared double, bigint
 *     INT32 unsigned                     double, or declared bigint
 *     INT64                              bigint, or declared int32, double: every value is checked
 *     FLOAT, DOUBLE                      double
 *     DATE, TIMESTAMP, INT96             timestamp
 *     BYTE_ARRAY: text, enum, JSON       text; other bytes only if declared text
 *
 * Nested columns, decimals, times of day, UUIDs and unsigned 64-bit integers are not read.
 */
import { type DataType, type Field, field, type TypeKind, typeOf } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { FileMetaData, SchemaElement } from './library.ts'

/** How the stored number becomes milliseconds. */
export type TimeUnit = 'days' | 'millis' | 'micros' | 'nanos' | 'int96'

export interface Leaf {
  readonly name: string
  readonly element: SchemaElement
  readonly optional: boolean
  /** What it is if nothing is declared; undefined: it cannot be read. */
  readonly natural: TypeKind | undefined
  /** What it may be declared as. */
  readonly possible: readonly TypeKind[]
  readonly time: TimeUnit | undefined
  /** Times are those of a clock in no zone. */
  readonly local: boolean
  /** As errors show it: `INT64 DECIMAL`. */
  readonly shown: string
}

/** The top-level columns of a file. */
export function leavesOf({ schema }: FileMetaData): readonly Leaf[] {
  const leaves: Leaf[] = []
  const [root, ...elements] = schema
  let index = 0
  for (let i = 0; i < (root?.num_children ?? 0); i++) {
    const element = elements[index]!
    leaves.push(leafOf(element))
    index = behind(elements, index)
  }
  return leaves
}

/** The index behind an element and all below it. */
function behind(elements: readonly SchemaElement[], index: number): number {
  let next = index + 1
  for (let i = 0; i < (elements[index]!.num_children ?? 0); i++) next = behind(elements, next)
  return next
}

function leafOf(element: SchemaElement): Leaf {
  const { name, type, converted_type, logical_type, repetition_type } = element
  const annotation = logical_type?.type ?? converted_type
  const flat = type !== undefined && repetition_type !== 'REPEATED'
  const time = flat ? timeOf(element) : undefined
  const possible = flat ? (time !== undefined ? (['timestamp'] as const) : possibleOf(element)) : []
  return {
    name,
    element,
    optional: repetition_type === 'OPTIONAL',
    natural: possible.includes('text') && annotation === undefined ? undefined : possible[0],
    possible,
    time,
    local: logical_type?.type === 'TIMESTAMP' && !logical_type.isAdjustedToUTC,
    shown: [flat ? type : 'nested', annotation].filter(part => part !== undefined).join(' '),
  }
}

function timeOf({ type, converted_type, logical_type }: SchemaElement): TimeUnit | undefined {
  if (type === 'INT96') return 'int96'
  if (type === 'INT32') return converted_type === 'DATE' || logical_type?.type === 'DATE' ? 'days' : undefined
  if (type !== 'INT64') return undefined
  if (logical_type?.type === 'TIMESTAMP') return UNITS[logical_type.unit]
  return converted_type === 'TIMESTAMP_MILLIS' ? 'millis' : converted_type === 'TIMESTAMP_MICROS' ? 'micros' : undefined
}

const UNITS = { MILLIS: 'millis', MICROS: 'micros', NANOS: 'nanos' } as const

/** The natural type first. */
function possibleOf({ type, converted_type, logical_type }: SchemaElement): readonly TypeKind[] {
  const annotation =
    logical_type?.type === 'INTEGER' ? integerName(logical_type) : (logical_type?.type ?? converted_type)
  switch (type) {
    case 'BOOLEAN':
      return ['boolean']
    case 'INT32':
      if (annotation === 'UINT_32') return ['double', 'bigint']
      return annotation === undefined || /^U?INT_/.test(annotation) ? ['int32', 'double', 'bigint'] : []
    case 'INT64':
      return annotation === undefined || annotation === 'INT_64' ? ['bigint', 'int32', 'double'] : []
    case 'FLOAT':
    case 'DOUBLE':
      return ['double']
    case 'BYTE_ARRAY':
      return annotation === undefined || TEXTS.includes(annotation) ? ['text'] : []
    default:
      return []
  }
}

const TEXTS: readonly string[] = ['UTF8', 'STRING', 'ENUM', 'JSON']

function integerName({ bitWidth, isSigned }: { bitWidth: number; isSigned: boolean }): string {
  return `${isSigned ? '' : 'U'}INT_${bitWidth}`
}

/** Whether 32 stored bits are an unsigned number. */
export function isUnsigned({ converted_type, logical_type }: SchemaElement): boolean {
  return (
    converted_type === 'UINT_32' ||
    (logical_type?.type === 'INTEGER' && !logical_type.isSigned && logical_type.bitWidth === 32)
  )
}

/** The column as it is read where none is declared. Throws a MillraceError if it cannot be. */
export function naturalField(leaf: Leaf, path: string): Field {
  if (leaf.natural !== undefined) return field(leaf.name, typeOf[leaf.natural] as DataType, leaf.optional)
  throw new MillraceError('UNSUPPORTED', `invalid type of column ${JSON.stringify(leaf.name)}: ${leaf.shown}`, {
    at: path,
    hint: 'Declare the columns to read, without this one: parquet(path, { name: text }).',
  })
}

/** The file's column for a declared one. Throws a MillraceError if it is missing or of another type. */
export function leafFor(leaves: readonly Leaf[], wanted: Field, path: string): Leaf {
  const leaf = leaves.find(l => l.name === wanted.name)
  const name = JSON.stringify(wanted.name)
  if (leaf === undefined) {
    const known = leaves.map(l => l.name).join(', ')
    throw new MillraceError('SCHEMA_MISMATCH', `missing column: ${name} (known: ${known})`, { at: path })
  }
  if (!leaf.possible.includes(wanted.type.kind)) {
    const hint = leaf.possible.length === 0 ? 'It cannot be read.' : `It can be read as ${leaf.possible.join(', ')}.`
    const message = `invalid type of column ${name}: ${leaf.shown} (declared: ${wanted.type.kind})`
    throw new MillraceError('SCHEMA_MISMATCH', message, { at: path, hint })
  }
  return leaf
}
