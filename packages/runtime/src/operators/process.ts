/**
 * A user's function by key, with declared state, event-time timers and side outputs.
 *
 * Law: for each key by itself, and whatever the other keys do, the output is that of the user's function called with
 * the key's rows in order, and with its timers, in order of time, once the watermark has reached them. What a call emits
 * has the time of its row or timer.
 * State: what the user declared, the timers, and the greatest time of a row.
 * Cost: one hash probe and one call a row; the context is one object for all calls.
 *
 * The end of the input (watermark +infinity) fires every timer that waits. Timers set while that goes on fire only up to
 * the greatest time a row had: one that sets its successor would otherwise never come to an end.
 */
import { type Batch, type Schema, Schema as Schemas } from '@millrace/algebra'
import { MillraceError, type StateSpec, unknownName } from '@millrace/plan'
import {
  type Done,
  type InputSpec,
  type Operator,
  type OperatorContext,
  type OperatorSpec,
  operatorSpec,
} from '../operator.ts'
import { refusePromise } from '../rows/refuse-promise.ts'
import { type RowReader, rowReader } from '../rows/row-reader.ts'
import type { CellState } from '../state/cell.ts'
import type { StateDeclarations } from '../state/declaration.ts'
import type { StateHandle } from '../state/handle.ts'
import type { TimersState } from '../state/timers.ts'
import { requireAppends } from './append-only.ts'
import { type CurrentKey, insideCall } from './inside-call.ts'
import { stateDeclaration, stateHandle } from './process-state.ts'
import { RowOutput } from './row-output.ts'
import type { RowSource } from './row-source.ts'
import { userFailure } from './user-failure.ts'

export interface ProcessOptions {
  readonly label: string
  readonly site?: OperatorSpec['site']
  readonly name?: string | undefined
  readonly schema: Schema
  /** Input columns that are the key; null: there is none, and what is remembered is the subtask's. */
  readonly key: readonly number[] | null
  /** Names of these columns in the key that the user sees. */
  readonly keyNames: readonly string[]
  readonly row: RowSource
  /** True: the user's function sees `{ row, weight }`, as of an updating collection. */
  readonly changes?: boolean
  readonly state: Readonly<Record<string, StateSpec>>
  readonly output: Schema
  /** Side outputs: ports 1 and on, in this order. */
  readonly sides: Readonly<Record<string, Schema>>
  readonly onElement: (row: never, context: never) => unknown
  readonly onTimer?: ((timeMs: never, context: never) => unknown) | undefined
  /** Rows in an output batch; default 1024. */
  readonly batchRows?: number
}

/** Before the user's name of a state. */
export const STATE = 'state:'

export function processOperator(options: ProcessOptions): OperatorSpec {
  const { label, site, name, output, sides } = options
  return operatorSpec({
    label,
    site,
    name,
    inputs: [processInput(options)],
    outputs: [output, ...Object.values(sides)],
    state: processState(options),
    create: (handles, context) => new ProcessCalls(options, handles, context),
  })
}

export function processInput({ schema, key }: ProcessOptions): InputSpec {
  return key === null ? { schema } : { schema, key: { columns: key, missing: 'insert' } }
}

/** What the user declared and, by key, the timers. */
export function processState({ key, state }: ProcessOptions): StateDeclarations {
  const declared = Object.entries(state).map(([n, of]) => [STATE + n, stateDeclaration(n, of, key !== null)])
  if (key === null) return Object.fromEntries(declared)
  return {
    ...Object.fromEntries(declared),
    timers: { kind: 'timers' },
    latest: {
      kind: 'cell',
      initial: () => Number.NEGATIVE_INFINITY,
      move: (former: readonly number[]) => Math.max(...former),
    },
  }
}

type UserCall = (input: unknown, context: object) => unknown

interface Call extends CurrentKey {
  time: number | undefined
  /** The row of the call; null in a timer's. */
  batch: Batch | null
  physical: number
}

/** Calls the user's functions for rows and timers. */
export class ProcessCalls implements Operator {
  readonly #changes: boolean
  readonly #onElement: UserCall
  readonly #onTimer: UserCall | undefined
  readonly #keyed: boolean
  /** By key only. */
  readonly #timers: TimersState | undefined
  readonly #latest: CellState<number> | undefined
  readonly #context: OperatorContext
  readonly #read: RowReader
  readonly #outputs: readonly RowOutput[]
  readonly #user: object
  readonly #call: Call = { id: -1, time: undefined, batch: null, physical: 0 }
  #ending = false

  constructor(options: ProcessOptions, handles: Readonly<Record<string, unknown>>, context: OperatorContext) {
    const { output, sides, batchRows } = options
    this.#changes = options.changes ?? false
    this.#onElement = options.onElement as UserCall
    this.#onTimer = options.onTimer as UserCall | undefined
    this.#keyed = options.key !== null
    this.#timers = handles.timers as TimersState | undefined
    this.#latest = handles.latest as CellState<number> | undefined
    this.#context = context
    this.#read = rowReader(options.row.schema, options.row.columns)
    this.#outputs = [output, ...Object.values(sides)].map((s, port) => new RowOutput(s, context, port, batchRows))
    this.#user = this.#userContext(options, handles)
  }

  process(batch: Batch): void {
    const ids = this.#keyed ? this.#context.ids : null
    const { selection, length, times } = batch
    if (!this.#changes) requireAppends(batch, 'process')
    const call = this.#call
    call.batch = batch
    let latest = this.#latest?.value ?? Number.NEGATIVE_INFINITY
    try {
      for (let i = 0; i < length; i++) {
        const row = selection === null ? i : selection[i]
        call.id = ids === null ? 0 : ids[i]
        call.physical = row
        call.time = times === null ? undefined : times[row]
        if (times !== null && times[row] > latest) latest = times[row]
        const read = this.#read(batch, row)
        const input = this.#changes ? { row: read, weight: batch.weights === null ? 1 : batch.weights[row] } : read
        finished('onElement', this.#onElement(input, this.#user))
      }
    } catch (error) {
      throw userFailure(error)
    } finally {
      call.id = -1
      call.batch = null
    }
    if (this.#latest !== undefined) this.#latest.value = latest
    for (const output of this.#outputs) output.flush()
  }

  onWatermark(watermark: number): Done {
    this.#ending = watermark === Number.POSITIVE_INFINITY
    if (this.#timers === undefined) return true
    const call = this.#call
    try {
      while (!this.#context.full) {
        const due = this.#timers.take(watermark)
        if (due === undefined) {
          for (const output of this.#outputs) output.flush()
          return true
        }
        call.id = due.id
        call.time = due.timeMs
        finished('onTimer', this.#onTimer!(due.timeMs, this.#user))
      }
      return false
    } catch (error) {
      throw userFailure(error)
    } finally {
      call.id = -1
    }
  }

  /** The one context of all calls. Its functions may be taken apart from it. */
  #userContext(options: ProcessOptions, handles: Readonly<Record<string, unknown>>): object {
    const call = this.#call
    const states = Object.entries(options.state).map(([name, spec]) => [
      name,
      stateHandle(name, spec, handles[STATE + name] as StateHandle, call),
    ])
    const ports = new Map(Object.keys(options.sides).map((name, i) => [name, this.#outputs[i + 1]]))
    const [main] = this.#outputs
    const common = {
      state: Object.freeze(Object.fromEntries(states)),
      emit(row: unknown): void {
        insideCall(call)
        refusePromise('process', row)
        main.add(row, call.time)
      },
      side(name: string, row: unknown): void {
        insideCall(call)
        const port = ports.get(name)
        if (port === undefined) throw unknownName('INVALID_ARGUMENT', 'side output', name, [...ports.keys()])
        refusePromise('process', row)
        port.add(row, call.time)
      },
    }
    const time = {
      get: () => {
        insideCall(call)
        return call.time
      },
      enumerable: true,
    }
    return Object.freeze(Object.defineProperties(common, { time, ...(this.#keyed ? this.#ofKey(options) : {}) }))
  }

  /** What the context has of a key. */
  #ofKey({ schema, key, keyNames }: ProcessOptions): PropertyDescriptorMap {
    const call = this.#call
    const readKey = keyReader({ schema, key: key!, keyNames }, this.#context)
    const get = (): unknown => {
      insideCall(call)
      return readKey(call)
    }
    const timers = Object.freeze({
      at: (timeMs: number): void => this.#setTimer(timeMs),
      cancel: (timeMs: number): void => this.#timers!.cancel(insideCall(call), timeMs),
    })
    return { key: { get, enumerable: true }, timers: { value: timers, enumerable: true } }
  }

  #setTimer(timeMs: number): void {
    const id = insideCall(this.#call)
    if (typeof timeMs !== 'number' || Number.isNaN(timeMs))
      throw new MillraceError('INVALID_ARGUMENT', `invalid timer: ${String(timeMs)}`, {
        hint: 'a timer is set at a time in milliseconds since 1970',
      })
    if (this.#onTimer === undefined)
      throw new MillraceError('INVALID_ARGUMENT', 'missing onTimer: a timer was set', {
        hint: 'declare onTimer(timeMs, context) beside onElement',
      })
    if (this.#call.time === undefined)
      throw new MillraceError('MISSING_EVENT_TIME', 'missing event time: a timer waits for the watermark', {
        hint: 'say when rows happened, with .eventTime(row => row.time, { disorder: ... }) before keyBy',
      })
    if (this.#ending && timeMs > this.#latest!.value) return
    this.#timers!.set(id, timeMs)
  }
}

interface KeyColumns {
  readonly schema: Schema
  readonly key: readonly number[]
  readonly keyNames: readonly string[]
}

/** The key of a call, as a record: from its row, or, in a timer's, from the key index. */
function keyReader({ schema, key, keyNames }: KeyColumns, context: OperatorContext): (call: Call) => unknown {
  const record = Schemas.record(key.map((c, i) => ({ ...schema.fields[c], name: keyNames[i], nullable: true })))
  const ofRow = rowReader(record, key)
  return call => {
    if (call.batch !== null) return ofRow(call.batch, call.physical)
    const names = record.fields.map(f => f.name)
    const columns = context.keys.gather(Int32Array.of(call.id), 1)
    return Object.fromEntries(columns.map((column, c) => [names[c], column.get(0)]))
  }
}

/** A function that returns a promise has not done its work when it returns. */
export function finished(what: string, result: unknown): void {
  if (typeof result !== 'object' || result === null || !('then' in result)) return
  throw new MillraceError('USER_FUNCTION', `invalid result of ${what}: a promise`, {
    hint: `${what} is synchronous: what it waits for would come too late for the order of rows`,
  })
}
