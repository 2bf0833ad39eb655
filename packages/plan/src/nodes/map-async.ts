/** An asynchronous function of each row. */
import { Schema } from '@millrace/algebra'
import { MillraceError } from '../error.ts'
import type { NodeOf, PlanNode } from '../node.ts'
import type { Place } from './place.ts'

type MapAsync = NodeOf<'mapAsync'>

type Given = Pick<MapAsync, 'fn' | 'capacity' | 'ordered' | 'timeoutMs' | 'retry'>

/** `schema` is of what the function's promise gives; opaque unless declared. Throws WRONG_KIND if rows can be taken back. */
export function mapAsyncNode(
  spec: Place & Given & { readonly input: PlanNode; readonly schema?: Schema },
): NodeOf<'mapAsync'> {
  const { input, schema = Schema.opaque, fn, capacity, ordered, timeoutMs, retry, site, name } = spec
  const { collection } = input
  if (collection === 'updating')
    throw new MillraceError('WRONG_KIND', 'invalid input of mapAsync: updating', {
      site,
      hint: 'what is asked for outside may be another thing when a row is taken back: use it before what makes updates',
    })
  return Object.freeze({
    kind: 'mapAsync',
    schema,
    collection,
    site,
    name,
    input,
    fn,
    capacity,
    ordered,
    timeoutMs,
    retry: Object.freeze({ ...retry }),
  })
}
