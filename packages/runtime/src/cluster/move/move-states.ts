/**
 * States of an operator whose subtasks are others than when the checkpoint was taken: each subtask gets the key groups that
 * are now its own, and of what belongs to no key what its declaration says.
 *
 * Law: what comes out is a pure function of the checkpoint and of the layout, whoever computes it; all subtasks together
 * have every key's state once. Where every subtask has all keys (a broadcast join), each goes on from a former one.
 * Cost: the batches of key groups are not copied, but for their ids.
 */
import { AnyColumn, Batch, Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { PartRecord } from '../../checkpoint/part.ts'
import { keptDeclarations } from '../../driver/kept-input.ts'
import { WRITER, WRITERS } from '../../driver/sink-vertex.ts'
import type { VertexStates } from '../../driver/vertex-record.ts'
import type { DistributedNode } from '../../lower/distribute.ts'
import type { OperatorSpec } from '../../operator.ts'
import type { StateDeclaration } from '../../state/declaration.ts'
import type { StatePart } from '../../state/handle.ts'
import { SWEEP } from '../../state/operator-state.ts'
import { redistributed } from '../../state/redistribute.ts'
import { MARKS_LOST } from '../../state/requests.ts'
import type { Move } from './move.ts'
import { type Kept, movedKept } from './move-kept.ts'
import { keyedRows, rowsInTurn } from './move-rows.ts'
import { type FormerParts, MovedKeys } from './moved-keys.ts'

type States = ReadonlyMap<string, readonly FormerParts[]>

export function moveStates(of: DistributedNode, records: readonly PartRecord[], move: Move): VertexStates {
  const { node } = of
  const former = byState(records)
  if (node.kind === 'sink') {
    const all = former.get(WRITER) ?? []
    return new Map([
      [WRITER, writerStates(all, move)],
      [WRITERS, all.flatMap(({ parts }) => parts.map(({ group, meta }) => ({ group, meta, batch: null })))],
    ])
  }
  if (node.kind !== 'operator' || node.spec.transient === true || records.length === 0) return new Map()
  return located(node.spec, () => operatorStates(of, node.spec, former, move))
}

function operatorStates(of: DistributedNode, spec: OperatorSpec, former: States, move: Move): VertexStates {
  const moved = new Map<string, readonly StatePart[]>()
  const index = former.get('')
  const whole = index !== undefined && isEverywhere(of) ? chosen(index, move) : undefined
  const keys = index === undefined ? undefined : new MovedKeys(index, move.subtask, move.subtasks)
  if (keys !== undefined) moved.set('', whole === undefined ? keys.parts : partsOf(index!, whole))
  for (const [name, declaration] of Object.entries(spec.state)) {
    const state = former.get(name) ?? []
    if (whole !== undefined && declaration.kind !== 'cell') moved.set(name, partsOf(state, whole))
    else moved.set(name, movedState(name, declaration, state, keys, move))
  }
  moved.set(SWEEP, sweepOf(former.get(SWEEP) ?? []))
  for (const name of Object.keys(keptDeclarations(spec.inputs))) {
    if (!name.startsWith('kept:')) continue
    const input = Number(name.slice('kept:'.length))
    const kept: Kept = { rows: former.get(name) ?? [], between: former.get(`between:${input}`) ?? [] }
    const { rows, between } = movedKept(kept, of, input, move)
    moved.set(name, rows).set(`between:${input}`, between)
  }
  return moved
}

function byState(records: readonly PartRecord[]): States {
  const states = new Map<string, Map<number, StatePart[]>>()
  for (const { subtask, state, group, meta, batch } of records) {
    const subtasks = states.get(state) ?? new Map<number, StatePart[]>()
    states.set(state, subtasks)
    const parts = subtasks.get(subtask) ?? []
    subtasks.set(subtask, parts)
    parts.push({ group, meta, batch })
  }
  const inOrder = (subtasks: ReadonlyMap<number, readonly StatePart[]>): FormerParts[] =>
    [...subtasks].map(([subtask, parts]) => ({ subtask, parts })).sort((a, b) => a.subtask - b.subtask)
  return new Map([...states].map(([name, subtasks]) => [name, inOrder(subtasks)]))
}

/** Every subtask has all keys: no key decides where a row goes. */
function isEverywhere({ place, inputs }: DistributedNode): boolean {
  const kinds = inputs.map(({ exchange }) => exchange.kind)
  return kinds.includes('broadcast') && !kinds.includes('hash') && place !== 'caller'
}

/** Former subtasks that had come to their end have left nothing; any other is as good as one. */
function chosen(index: readonly FormerParts[], { subtask }: Move): number {
  return index[subtask % index.length].subtask
}

function partsOf(state: readonly FormerParts[], former: number): readonly StatePart[] {
  return state.find(({ subtask }) => subtask === former)?.parts ?? []
}

function movedState(
  name: string,
  declaration: StateDeclaration,
  state: readonly FormerParts[],
  keys: MovedKeys | undefined,
  move: Move,
): StatePart[] {
  const { subtask, subtasks } = move
  switch (declaration.kind) {
    case 'cell':
      return movedCell(name, declaration, state, move)
    case 'broadcast':
    case 'operatorList':
      if (state.length === 0) return []
      return redistributed(
        declaration.kind,
        state.map(({ parts }) => parts),
        subtasks,
      )[subtask]
    case 'requests':
      return movedRequests(state, move)
    case 'rows':
      if (declaration.keyed) return keys === undefined ? [] : keyedRows(state, keys, declaration.schema)
      return rowsInTurn(state, subtask, subtasks, declaration.schema)
    case 'slices':
      return [...emptySlices(state), ...(keys?.keyed(state) ?? [])]
    default:
      return keys?.keyed(state) ?? []
  }
}

/** Subtasks that get no row hear of it, too: watermarks were held back by rows that are elsewhere now. */
function movedRequests(state: readonly FormerParts[], { subtask, subtasks }: Move): StatePart[] {
  if (state.length === 0) return []
  const former = state.map(({ parts }) => parts)
  const own = redistributed('operatorList', former, subtasks)[subtask]
  return [{ group: -1, meta: MARKS_LOST, batch: null }, ...own.map(part => ({ ...part, meta: MARKS_LOST }))]
}

/** Slices that are there although no key has anything in them. */
function emptySlices(state: readonly FormerParts[]): StatePart[] {
  const parts = state.flatMap(of => of.parts).filter(({ group }) => group === -1)
  return [...new Map(parts.map(part => [part.meta, part])).values()].sort((a, b) => Number(a.meta) - Number(b.meta))
}

function movedCell(
  name: string,
  { move: of }: Extract<StateDeclaration, { kind: 'cell' }>,
  state: readonly FormerParts[],
  move: Move,
): StatePart[] {
  const values = state.flatMap(({ parts }) => parts.map(({ batch }) => batch!.get(0, 0)))
  if (values.length === 0) return []
  if (of !== undefined) return [cell(of(values, move))]
  if (values.length === 1 && move.subtasks === 1) return [cell(values[0])]
  throw new MillraceError('INTERNAL', `missing move of state ${JSON.stringify(name)}`)
}

function cell(value: unknown): StatePart {
  return { group: -1, meta: null, batch: new Batch(Schema.opaque, [new AnyColumn([value])], 1) }
}

/** The sweep for what has expired begins anew; time does not go back. */
function sweepOf(state: readonly FormerParts[]): StatePart[] {
  const metas = state.flatMap(({ parts }) => parts.map(({ meta }) => meta as { readonly now: number }))
  if (metas.length === 0) return []
  return [{ group: -1, meta: { next: 0, now: Math.max(...metas.map(({ now }) => now)) }, batch: null }]
}

/** As many writers as before: each its own. Otherwise they are dealt round. */
function writerStates(state: readonly FormerParts[], { subtask, subtasks, formerly }: Move): StatePart[] {
  const isOwn = (former: number): boolean =>
    formerly === subtasks ? former === subtask : former % subtasks === subtask
  return state.filter(({ subtask: former }) => isOwn(former)).flatMap(({ parts }) => parts)
}

function located<T>({ label, site }: OperatorSpec, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw error instanceof MillraceError ? error.with({ operator: label, site }) : error
  }
}
