/**
 * The chain's loop without generated code: the steps, read one after another for every row. It says what the
 * generated loop must do, and runs where a host forbids `new Function`.
 */
import { type Batch, Schema } from '@millrace/algebra'
import { type Expression, evaluate, type UserFunction } from '@millrace/plan'
import { refusePromise } from '../rows/refuse-promise.ts'
import { checkIterable } from './check-iterable.ts'
import { checkTime, checkValue } from './check-value.ts'
import { DENSE_ROWS, type Loop, type LoopOutput, type LoopPlan } from './loop.ts'
import { isFunction, type Step } from './step.ts'
import { writeValue } from './write-value.ts'

/** A row between two steps: its values by column, and as users see it. */
interface Row {
  readonly schema: Schema
  readonly values: readonly unknown[]
  readonly time: number
  readonly weight: number
}

export function interpret(plan: LoopPlan): Loop {
  let at = 0

  function* follow(row: Row, from: number): Generator<Row> {
    for (let i = from; i < plan.steps.length; i++) {
      at = i
      const step = plan.steps[i]!
      if (step.kind === 'flatMap') {
        for (const value of checkIterable(step.label, call(step.fn, row))) {
          yield* follow({ ...row, schema: Schema.opaque, values: [value] }, i + 1)
          at = i
        }
        return
      }
      const next = apply(step, row)
      if (next === undefined) return
      row = next
    }
    yield row
  }

  return {
    at: () => at,
    run(batch: Batch, output: LoopOutput): number {
      let rows = 0
      for (let i = 0; i < batch.length; i++) {
        const physical = batch.selection === null ? i : batch.selection[i]!
        const values = batch.columns.map(c => c.get(physical))
        const first: Row = { schema: plan.input, values, time: batch.time(i) ?? Number.NaN, weight: batch.weight(i) }
        for (const row of follow(first, 0)) {
          const to = plan.dense ? rows : physical
          write(plan, row, output, to)
          if (!plan.dense) output.selection[rows] = physical
          rows++
          if (plan.dense && rows === DENSE_ROWS) {
            output.flush(rows)
            rows = 0
          }
        }
      }
      return rows
    },
  }
}

function apply(step: Step, row: Row): Row | undefined {
  switch (step.kind) {
    case 'filter':
      return checked(step, row) ? row : undefined
    case 'where':
      return evaluate(step.predicate, name => property(row, name)) === true ? row : undefined
    case 'map':
    case 'flatMap':
      return { ...row, schema: Schema.opaque, values: [checked(step, row)] }
    case 'project':
      return { ...row, schema: step.schema, values: step.columns.map(c => value(c.value, row)) }
    case 'extend': {
      const values = [...row.values, ...step.columns.map(c => value(c.value, row))]
      return { ...row, schema: step.schema, values }
    }
    case 'convert': {
      const values = step.schema.fields.map(f =>
        checkValue[f.type.kind](step.schema.bare ? row.values[0] : property(row, f.name), f),
      )
      return { ...row, schema: step.schema, values }
    }
    case 'time':
      return { ...row, time: checkTime(isFunction(step.time) ? call(step.time, row) : value(step.time, row)) }
  }
}

function value(of: Expression | UserFunction, row: Row): unknown {
  return isFunction(of) ? call(of, row) : evaluate(of, name => property(row, name))
}

function call(fn: UserFunction, row: Row): unknown {
  return (fn as (row: unknown) => unknown)(userRow(row))
}

/** What a step's function gives for a row. */
function checked(step: Extract<Step, { fn: UserFunction }>, row: Row): unknown {
  const result = call(step.fn, row)
  refusePromise(step.label, result)
  return result
}

/** The row as an object, or the bare value. */
function userRow({ schema, values }: Row): unknown {
  if (schema.bare) return values[0]
  return Object.fromEntries(schema.fields.map((f, i) => [f.name, values[i] ?? null]))
}

/** A column of the row; of an opaque value, the property of that name. */
function property({ schema, values }: Row, name: string): unknown {
  if (Schema.isOpaque(schema)) return (values[0] as Record<string, unknown> | null | undefined)?.[name]
  return values[Schema.indexOf(schema, name)]
}

function write(plan: LoopPlan, row: Row, output: LoopOutput, to: number): void {
  plan.sources.forEach((source, c) => {
    if ('computed' in source) writeValue(output.columns[source.computed]!, to, row.values[c])
  })
  if (plan.setsTime || plan.dense) output.times[to] = row.time
  if (plan.dense) output.weights[to] = row.weight
}
