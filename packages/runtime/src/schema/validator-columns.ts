/**
 * Columns from what a validator tells of its output: Standard JSON Schema (https://standardschema.dev/json-schema), which zod
 * and arktype implement, and valibot through `toStandardJsonSchema`.
 *
 * A column is made only where the JSON Schema leaves no doubt about the JavaScript value: text, numbers and truth values,
 * null beside them or not. Every other property becomes a column of any values; what is no plain object with a known set
 * of properties stays one value a row. An optional property is among the other ones: a column would give null
 * where the validator's type says undefined. The validator still makes every row, so this decides how rows travel,
 * never what they are; a value that its own JSON Schema excludes is an error of that row.
 */
import { type Field, field, Schema, type TypeKind } from '@millrace/algebra'
import type { StandardSchema } from './standard-schema.ts'

type JsonSchema = { readonly [keyword: string]: unknown }

/** Of the rows that a validator returns; opaque where it does not tell. */
export function schemaOfValidator(validator: StandardSchema): Schema {
  const described = outputOf(validator)
  const properties = described === undefined ? undefined : propertiesOf(described)
  if (described === undefined || properties === undefined) return Schema.opaque
  const required = Array.isArray(described.required) ? described.required : []
  const fields = Object.entries(properties).map(([name, property]) =>
    required.includes(name) ? fieldOf(name, property) : field(name, 'any', true),
  )
  return fields.length === 0 ? Schema.opaque : Schema.record(fields)
}

const TARGETS = ['draft-2020-12', 'draft-07']

/**
 * For zod: what has no JSON Schema (dates, bigints, transforms) is left open instead of refused, and what users note for
 * readers of documentation is left out, since `z.date().meta({ type: 'string' })` is no string.
 */
const LIBRARY_OPTIONS: Readonly<Record<string, JsonSchema>> = {
  zod: { unrepresentable: 'any', metadata: { get: () => undefined, has: () => false } },
}

function outputOf(validator: StandardSchema): JsonSchema | undefined {
  const standard = validator['~standard']
  const converter = (standard as { readonly jsonSchema?: unknown }).jsonSchema
  if (!isObject(converter) || typeof converter.output !== 'function') return undefined
  const libraryOptions = Object.hasOwn(LIBRARY_OPTIONS, standard.vendor) ? LIBRARY_OPTIONS[standard.vendor] : undefined
  for (const target of TARGETS)
    try {
      const described: unknown = converter.output({ target, libraryOptions })
      if (isObject(described)) return described
    } catch {
      // the specification has a library throw for a target, or a type, that it cannot put into JSON Schema
    }
  return undefined
}

/** Keywords beside `properties` that may let other properties in, or speak of the object as a whole. */
const OPEN = ['$ref', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'patternProperties', 'propertyNames']

function propertiesOf(described: JsonSchema): JsonSchema | undefined {
  const { type, properties, additionalProperties = false, unevaluatedProperties = false } = described
  if (type !== 'object' || additionalProperties !== false || unevaluatedProperties !== false) return undefined
  return isObject(properties) && !OPEN.some(keyword => keyword in described) ? properties : undefined
}

function fieldOf(name: string, property: unknown): Field {
  const kinds = kindsOf(property)
  const nullable = kinds.delete('null')
  if (kinds.has('double')) kinds.delete('int32')
  const [only, ...others] = kinds
  return only === undefined || others.length > 0 || only === 'any' || only === 'null'
    ? field(name, 'any', true)
    : field(name, only, nullable)
}

type Kind = TypeKind | 'null'

/** What kinds of values a schema allows. */
function kindsOf(described: unknown): Set<Kind> {
  if (!isObject(described) || '$ref' in described || '$dynamicRef' in described) return new Set(['any'])
  const { type, enum: values, anyOf, oneOf } = described
  if (type !== undefined) return new Set([type].flat().map(one => kindOf(one, described)))
  if ('const' in described) return new Set([kindOfValue(described.const)])
  if (Array.isArray(values)) return new Set(values.map(kindOfValue))
  const either = anyOf ?? oneOf
  return new Set<Kind>(Array.isArray(either) ? either.flatMap(one => [...kindsOf(one)]) : ['any'])
}

function kindOf(type: unknown, described: JsonSchema): Kind {
  switch (type) {
    case 'string':
      return described.format === 'binary' || described.contentEncoding === 'binary' ? 'any' : 'text' // a File
    case 'boolean':
    case 'null':
      return type
    case 'number':
      return 'double'
    case 'integer':
      return fitsInt32(described) ? 'int32' : 'double'
    default:
      return 'any'
  }
}

function kindOfValue(value: unknown): Kind {
  if (value === null) return 'null'
  if (typeof value === 'string') return 'text'
  return typeof value === 'number' ? 'double' : typeof value === 'boolean' ? 'boolean' : 'any'
}

function fitsInt32({ minimum, maximum }: JsonSchema): boolean {
  return typeof minimum === 'number' && minimum >= -(2 ** 31) && typeof maximum === 'number' && maximum < 2 ** 31
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
