/** A user's function of two collections run the slow way: rows of both and watermarks one after the other, on plain objects. */
import { type ProcessInput, processTwin } from './process.ts'

export type ConnectInput = ProcessInput | { readonly broadcast: unknown; readonly time: number | undefined }

type UserCall = (input: never, context: never) => unknown

export interface ConnectProgram {
  /** State of a key. */
  readonly state: () => object
  /** What is alike everywhere, by name of the state. */
  readonly broadcasts: Readonly<Record<string, Map<unknown, unknown>>>
  readonly onElement: UserCall
  readonly onBroadcast: UserCall
  readonly onTimer: UserCall
}

/** What comes out, by name of the side or ''. */
export function connectBroadcastTwin(inputs: readonly ConnectInput[], program: ConnectProgram) {
  const { state, broadcasts, onElement, onBroadcast, onTimer } = program
  const all = () => ({ ...state(), ...broadcasts })
  const everywhere = {}
  const rows = inputs.map(input =>
    'broadcast' in input ? { key: everywhere, row: { broadcast: input.broadcast }, time: undefined } : input,
  )
  const either = (row: object, context: object) =>
    'broadcast' in row
      ? onBroadcast(row.broadcast as never, { ...context, state: broadcasts } as never)
      : onElement(row as never, context as never)
  return processTwin(rows, { state: all, onElement: either as UserCall, onTimer })
}
