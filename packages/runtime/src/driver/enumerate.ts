import type { SourceNode } from '@millrace/plan'
import type { Source, Split, SplitContext } from '../source.ts'
import { connectorFailure } from './connector-failure.ts'

/** The splits of a source; its errors say which source, and where the user wrote it. */
export async function enumerate(node: SourceNode, context: SplitContext): Promise<readonly Split[]> {
  const source = node.source as Source
  try {
    return await source.splits(context)
  } catch (error) {
    throw connectorFailure(error, source.label, node.site)
  }
}
