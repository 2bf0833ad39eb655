/**
 * Plans as JSON: a list of nodes, inputs first, that refer to their inputs by identity.
 *
 * A node has its properties under their own names. Sources and sinks appear by label, types by name, functions as
 * `{ function: name }`; numbers that JSON lacks as `{ number: 'NaN' }`, bigints as `{ bigint: '1' }`. The version
 * changes when a reader of the old form would misread the new one.
 */
import type { Schema } from '@millrace/algebra'
import type { CallSite } from '../call-site.ts'
import { children, inputsOf } from '../children.ts'
import { identify } from '../identity.ts'
import type { PlanNode } from '../node.ts'

export const planFormat = 'millrace-plan'
export const planVersion = 1

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue }

export interface NodeJson {
  readonly id: string
  readonly kind: string
  /** Identities of the inputs, from left to right. */
  readonly inputs: readonly string[]
  readonly collection: string
  readonly schema: JsonValue
  readonly site?: CallSite
  readonly [property: string]: unknown
}

export interface PlanJson {
  readonly format: typeof planFormat
  readonly version: typeof planVersion
  readonly roots: readonly string[]
  readonly nodes: readonly NodeJson[]
}

export interface JsonOptions {
  /** Whether nodes tell where they were written; default true. */
  readonly sites?: boolean
}

export function toJSON(plan: readonly PlanNode[], { sites = true }: JsonOptions = {}): PlanJson {
  const identities = identify(plan)
  const nodes = [...identities].map(([node, id]): NodeJson => {
    const { kind, name, collection, schema, site } = node
    return {
      id,
      kind,
      ...(name !== undefined && { name }),
      inputs: inputsOf(node).map(input => identities.get(input)!),
      collection,
      schema: encodeSchema(schema),
      ...ownProperties(node),
      ...(sites && site !== undefined && { site }),
    }
  })
  return { format: planFormat, version: planVersion, roots: plan.map(node => identities.get(node)!), nodes }
}

/** The properties that only this kind of node has, but for its inputs. */
function ownProperties(node: PlanNode): Record<string, JsonValue> {
  const known = new Set<string>(['kind', 'name', 'collection', 'schema', 'site', ...children[node.kind]])
  const own: [string, JsonValue][] = []
  for (const [property, value] of Object.entries(node)) {
    if (known.has(property) || value === undefined) continue
    const labelled = property === 'source' || property === 'sink'
    own.push([property, labelled ? value.label : encode(value, [])])
  }
  return Object.fromEntries(own)
}

function encodeSchema({ fields, bare }: Schema): JsonValue {
  const columns = fields.map(({ name, type, nullable }) => ({ name, type: type.kind, nullable }))
  return { bare, columns }
}

function encode(value: unknown, within: readonly unknown[]): JsonValue {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { number: Object.is(value, -0) ? '-0' : `${value}` }
    case 'bigint':
      return { bigint: `${value}` }
    case 'function':
      return { function: value.name === '' ? 'anonymous' : value.name }
    case 'string':
    case 'boolean':
      return value
    case 'object':
      return value === null ? null : encodeObject(value, within)
    default:
      return null
  }
}

function encodeObject(value: object, within: readonly unknown[]): JsonValue {
  if (within.includes(value)) return { object: 'cyclic' }
  const deeper = [...within, value]
  if (Array.isArray(value)) return value.map(item => encode(item, deeper))
  if (isSchema(value)) return encodeSchema(value)
  const prototype = Object.getPrototypeOf(value)
  // A default of user state may be an instance of anything; its data is not the plan's.
  if (prototype !== Object.prototype && prototype !== null) return { object: prototype.constructor.name }
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(
    entries.map(([name, inner]) => [name, name === 'type' && isType(inner) ? inner.kind : encode(inner, deeper)]),
  )
}

function isSchema(value: object): value is Schema {
  return 'fields' in value && 'bare' in value
}

function isType(value: unknown): value is { kind: string } {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string'
}
