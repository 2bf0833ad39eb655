/**
 * What a user's functions see of a broadcast state: rows of the broadcast side, which every worker sees in one order, may change
 * it; all others read it. Otherwise it would soon be another one on each worker.
 */
import { MillraceError } from '@millrace/plan'
import type { BroadcastState } from '../state/broadcast.ts'
import { type CurrentKey, insideCall } from './inside-call.ts'

type State = BroadcastState<unknown, unknown>

/** For `onElement` and `onTimer`. */
export function broadcastView(name: string, state: State, current: CurrentKey): object {
  const refuse = (): never => {
    throw new MillraceError('USER_FUNCTION', `invalid change of state ${JSON.stringify(name)}: not in onBroadcast`, {
      hint: 'a broadcast state is alike on every worker: only onBroadcast, which all of them call, may change it',
    })
  }
  return Object.freeze(
    Object.defineProperties(
      { set: refuse, delete: refuse, clear: refuse },
      reading(state, () => insideCall(current)),
    ),
  )
}

/** For `onBroadcast`. */
export function broadcastHandle(name: string, state: State, check: () => void): object {
  return Object.freeze(
    Object.defineProperties(
      {
        set(key: unknown, value: unknown): void {
          check()
          if (typeof key === 'object' && key !== null) throw invalidMapKey(name)
          state.set(key, value)
        },
        delete(key: unknown): void {
          check()
          state.delete(key)
        },
        clear(): void {
          check()
          state.clear()
        },
      },
      reading(state, check),
    ),
  )
}

function reading(state: State, check: () => void): PropertyDescriptorMap {
  const checked =
    <A extends unknown[], R>(read: (...parameters: A) => R) =>
    (...parameters: A): R => {
      check()
      return read(...parameters)
    }
  return {
    size: { get: checked(() => state.size), enumerable: true },
    has: { value: checked((key: unknown) => state.has(key)), enumerable: true },
    get: { value: checked((key: unknown) => state.get(key)), enumerable: true },
    entries: { value: checked(() => state.entries()), enumerable: true },
  }
}

/** Objects are found by which they are, and after a restore they are others. */
export function invalidMapKey(name: string): MillraceError {
  return new MillraceError('INVALID_KEY', `invalid key of state ${JSON.stringify(name)}: an object`, {
    hint: 'keys of a map are text, numbers, bigints, booleans or null: use a field of it, or JSON',
  })
}
