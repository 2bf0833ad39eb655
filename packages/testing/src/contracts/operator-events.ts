/**
 * Scripts for operators: what happens, row by row. How rows are cut into batches is decided later, and must not matter.
 */
import type { Schema } from '@millrace/algebra'
import fc from 'fast-check'
import type { SampleRow } from '../batches.ts'
import { valuesOf } from '../values.ts'

export type OperatorEvent =
  | { readonly kind: 'row'; readonly input: number; readonly split: number; readonly row: SampleRow }
  | { readonly kind: 'watermark'; readonly input: number; readonly time: number }
  | { readonly kind: 'idle'; readonly input: number }
  | { readonly kind: 'splitEnd'; readonly input: number; readonly split: number }
  | { readonly kind: 'end'; readonly input: number }
  /** Comes on every input that has not ended. */
  | { readonly kind: 'epoch' }
  /** Processing time passes. */
  | { readonly kind: 'clock'; readonly byMs: number }

export interface InputShape {
  readonly schema: Schema
  /** Values of single columns; default: any of the column's type. Keys want few, so that they meet again. */
  readonly values?: readonly (fc.Arbitrary<unknown> | undefined)[]
  /** Rows have event times, now and then behind the watermark; default false. */
  readonly times?: boolean
  /** Rows have weights from -2 to 3; default false. */
  readonly weights?: boolean
}

export interface ScriptOptions {
  /** Events at most, ends not counted; default 40. */
  readonly maxLength?: number
  /** Watermarks on inputs with times; default true. */
  readonly watermarks?: boolean
  readonly epochs?: boolean
  /** How far behind the greatest time so far a row may be; default 8. Watermarks lag by up to half of that. */
  readonly disorder?: number
}

/** Scripts in which every input ends once, after its last row; times go on slowly from 0. */
export function scripts(inputs: readonly InputShape[], options: ScriptOptions = {}): fc.Arbitrary<OperatorEvent[]> {
  const { maxLength = 40, watermarks = true, epochs = false, disorder = 8 } = options
  const steps: fc.WeightedArbitrary<Draft>[] = inputs.flatMap((shape, input) => [
    { weight: 10, arbitrary: rowDrafts(shape, input, disorder) },
    ...(shape.times && watermarks ? [{ weight: 2, arbitrary: watermarkDrafts(input, disorder) }] : []),
  ])
  if (epochs) steps.push({ weight: 2, arbitrary: fc.constant<Draft>({ kind: 'epoch', step: 0, back: 0 }) })
  return fc
    .tuple(
      fc.array(fc.oneof(...steps), { maxLength, size: 'max' }),
      fc.array(fc.boolean(), { maxLength: inputs.length }),
    )
    .map(([drafts, early]) =>
      ended(
        timed(drafts, inputs),
        inputs.map((_, i) => early[i] ?? false),
      ),
    )
}

/** An event whose time is yet to be reckoned: `step` on from where time stands, then `back`. */
type Draft = { readonly step: number; readonly back: number } & (
  | { readonly kind: 'row'; readonly input: number; readonly values: readonly unknown[]; readonly weight: number }
  | { readonly kind: 'watermark'; readonly input: number }
  | { readonly kind: 'epoch' }
)

function rowDrafts(shape: InputShape, input: number, disorder: number): fc.Arbitrary<Draft> {
  const values = shape.schema.fields.map(
    (f, c) =>
      shape.values?.[c] ??
      (f.nullable ? fc.option(valuesOf(f.type.kind), { nil: null, freq: 4 }) : valuesOf(f.type.kind)),
  )
  return fc.record({
    kind: fc.constant('row' as const),
    input: fc.constant(input),
    values: fc.tuple(...values),
    weight: shape.weights ? fc.oneof(fc.constant(1), fc.integer({ min: -2, max: 3 })) : fc.constant(1),
    step: fc.integer({ min: 0, max: 3 }),
    back: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: disorder })),
  })
}

function watermarkDrafts(input: number, disorder: number): fc.Arbitrary<Draft> {
  return fc.record({
    kind: fc.constant('watermark' as const),
    input: fc.constant(input),
    step: fc.constant(0),
    back: fc.integer({ min: 0, max: disorder >> 1 }),
  })
}

function timed(drafts: readonly Draft[], inputs: readonly InputShape[]): OperatorEvent[] {
  const sent = inputs.map(() => Number.NEGATIVE_INFINITY)
  let now = 0
  return drafts.flatMap((draft): OperatorEvent[] => {
    now += draft.step
    const time = now - draft.back
    if (draft.kind === 'epoch') return [{ kind: 'epoch' }]
    if (draft.kind === 'row') {
      const { input, values, weight } = draft
      const row = { values, weight, time: inputs[input].times ? time : undefined }
      return [{ kind: 'row', input, split: 0, row }]
    }
    if (time <= sent[draft.input]) return []
    sent[draft.input] = time
    return [{ kind: 'watermark', input: draft.input, time }]
  })
}

/** With the end of each input: right after its last event, or when all is over. */
function ended(events: readonly OperatorEvent[], early: readonly boolean[]): OperatorEvent[] {
  const out = [...events]
  early.forEach((soon, input) => {
    const last = soon ? out.findLastIndex(e => 'input' in e && e.input === input) : out.length - 1
    out.splice(last + 1, 0, { kind: 'end', input })
  })
  return out
}

/** The rows of one input, in order. */
export function rowsOfInput(events: readonly OperatorEvent[], input: number): SampleRow[] {
  return events.flatMap(e => (e.kind === 'row' && e.input === input ? [e.row] : []))
}
