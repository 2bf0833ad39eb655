/**
 * What an input gives while a build input is still open, kept until that has ended: its rows, and which watermarks,
 * idleness, splits and end came between which of them. They are then handled in that order, so that nothing below can
 * tell rows that were kept from rows that came later; which rows are late, least of all.
 *
 * State: the rows, copied, and four numbers for each run of rows and for each event between them. How far they have
 * been handed over is none: that is one resumable step, and nothing else reaches the operator meanwhile.
 */
import { BATCH_ROWS, type Batch, batchBytes, slice } from '@millrace/algebra'
import type { InputSpec } from '../operator.ts'
import type { CellState } from '../state/cell.ts'
import type { StateDeclarations } from '../state/declaration.ts'
import type { StateHandle } from '../state/handle.ts'
import type { RowsState } from '../state/rows.ts'
import type { InputPort } from './input-port.ts'
import { type Epoch, isBatch, type StreamEvent } from './stream-event.ts'

/** Epochs are not kept: they pass. */
export type KeptEvent = Exclude<StreamEvent, Epoch>

interface Log {
  /** What each event is, by its number among `KINDS`. */
  readonly kinds: number[]
  /** Rows: how many. A watermark: its time. */
  readonly values: number[]
  readonly splits: number[]
  /** Which of the input's ports it came by. */
  readonly ports: number[]
}

const KINDS = ['rows', 'watermark', 'idle', 'splitStart', 'splitEnd', 'caughtUp', 'end', 'stopped'] as const
const ROWS = 0

/** The log of rows alone: runs of so many. */
export function keptLog(runs: readonly number[]): Log {
  const zeros = (): number[] => runs.map(() => 0)
  return { kinds: runs.map(() => ROWS), values: [...runs], splits: zeros(), ports: zeros() }
}

/** The inputs that wait for others: all but build inputs, where there are some. */
function waiting(inputs: readonly InputSpec[]): readonly number[] {
  if (!inputs.some(input => input.build === true)) return []
  return inputs.flatMap(({ build }, i) => (build === true ? [] : [i]))
}

/** What a vertex with these inputs has to remember beside its operator's own state. */
export function keptDeclarations(inputs: readonly InputSpec[]): StateDeclarations {
  return Object.fromEntries(
    waiting(inputs).flatMap(i => [
      [`kept:${i}`, { kind: 'rows' as const, schema: inputs[i].schema, keyed: false }],
      [
        `between:${i}`,
        { kind: 'cell' as const, initial: (): Log => ({ kinds: [], values: [], splits: [], ports: [] }) },
      ],
    ]),
  )
}

/** The kept inputs of a vertex, by the number of the input; none where it is a build input. */
export function keptInputs(
  ports: readonly InputPort[],
  specs: readonly InputSpec[],
  state: Readonly<Record<string, StateHandle>>,
): KeptInput[] {
  return waiting(specs).map(
    i =>
      new KeptInput(
        i,
        ports.filter(port => port.index === i),
        state[`kept:${i}`] as RowsState,
        state[`between:${i}`] as CellState<Log>,
      ),
  )
}

export class KeptInput {
  /** The number of the input. */
  readonly input: number
  readonly #ports: readonly InputPort[]
  readonly #rows: RowsState
  readonly #log: CellState<Log>
  /** About how much memory the rows take. */
  bytes = 0
  #nextEvent = 0
  #nextRow = 0

  constructor(input: number, ports: readonly InputPort[], rows: RowsState, log: CellState<Log>) {
    this.input = input
    this.#ports = ports
    this.#rows = rows
    this.#log = log
  }

  /** Its state is that of a checkpoint. */
  restored(): void {
    this.bytes = this.#rows.length === 0 ? 0 : batchBytes(this.#rows.all())
  }

  get isEmpty(): boolean {
    return this.#log.value.kinds.length === 0
  }

  /** Copies a batch's rows; those that follow one another in a split may come back as one batch. */
  append(event: KeptEvent, split: number, from: InputPort): void {
    const port = this.#ports.indexOf(from)
    if (isBatch(event)) this.#appendRows(event, split, port)
    else this.#add(KINDS.indexOf(event.kind), event.kind === 'watermark' ? event.time : 0, splitOf(event), port)
  }

  #appendRows(batch: Batch, split: number, port: number): void {
    const { kinds, values, splits, ports } = this.#log.value
    const last = kinds.length - 1
    const sameRun = kinds[last] === ROWS && splits[last] === split && ports[last] === port
    const goesOn = sameRun && values[last] + batch.length <= BATCH_ROWS
    this.#rows.append(batch)
    this.bytes += batchBytes(batch)
    if (goesOn) values[last] += batch.length
    else this.#add(ROWS, batch.length, split, port)
  }

  #add(kind: number, value: number, split: number, port: number): void {
    const { kinds, values, splits, ports } = this.#log.value
    kinds.push(kind)
    values.push(value)
    splits.push(split)
    ports.push(port)
  }

  /** Hands the next event over, a batch lent for the call; with the last one it is empty again. */
  pass(handle: (event: KeptEvent, split: number, from: InputPort) => void): void {
    const { kinds, splits, ports } = this.#log.value
    const at = this.#nextEvent++
    handle(this.#event(at), splits[at], this.#ports[ports[at]])
    if (this.#nextEvent === kinds.length) this.#clear()
  }

  #event(at: number): KeptEvent {
    const { kinds, values, splits } = this.#log.value
    const kind = KINDS[kinds[at]]
    switch (kind) {
      case 'rows': {
        const from = this.#nextRow
        this.#nextRow += values[at]
        return slice(this.#rows.all(), from, this.#nextRow)
      }
      case 'watermark':
        return { kind, time: values[at] }
      case 'idle':
      case 'end':
      case 'stopped':
        return { kind }
      default:
        return { kind, split: splits[at] }
    }
  }

  #clear(): void {
    this.#rows.clear()
    this.bytes = 0
    this.#log.value = { kinds: [], values: [], splits: [], ports: [] }
    this.#nextEvent = 0
    this.#nextRow = 0
  }
}

function splitOf(event: Exclude<KeptEvent, Batch>): number {
  return 'split' in event ? event.split : 0
}
