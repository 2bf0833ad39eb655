/**
 * Keys of an operator whose subtasks are others than before: which of them this subtask has now, and under which ids.
 *
 * Law: ids are given out anew from 0, by key group, then former subtask, then former id: a pure function of the checkpoint
 * and of how many subtasks there are, so that whoever restores it comes to the same.
 */
import { Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { workerOfGroup } from '../../lower/worker-of-group.ts'
import type { StatePart } from '../../state/handle.ts'

/** What one former subtask had of one state. */
export interface FormerParts {
  readonly subtask: number
  readonly parts: readonly StatePart[]
}

const freeSchema = Schema.record([field('id', 'int32')])

export class MovedKeys {
  /** The key index. */
  readonly parts: readonly StatePart[]
  readonly #subtask: number
  readonly #subtasks: number
  /** By former subtask and former id: the id now, or -1. */
  readonly #ids = new Map<number, Int32Array>()

  constructor(index: readonly FormerParts[], subtask: number, subtasks: number) {
    this.#subtask = subtask
    this.#subtasks = subtasks
    const own = index.flatMap(({ subtask: former, parts }) => {
      const layout = parts.find(({ group }) => group === -1)!
      this.#ids.set(former, new Int32Array(layout.meta as number).fill(-1))
      return parts.filter(({ group }) => this.owns(group)).map(part => ({ former, part }))
    })
    own.sort((a, b) => a.part.group - b.part.group || a.former - b.former)
    let next = 0
    const placed = own.map(({ former, part }) => {
      const { columns, length, schema } = part.batch!
      const ids = Int32Array.from({ length }, (_, i) => next + i)
      const known = this.#ids.get(former)!
      for (let i = 0; i < length; i++) known[columns[0].get(i) as number] = next + i
      next += length
      return { ...part, batch: new Batch(schema, [new Int32Column(ids), ...columns.slice(1)], length) }
    })
    const none = new Batch(freeSchema, [new Int32Column(new Int32Array(0))], 0)
    this.parts = [{ group: -1, meta: next, batch: none }, ...placed]
  }

  /** A key group of this subtask; -1, a subtask's own, is none. */
  owns(group: number): boolean {
    return group >= 0 && workerOfGroup(group, this.#subtasks) === this.#subtask
  }

  /** The id that a former id has now; -1: another subtask has the key. */
  idOf(former: number, id: number): number {
    return this.#ids.get(former)?.[id] ?? -1
  }

  /** Parts by key group, of keys that are this subtask's, with the ids that these have now. */
  keyed(state: readonly FormerParts[]): StatePart[] {
    const own = state.flatMap(({ subtask: former, parts }) =>
      parts.filter(({ group }) => this.owns(group)).map(part => ({ former, part })),
    )
    own.sort((a, b) => a.part.group - b.part.group || a.former - b.former)
    return own.map(({ former, part }) => ({ ...part, batch: this.#renumbered(former, part.batch!) }))
  }

  #renumbered(former: number, { schema, columns, length }: Batch): Batch {
    const ids = new Int32Array(length)
    for (let i = 0; i < length; i++) {
      ids[i] = this.idOf(former, columns[0].get(i) as number)
      if (ids[i] < 0) throw new MillraceError('INTERNAL', 'invalid checkpoint: a state of a key that no index has')
    }
    return new Batch(schema, [new Int32Column(ids), ...columns.slice(1)], length)
  }
}
