/**
 * What waits for build inputs (`KeptInput`), where the subtasks are others than before: its rows, to those who would get
 * them now. What came between them goes: watermarks, which are said again and only come later then, so that no row becomes
 * late; and ends, since who had ended says so again.
 */
import { AnyColumn, BATCH_ROWS, Batch, Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { keptLog } from '../../driver/kept-input.ts'
import type { DistributedNode } from '../../lower/distribute.ts'
import type { StatePart } from '../../state/handle.ts'
import type { Move } from './move.ts'
import { rowsInTurn, rowsOfGroups } from './move-rows.ts'
import type { FormerParts } from './moved-keys.ts'

export interface Kept {
  readonly rows: readonly FormerParts[]
  readonly between: readonly FormerParts[]
}

interface MovedKept {
  readonly rows: readonly StatePart[]
  readonly between: readonly StatePart[]
}

export function movedKept({ rows }: Kept, { node, inputs }: DistributedNode, input: number, move: Move): MovedKept {
  if (node.kind !== 'operator' || rows.every(({ parts }) => parts.length === 0)) return { rows: [], between: [] }
  if (move.tellsSplits) throw keepsSplits(move)
  const { schema } = node.spec.inputs[input]
  const { exchange } = inputs[input]
  const { subtask, subtasks } = move
  const own =
    exchange.kind === 'hash'
      ? rowsOfGroups(rows, exchange.columns, subtask, subtasks, schema)
      : rowsInTurn(rows, subtask, subtasks, schema)
  if (own.length === 0) return { rows: [], between: [] }
  const runs: number[] = []
  for (let left = own[0].batch!.length; left > 0; left -= BATCH_ROWS) runs.push(Math.min(left, BATCH_ROWS))
  const log = new Batch(Schema.opaque, [new AnyColumn([keptLog(runs)])], 1)
  return { rows: own, between: [{ group: -1, meta: null, batch: log }] }
}

/** Watermarks are made behind the join, of splits that would not be the same ones. */
function keepsSplits({ formerly }: Move): MillraceError {
  return new MillraceError('UNSUPPORTED', 'invalid parallelism: rows wait for the right side of a join', {
    hint: `watermarks are made behind it: go on with ${formerly} workers until the right side is read, then change their number`,
  })
}
