/** Results: rows in an array, or one by one. */
import { type CallSite, type PlanNode, sinkNode } from '@millrace/plan'
import type { Sink } from '@millrace/runtime'
import { CollectSink } from '../collect.ts'
import { IteratorSink } from '../iterate.ts'
import { type Scope, start } from '../scope.ts'

export async function collect<T>(scope: Scope, input: PlanNode, site: CallSite | undefined): Promise<T[]> {
  const sink = new CollectSink<T>()
  await start(scope, [sinkNode({ input, sink, site })]).finished
  return sink.rows()
}

/** The job starts when the first row is asked for. */
export function iterate<T>(scope: Scope, input: PlanNode, site: CallSite | undefined): AsyncIterator<T, undefined> {
  return new IteratorSink<T>((sink: Sink) => start(scope, [sinkNode({ input, sink, site })]))
}
