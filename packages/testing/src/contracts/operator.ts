/**
 * The contract of operators, tested for one of them over random scripts:
 *
 * 1. Its output is its twin's, however rows are cut into batches and laid out in columns.
 * 2. Stopped between any two events (between epochs, where it needs them), and restored into a fresh one from nothing
 *    but its snapshot, it gives the same output in the same order.
 * 3. Its state told piece by piece while it goes on, whole or as changes since it was last told, is what it was when that
 *    began.
 * 4. The same output where downstream has enough after every batch.
 * 5. The same output where all of its state but a few rows is on disk, if that is said to be so for it.
 * 6. It never writes to what it is lent, and keeps nothing of it: lent arrays are overwritten after every call.
 */
import { inspect } from 'node:util'
import type { OperatorSpec } from '@millrace/runtime/inside'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SampleRow } from '../batches.ts'
import type { OperatorEvent } from './operator-events.ts'
import { type OperatorOutput, runOperator } from './operator-run.ts'
import { stateStores } from './state-stores.ts'

/** A row that is to come out of a port. */
export interface PortRow {
  readonly port: number
  readonly row: SampleRow
}

export interface OperatorCase {
  /** A new one at every call, that shares nothing with others. */
  readonly spec: () => OperatorSpec
  readonly events: readonly OperatorEvent[]
  /** All rows that come out when these events, or the first of them, are the whole input. */
  readonly twin: (events: OperatorEvent[]) => readonly PortRow[]
}

export interface OperatorContract {
  readonly cases: fc.Arbitrary<OperatorCase>
  /**
   * What must agree with the twin: the rows of each port in order; as a bag; or, for changelogs, their sum (each row
   * with its weights added up) at the end of every epoch.
   */
  readonly compare: 'sequence' | 'bag' | 'sum'
  /** Numbers are compared by so many significant digits; default: exactly. */
  readonly digits?: number
  /** Batches that a resumable step may still emit to a port when downstream has enough; default 2. */
  readonly batchesAStep?: number
  /** It has state that may be on disk. */
  readonly onDisk?: boolean
  /** Random cases a law; default 40. */
  readonly runs?: number
}

/** Tests the contract; call it in a test file. */
export function operatorContract(name: string, contract: OperatorContract): void {
  const { cases, runs = 40, batchesAStep = 2 } = contract
  const seeds = fc.record({ seed: fc.nat({ max: 1e6 }), batchRows: fc.constantFrom(1, 2, 3, 7, 100) })
  const check = (law: (c: OperatorCase, cut: { seed: number; batchRows: number }) => void) =>
    fc.assert(fc.property(cases, seeds, law), { numRuns: runs })

  describe(`${name}: the operator contract`, () => {
    test('its output is that of its twin, however the input is cut', () => {
      check((c, cut) => {
        const outputs = runOperator(c.spec, c.events, { ...cut, stopsOneIn: 0, throttled: false })
        compareWithTwin(c, outputs, contract)
      })
    })

    test('stopped anywhere and restored, it continues the same', () => {
      check((c, cut) => {
        const straight = runOperator(c.spec, c.events, { ...cut, stopsOneIn: 0, throttled: false })
        const stopped = runOperator(c.spec, c.events, { ...cut, stopsOneIn: 1 + (cut.seed % 3), throttled: false })
        expect(stopped).toEqual(straight)
      })
    })

    test('told while it goes on, and as changes, it is restored the same', () => {
      check((c, cut) => {
        const straight = runOperator(c.spec, c.events, { ...cut, stopsOneIn: 0, throttled: false })
        const told = { ...cut, stopsOneIn: 9, capturesOneIn: 1 + (cut.seed % 4), throttled: false }
        expect(runOperator(c.spec, c.events, told)).toEqual(straight)
      })
    })

    if (contract.onDisk === true)
      test('with its state on disk it gives the same, and goes on the same from there and from memory', () => {
        check((c, cut) => {
          const straight = runOperator(c.spec, c.events, { ...cut, stopsOneIn: 0, throttled: false })
          let made = 0
          const either = () => stateStores[cut.seed % 3 === 0 ? made++ % 2 : 1][1]()
          const told = { ...cut, stopsOneIn: 4, capturesOneIn: 1 + (cut.seed % 4), throttled: false, store: either }
          expect(runOperator(c.spec, c.events, told)).toEqual(straight)
        })
      })

    test('it waits while downstream has enough, and resumes', () => {
      check((c, cut) => {
        const straight = runOperator(c.spec, c.events, { ...cut, stopsOneIn: 0, throttled: false })
        const throttled = runOperator(c.spec, c.events, { ...cut, stopsOneIn: 3, throttled: true, batchesAStep })
        expect(throttled).toEqual(straight)
      })
    })
  })
}

function compareWithTwin(c: OperatorCase, outputs: readonly OperatorOutput[], contract: OperatorContract): void {
  const { compare, digits } = contract
  const show = (row: SampleRow) => showRow(row, digits)
  if (compare === 'sum') return compareSums(c, outputs, digits)
  const ports = c.spec().outputs.map((_, port) => port)
  const expected = c.twin([...c.events])
  for (const port of ports) {
    const actual = outputs.flatMap(o => (o.kind === 'row' && o.port === port ? [show(o.row)] : []))
    const wanted = expected.flatMap(o => (o.port === port ? [show(o.row)] : []))
    if (compare === 'bag') expect(actual.sort()).toEqual(wanted.sort())
    else expect(actual).toEqual(wanted)
  }
}

/** At the end of each epoch, and at the very end. */
function compareSums(c: OperatorCase, outputs: readonly OperatorOutput[], digits: number | undefined): void {
  const isEpoch = (e: { kind: string }) => e.kind === 'epoch'
  const cuts = [...positions(c.events, isEpoch), c.events.length]
  const outputCuts = [...positions(outputs, isEpoch).slice(0, cuts.length - 1), outputs.length]
  cuts.forEach((at, i) => {
    const rows = outputs.slice(0, outputCuts[i]).flatMap(o => (o.kind === 'row' ? [o] : []))
    expect(sums(rows, digits)).toEqual(sums(c.twin(c.events.slice(0, at)), digits))
  })
}

function positions<T>(items: readonly T[], isWanted: (item: T) => boolean): number[] {
  return items.flatMap((item, i) => (isWanted(item) ? [i + 1] : []))
}

function sums(rows: readonly PortRow[], digits: number | undefined): Record<string, number> {
  const weights = new Map<string, number>()
  for (const { port, row } of rows) {
    const name = `${port}: ${showRow({ ...row, weight: 1 }, digits)}`
    weights.set(name, (weights.get(name) ?? 0) + row.weight)
  }
  return Object.fromEntries([...weights].filter(([, weight]) => weight !== 0).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function showRow({ values, weight, time }: SampleRow, digits: number | undefined): string {
  const shown = digits === undefined ? values : values.map(value => rounded(value, digits))
  const text = inspect(shown, {
    depth: 20,
    maxArrayLength: null,
    maxStringLength: null,
    breakLength: Number.POSITIVE_INFINITY,
  })
  return `${text} weight ${weight} time ${time}`
}

function rounded(value: unknown, digits: number): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(digits)) : value
}
