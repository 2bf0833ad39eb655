/** What may be said of state beside its kind: how long it lives, and which version of the program's it is. */
import { BatchBuilder, Schema, ValueError } from '@millrace/algebra'
import { MillraceError, positiveMs, type StateTtl } from '@millrace/plan'
import { type ColumnType, declaredRows, type RowSchema, schemaOf } from '@millrace/runtime'
import { checkFunction, checkOptions } from './steps/options.ts'
import type { Duration } from './words.ts'

/**
 * How long what is kept lives, in processing time: `'1d'`, or that and what makes the time begin anew. `create`: nothing;
 * `write`, the default: its being set; `read`: its being set or read. What has expired is never seen again.
 */
export type TimeToLive = Duration | { readonly after: Duration; readonly refresh?: 'create' | 'write' | 'read' }

export interface StateOptions<V> {
  /** Default: for ever. */
  readonly ttl?: TimeToLive
  /** Of what is kept; raise it when that changes. Default 1. */
  readonly version?: number
  /**
   * Makes of what an older program kept what this one keeps: the value, or each of a list or map, or the accumulator.
   * `old` is as it was kept then.
   */
  readonly migrate?: (old: unknown, fromVersion: number) => V
}

const names = ['ttl', 'version', 'migrate']

interface Checked {
  readonly ttl?: StateTtl
  readonly version?: number
  readonly migrate?: (old: never, fromVersion: never) => unknown
}

/** The options as the plan has them. Throws INVALID_OPTION or INVALID_ARGUMENT. */
export function stateOptions(kind: string, options: StateOptions<unknown> = {}, more: readonly string[] = []): Checked {
  checkOptions(`${kind} state`, options, [...names, ...more])
  const { ttl, version, migrate } = options
  if (version !== undefined && !(Number.isSafeInteger(version) && version >= 1))
    throw new MillraceError('INVALID_ARGUMENT', `invalid version of ${kind} state: ${String(version)}`, {
      hint: 'versions are whole numbers from 1',
    })
  if (migrate !== undefined) checkFunction('migrate', migrate)
  return {
    ...(ttl === undefined ? {} : { ttl: timeToLive(ttl) }),
    ...(version === undefined ? {} : { version }),
    ...(migrate === undefined ? {} : { migrate }),
  }
}

const refreshes = ['create', 'write', 'read'] as const

function timeToLive(ttl: TimeToLive): StateTtl {
  if (typeof ttl !== 'object') return Object.freeze({ afterMs: positiveMs('ttl', ttl), refresh: 'write' })
  checkOptions('ttl', ttl, ['after', 'refresh'])
  const { after, refresh = 'write' } = ttl
  if (!refreshes.includes(refresh))
    throw new MillraceError('INVALID_ARGUMENT', `invalid refresh of ttl: ${String(refresh)}`, {
      hint: `a time-to-live begins anew at one of ${refreshes.join(', ')}`,
    })
  return Object.freeze({ afterMs: positiveMs('ttl', after), refresh })
}

interface CheckedValue extends Checked {
  readonly default?: unknown
  readonly schema?: Schema
}

/** The columns of what is folded, and the options. */
export function foldOptions<V>(
  kind: string,
  type: ColumnType<V> | RowSchema<V> | undefined,
  options: StateOptions<V> | undefined,
): Checked & { readonly schema?: Schema } {
  const checked = stateOptions(kind, options)
  if (type === undefined) return checked
  const schema = columnsOf(kind, type)
  if (schema === undefined)
    throw new MillraceError('INVALID_ARGUMENT', `invalid type of ${kind} state: ${String(type)}`, {
      hint: 'give a column type or columns, int32 or row({ name: text }), or leave it out',
    })
  return Schema.isOpaque(schema) ? checked : { ...checked, schema }
}

/** The arguments of `value`: columns and options, or one of them. */
export function valueOptions<V>(
  first: ColumnType<V> | RowSchema<V> | StateOptions<V> | undefined,
  second: StateOptions<V> | undefined,
): CheckedValue {
  const schema = columnsOf('value', first)
  const given = schema === undefined && second === undefined ? (first as StateOptions<V> | undefined) : second
  const options: StateOptions<V> & { readonly default?: V } = given === undefined ? {} : given
  const checked = stateOptions('value', options, ['default'])
  const initial = options.default
  if (schema === undefined || Schema.isOpaque(schema))
    return initial === undefined ? checked : { ...checked, default: initial }
  return { ...checked, schema, ...(initial === undefined ? {} : { default: fitting(schema, initial) }) }
}

function columnsOf(kind: string, given: unknown): Schema | undefined {
  if (typeof given !== 'object' || given === null) return undefined
  if (!('~standard' in given)) {
    if (!('isNullable' in given)) return undefined
    const [{ type, nullable }] = schemaOf({ value: given as ColumnType }).fields
    return Schema.bare(type, nullable)
  }
  const { schema, validate } = declaredRows(given as RowSchema<unknown>)
  if (schema !== undefined && validate === undefined) return schema
  throw new MillraceError('INVALID_ARGUMENT', `invalid type of ${kind} state: a validator`, {
    hint: `declare it as a column type or as columns: ${kind}(int32), ${kind}(row({ name: text }))`,
  })
}

/** The default as its columns give it back. */
function fitting(schema: Schema, initial: unknown): unknown {
  const builder = new BatchBuilder(schema, 1)
  try {
    builder.append(initial)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    throw new MillraceError('INVALID_ARGUMENT', `invalid default of value state: ${error.message}`, { cause: error })
  }
  return builder.build().row(0)
}
