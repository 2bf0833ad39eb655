/** Where a plan begins and ends: sources, sinks, side outputs, and a DataSet read as a stream. */
import { field, Schema } from '@millrace/algebra'
import { MillraceError } from '../error.ts'
import type { PlanNode, SideNode, SinkNode, SinkSpec, SourceNode, SourceSpec, StreamNode } from '../node.ts'
import { unknownName } from '../suggestion.ts'
import type { Place } from './place.ts'

/** The rows of a source's side output `rejected`: where each was, what was wrong, and its raw text. */
export const rejectedSchema: Schema = Schema.record([
  field('at', 'text'),
  field('message', 'text'),
  field('text', 'text'),
])

export function sourceNode({ source, site, name }: Place & { readonly source: SourceSpec }): SourceNode {
  const { schema } = source
  return Object.freeze({
    kind: 'source',
    schema,
    collection: source.bounded ? 'bounded' : 'appending',
    site,
    name,
    source,
    columns: Object.freeze(schema.fields.map(f => f.name)),
    predicates: Object.freeze([]),
  })
}

/** Throws WRONG_KIND if the sink cannot represent the collection. */
export function sinkNode({ input, sink, site, name }: Place & { input: PlanNode; sink: SinkSpec }): SinkNode {
  const { schema, collection } = input
  if (!sink.takes.includes(collection)) {
    const hint =
      collection === 'updating'
        ? 'its rows change after they were written: use upsert or changelog'
        : `it takes only what is ${sink.takes.join(' or ')}`
    const message = `invalid collection for ${sink.label}: ${collection} (takes: ${sink.takes.join(', ')})`
    throw new MillraceError('WRONG_KIND', message, { site, hint })
  }
  return Object.freeze({ kind: 'sink', schema, collection, site, name, input, sink })
}

/** Throws WRONG_KIND unless the input is bounded. */
export function streamNode({ input, site, name }: Place & { readonly input: PlanNode }): StreamNode {
  if (input.collection !== 'bounded')
    throw new MillraceError('WRONG_KIND', `invalid input of stream: ${input.collection}`, {
      site,
      hint: 'it is a stream already; only a DataSet can be read as one',
    })
  return Object.freeze({ kind: 'stream', schema: input.schema, collection: 'appending', site, name, input })
}

/** Throws INVALID_ARGUMENT if the input has no side output of that name. */
export function sideNode({ input, side, site, name }: Place & { input: PlanNode; side: string }): SideNode {
  const outputs = sidesOf(input)
  const output = outputs.get(side)
  if (output === undefined) throw unknownName('INVALID_ARGUMENT', 'side output', side, [...outputs.keys()], { site })
  return Object.freeze({ kind: 'side', ...output, site, name, input, side })
}

type Output = Pick<PlanNode, 'schema' | 'collection'>

/** The side outputs of a node by name: a process's own, `late` of a window, `rejected` of a source. */
export function sidesOf(node: PlanNode): ReadonlyMap<string, Output> {
  switch (node.kind) {
    case 'process':
    case 'connectBroadcast':
      return new Map(
        Object.entries(node.sides).map(([side, schema]) => [side, { schema, collection: node.collection }]),
      )
    case 'source':
      return new Map([['rejected', { schema: rejectedSchema, collection: node.collection }]])
    case 'aggregate':
    case 'reduce':
    case 'windowProcess': {
      const { schema, collection } = node.input
      return new Map(node.window === null ? [] : [['late', { schema, collection }]])
    }
    default:
      return new Map()
  }
}
