/** States of a job that goes on with another number of workers: each subtask gets the key groups that are now its own. */
import { MillraceError } from '@millrace/plan'
import type { PartRecord } from '../checkpoint/part.ts'
import type { VertexStates } from '../driver/vertex-record.ts'
import type { DistributedNode } from '../lower/distribute.ts'

export function moveStates(
  node: DistributedNode,
  _records: readonly PartRecord[],
  _subtask: number,
  _subtasks: number,
): VertexStates {
  throw new MillraceError('UNSUPPORTED', `invalid parallelism: the checkpoint of ${node.node.id} is of another`, {
    hint: 'go on with the number of workers that the job had',
  })
}
