/** State that folds what is added to it by a user's function: reducing and aggregating. */
import { MillraceError, type StateSpec } from '@millrace/plan'
import type { ValueCells } from '../state/user-declarations.ts'
import { type CurrentKey, insideCall } from './inside-call.ts'

type Fold = (a: unknown, b: unknown) => unknown
type Aggregating = Extract<StateSpec, { readonly kind: 'aggregating' }>

export function reducingHandle(name: string, reduce: unknown, cells: ValueCells, current: CurrentKey): object {
  const fold = reduce as Fold
  return Object.freeze({
    get: (): unknown => cells.get(insideCall(current)),
    add(value: unknown): void {
      const id = insideCall(current)
      const before = cells.get(id)
      cells.set(id, folded(name, before === undefined ? value : fold(before, value)))
    },
    clear: (): void => cells.set(insideCall(current), undefined),
  })
}

/** The accumulator is the aggregate's own: `add` may change the one it is given, and returns the one to keep. */
export function aggregatingHandle(name: string, of: Aggregating, cells: ValueCells, current: CurrentKey): object {
  const create = of.create as () => unknown
  const add = of.add as Fold
  const result = of.result as (accumulator: unknown) => unknown
  return Object.freeze({
    get(): unknown {
      const accumulator = cells.get(insideCall(current))
      return accumulator === undefined ? undefined : result(accumulator)
    },
    add(value: unknown): void {
      const id = insideCall(current)
      cells.set(id, folded(name, add(cells.get(id) ?? create(), value)))
    },
    clear: (): void => cells.set(insideCall(current), undefined),
  })
}

function folded(name: string, value: unknown): unknown {
  if (value !== undefined) return value
  throw new MillraceError('USER_FUNCTION', `missing result of a fold in state ${JSON.stringify(name)}`, {
    hint: 'return what is to be kept; clear() removes it',
  })
}
