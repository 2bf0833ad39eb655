/**
 * Aggregates: by key or over all rows, windowed or not.
 *
 * An aggregate of no value but null is null. A group has at least one row, so that over a column without nulls only
 * an aggregate of all rows may be null: that of none.
 */
import { type Field, field, typeOf } from '@millrace/algebra'
import { MillraceError } from '../error.ts'
import { requireEventTime } from '../event-time.ts'
import { familyOf } from '../expression/family.ts'
import { print } from '../expression/print.ts'
import type { AggregateCall, AggregateNode, BuiltInAggregate, KeySpec, PlanNode, WindowSpec } from '../node.ts'
import { closed, grouped } from '../outcomes.ts'
import { checkColumns, frozenKey, keyFields, type Place, recordOf } from './place.ts'
import { frozenWindow, windowFields } from './window.ts'

interface AggregateSpec extends Place {
  readonly input: PlanNode
  readonly key: KeySpec | null
  readonly window: WindowSpec | null
  readonly aggregates: readonly AggregateCall[]
}

/**
 * Rows of the key's columns, `windowStart` and `windowEnd` if windowed, then one column an aggregate.
 * Throws UNKNOWN_COLUMN, COLUMN_CLASH, TYPE_MISMATCH, MISSING_EVENT_TIME.
 */
export function aggregateNode(spec: AggregateSpec): AggregateNode {
  const { input, site, name } = spec
  const key = spec.key === null ? null : frozenKey(spec.key)
  const window = spec.window === null ? null : frozenWindow(spec.window, spec)
  if (window !== null) requireEventTime(input, 'a window', site)
  if (key === null && spec.aggregates.length === 0)
    throw new MillraceError('INVALID_ARGUMENT', 'missing aggregates', { site })
  const schema = recordOf(
    [
      ...(key === null ? [] : keyFields(input.schema, key, spec)),
      ...(window === null ? [] : windowFields),
      ...spec.aggregates.map(call => aggregateField(call, spec)),
    ],
    spec,
    'give the aggregate another name than the columns of the key and of the window',
  )
  return Object.freeze({
    kind: 'aggregate',
    schema,
    collection: (window === null ? grouped : closed)[input.collection],
    site,
    name,
    input,
    key,
    window,
    aggregates: Object.freeze(spec.aggregates.map(call => Object.freeze({ ...call }))),
  })
}

function aggregateField(call: AggregateCall, spec: AggregateSpec): Field {
  const { name, aggregate, argument } = call
  if (argument !== null) checkColumns(spec.input.schema, argument, spec)
  if (typeof aggregate !== 'string') return field(name, 'any', true)
  if (aggregate === 'count') return field(name, 'double')
  if (argument === null)
    throw new MillraceError('INVALID_ARGUMENT', `missing column of ${aggregate}`, { site: spec.site })
  const ofNone = spec.key === null && spec.window === null
  return field(name, typeOf[resultKind(aggregate, call, spec)], argument.nullable || ofNone)
}

function resultKind(aggregate: Exclude<BuiltInAggregate, 'count'>, { argument }: AggregateCall, { site }: Place) {
  const { type } = argument!
  if (aggregate === 'min' || aggregate === 'max') return type.kind
  const family = familyOf(type)
  if (family === 'text' || family === 'boolean')
    throw new MillraceError('TYPE_MISMATCH', `invalid operand of ${aggregate}: ${type.kind} (${print(argument!)})`, {
      site,
      hint: 'it adds numbers up; count, min and max take any column',
    })
  return aggregate === 'sum' && family === 'bigint' ? 'bigint' : 'double'
}
