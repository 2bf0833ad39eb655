/**
 * A user's function of two collections: of each row of one, by key or not, and of each row of the other, which every
 * subtask sees: rules, settings, small tables that change.
 *
 * Law: the output for the rows is that of `process`, with broadcast states as rows of the other collection have left them
 * by then. All subtasks see those rows in one order, and only they change broadcast states, which are therefore alike
 * everywhere once all of them have been seen. When a row of one meets a row of the other is not said, unless the other
 * is bounded: then it is read first.
 * State: what the user declared; timers by key. Cost: as `process`; every subtask has the whole of the broadcast states.
 */
import type { Batch, Schema } from '@millrace/algebra'
import { MillraceError, unknownName } from '@millrace/plan'
import { type Done, type Operator, type OperatorContext, type OperatorSpec, operatorSpec } from '../operator.ts'
import { refusePromise } from '../rows/refuse-promise.ts'
import { type RowReader, rowReader } from '../rows/row-reader.ts'
import type { BroadcastState } from '../state/broadcast.ts'
import { requireAppends } from './append-only.ts'
import { broadcastHandle } from './broadcast-handles.ts'
import { insideCall } from './inside-call.ts'
import { finished, ProcessCalls, type ProcessOptions, processInput, processState, STATE } from './process.ts'
import { RowOutput } from './row-output.ts'
import { userFailure } from './user-failure.ts'

interface BroadcastSide {
  readonly schema: Schema
  /** True: the user's function sees `{ row, weight }`, as of an updating collection. */
  readonly changes: boolean
  /** It is read to its end first. */
  readonly first: boolean
  /** Its rows have event times. */
  readonly timed: boolean
  readonly onBroadcast: (row: never, context: never) => unknown
}

export interface ConnectBroadcastOptions extends ProcessOptions {
  readonly broadcast: BroadcastSide
  /** Rows of the other input, and with them what comes out, have event times. */
  readonly timed: boolean
}

export function connectBroadcastOperator(options: ConnectBroadcastOptions): OperatorSpec {
  const { label, site, name, output, sides, broadcast } = options
  const { schema, first, timed } = broadcast
  return operatorSpec({
    label,
    site,
    name,
    inputs: [processInput(options), { schema, exchange: 'broadcast', build: first, timeless: !timed }],
    outputs: [output, ...Object.values(sides)],
    state: processState(options),
    create: (handles, context) => new ConnectBroadcast(options, handles, context),
  })
}

const BROADCAST = 1

type UserCall = (input: unknown, context: object) => unknown

class ConnectBroadcast implements Operator {
  readonly #calls: ProcessCalls
  readonly #changes: boolean
  readonly #onBroadcast: UserCall
  readonly #read: RowReader
  readonly #outputs: readonly RowOutput[]
  readonly #user: object
  /** Of the broadcast row at hand; id -1: there is none. */
  readonly #call: { id: number; time: number | undefined } = { id: -1, time: undefined }
  readonly #timed: boolean

  constructor(options: ConnectBroadcastOptions, handles: Readonly<Record<string, unknown>>, context: OperatorContext) {
    const { broadcast, output, sides, batchRows, timed } = options
    this.#calls = new ProcessCalls(options, handles, context)
    this.#changes = broadcast.changes
    this.#onBroadcast = broadcast.onBroadcast as UserCall
    this.#read = rowReader(broadcast.schema)
    this.#outputs = [output, ...Object.values(sides)].map((s, port) => new RowOutput(s, context, port, batchRows))
    this.#timed = timed
    this.#user = this.#userContext(options, handles)
  }

  process(batch: Batch, input: number): void {
    if (input === BROADCAST) this.#broadcast(batch)
    else this.#calls.process(batch)
  }

  onWatermark(watermark: number): Done {
    return this.#calls.onWatermark(watermark)
  }

  #broadcast(batch: Batch): void {
    const { selection, length, times, weights } = batch
    if (!this.#changes) requireAppends(batch, 'connectBroadcast')
    const call = this.#call
    call.id = 0
    try {
      for (let i = 0; i < length; i++) {
        const row = selection === null ? i : selection[i]
        call.time = times === null ? undefined : times[row]
        const read = this.#read(batch, row)
        const input = this.#changes ? { row: read, weight: weights === null ? 1 : weights[row] } : read
        finished('onBroadcast', this.#onBroadcast(input, this.#user))
      }
    } catch (error) {
      throw userFailure(error)
    } finally {
      call.id = -1
    }
    for (const output of this.#outputs) output.flush()
  }

  #userContext(options: ConnectBroadcastOptions, handles: Readonly<Record<string, unknown>>): object {
    const call = this.#call
    const inside = (): unknown => insideCall(call)
    const states = Object.entries(options.state)
      .filter(([, { kind }]) => kind === 'broadcast')
      .map(([name]) => [name, broadcastHandle(name, handles[STATE + name] as BroadcastState<unknown, unknown>, inside)])
    const ports = new Map(Object.keys(options.sides).map((name, i) => [name, this.#outputs[i + 1]]))
    const [main] = this.#outputs
    const send = (output: RowOutput, row: unknown): void => {
      inside()
      refusePromise('connectBroadcast', row)
      output.add(row, this.#time())
    }
    const time = {
      get: () => {
        inside()
        return call.time
      },
      enumerable: true,
    }
    const common = {
      state: Object.freeze(Object.fromEntries(states)),
      emit: (row: unknown): void => send(main, row),
      side(name: string, row: unknown): void {
        const port = ports.get(name)
        if (port === undefined) throw unknownName('INVALID_ARGUMENT', 'side output', name, [...ports.keys()])
        send(port, row)
      },
    }
    return Object.freeze(Object.defineProperties(common, { time }))
  }

  /** Of a row that is emitted: as those that `onElement` emits, it has one or none. */
  #time(): number | undefined {
    if (!this.#timed) return undefined
    if (this.#call.time !== undefined) return this.#call.time
    throw new MillraceError('MISSING_EVENT_TIME', 'missing event time: onBroadcast emits a row', {
      hint: 'rows of the other side have times: say when those of the broadcast side happened, with .eventTime(...)',
    })
  }
}
