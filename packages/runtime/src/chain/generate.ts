/**
 * The chain's loop as generated code: one loop over the batch, every step in its body, rows never leaving it.
 *
 * A loop is generated for each *shape* of input met (physical column kinds, validity, selection, event times), so
 * that its body has no test that is the same for all rows. Each text is unique, since functions of equal text share
 * V8's type feedback (up to 2.4 times slower). Names of columns appear only as JSON strings.
 */
import { type Batch, decodeUtf8, Schema } from '@millrace/algebra'
import type { Expression, UserFunction } from '@millrace/plan'
import { refusePromise } from '../rows/refuse-promise.ts'
import { checkIterable } from './check-iterable.ts'
import { checkTime, checkValue } from './check-value.ts'
import { type Code, emit, expressionLibrary, type Scope } from './emit-expression.ts'
import { givenProperty, inputRow, objectLiteral, propertyOf, type RowCode } from './emit-row.ts'
import { emitWrite } from './emit-write.ts'
import { DENSE_ROWS, type Loop, type LoopPlan } from './loop.ts'
import { isFunction, type Step, type StepColumn } from './step.ts'

let generated = 0

/** Writes the loop for batches of this batch's shape. */
export function generate(plan: LoopPlan, shape: Batch): Loop {
  const writer = new LoopWriter(plan, shape)
  const text = writer.write()
  const names = [...writer.constants.keys()]
  const make = new Function('library', ...names, text) as (library: object, ...values: unknown[]) => Loop
  return make(library, ...writer.constants.values())
}

/** The parts of a batch that a loop is generated for. */
export function shapeOf(batch: Batch): string {
  const columns = batch.columns.map(c => (c.validity === null ? c.kind : `${c.kind}?`)).join()
  return `${columns};${batch.selection === null ? 0 : 1}${batch.weights === null ? 0 : 1}${batch.times === null ? 0 : 1}`
}

const library = { ...expressionLibrary, checkIterable, checkTime, checkValue, refusePromise, utf8: decodeUtf8 }

class LoopWriter implements Scope {
  readonly constants = new Map<string, unknown>()
  readonly #plan: LoopPlan
  readonly #shape: Batch
  readonly #prologue: string[] = []
  readonly #body: string[] = []
  readonly #locals: string[] = []
  #row: RowCode
  #time: string
  #closers = ''
  /** What a row does that goes no further. */
  #skip = 'continue'

  constructor(plan: LoopPlan, shape: Batch) {
    this.#plan = plan
    this.#shape = shape
    this.#row = inputRow(plan.input, shape, this.#prologue)
    this.#time = shape.times === null ? 'NaN' : 'times[p]'
  }

  column(name: string): Code {
    return propertyOf(this.#row, name)
  }
  constant(value: unknown): string {
    const name = `k${this.constants.size}`
    this.constants.set(name, value)
    return name
  }
  local(): string {
    const name = `t${this.#locals.length}`
    this.#locals.push(name)
    return name
  }

  write(): string {
    for (const [i, step] of this.#plan.steps.entries()) this.#step(step, i)
    this.#output()
    const { selection, weights, times } = this.#shape
    const locals = this.#locals.length === 0 ? '' : `let ${this.#locals.join(', ')};`
    return `"use strict";
// loop ${++generated}
const { utf8, checkIterable, checkTime, checkValue, refusePromise, dateless } = library;
let at = 0;
return {
  at: () => at,
  run(batch, output) {
    const n = batch.length, columns = batch.columns;
    ${selection === null ? '' : 'const selection = batch.selection;'}
    ${weights === null ? '' : 'const weights = batch.weights;'}
    ${times === null ? '' : 'const times = batch.times;'}
    ${this.#prologue.join('\n    ')}
    let k = 0;
    for (let i = 0; i < n; i++) {
      const p = ${selection === null ? 'i' : 'selection[i]'};
      ${locals}
      ${this.#body.join('\n      ')}
      ${this.#closers}
    }
    return k;
  }
};`
  }

  #step(step: Step, index: number): void {
    if (this.#plan.steps.length > 1) this.#body.push(`at = ${index};`)
    switch (step.kind) {
      case 'filter':
        this.#body.push(`const f${index} = ${this.#call(step.fn)};`)
        this.#checks('refusePromise', step, `f${index}`)
        this.#body.push(`if (!f${index}) ${this.#skip};`)
        return
      case 'where':
        this.#body.push(`if (${emit(step.predicate, this).text} !== true) ${this.#skip};`)
        return
      case 'map':
        this.#becomes(`const r${index} = ${this.#call(step.fn)};`, `r${index}`)
        this.#checks('refusePromise', step, `r${index}`)
        return
      case 'flatMap':
        this.#body.push(`const f${index} = ${this.#call(step.fn)};`)
        this.#checks('checkIterable', step, `f${index}`)
        this.#becomes(`for (const r${index} of f${index}) { rest${index}: {`, `r${index}`)
        this.#skip = `break rest${index}`
        this.#closers = `} at = ${index}; } ${this.#closers}` // the next row is made by the function again
        return
      case 'project':
        this.#row = { schema: step.schema, columns: this.#columns(step.columns, step.schema), object: undefined }
        return
      case 'extend': {
        const columns = [...this.#row.columns, ...this.#columns(step.columns, step.schema)]
        this.#row = { schema: step.schema, columns, object: undefined }
        return
      }
      case 'convert':
        this.#convert(step.schema)
        return
      case 'time':
        this.#body.push(`const time${index} = checkTime(${this.#value(step.time)});`)
        this.#time = `time${index}`
    }
  }

  #checks(check: 'refusePromise' | 'checkIterable', step: Step, name: string): void {
    this.#body.push(`${check}(${JSON.stringify(step.label)}, ${name});`)
  }

  /** The row is from here on an opaque value in a local. */
  #becomes(statement: string, name: string): void {
    this.#body.push(statement)
    const code: Code = { text: name, nullable: true, kind: 'any' }
    this.#row = { schema: Schema.opaque, columns: [code], object: name }
  }

  #convert(schema: Schema): void {
    const columns = schema.fields.map((f): Code => {
      const given = schema.bare ? this.#row.columns[0]!.text : givenProperty(this.#row, f.name).text
      const name = this.local()
      this.#body.push(`${name} = checkValue.${f.type.kind}(${given}, ${this.constant(f)});`)
      return { text: name, nullable: f.nullable, kind: f.type.kind }
    })
    this.#row = { schema, columns, object: undefined }
  }

  /** Columns of a projection: references stay what they are, what is computed goes into locals. */
  #columns(columns: readonly StepColumn[], schema: Schema): Code[] {
    return columns.map(({ value }, i): Code => {
      if (!isFunction(value) && value.kind === 'column') return this.column(value.name)
      const { type, nullable } = schema.fields[schema.fields.length - columns.length + i]!
      const name = this.local()
      this.#body.push(`${name} = ${this.#value(value)};`)
      return { text: name, nullable, kind: type.kind }
    })
  }

  #value(value: Expression | UserFunction): string {
    return isFunction(value) ? this.#call(value) : emit(value, this).text
  }

  #call(fn: UserFunction): string {
    return `${this.constant(fn)}(${this.#object()})`
  }

  /** The row as users see it, made once and shared by the steps that want it. */
  #object(): string {
    if (this.#row.object === undefined) {
      const name = `row${this.#body.length}`
      this.#body.push(`const ${name} = ${objectLiteral(this.#row)};`)
      this.#row = { ...this.#row, object: name }
    }
    return this.#row.object!
  }

  #output(): void {
    const { sources, dense, setsTime, schema } = this.#plan
    const to = dense ? 'k' : 'p'
    sources.forEach((source, c) => {
      if (!('computed' in source)) return
      emitWrite(schema.fields[c]!, this.#row.columns[c]!, source.computed, to, this.#prologue, this.#body)
    })
    if (setsTime || dense) this.#writes('outTimes', 'output.times', to, this.#time)
    if (dense) this.#writes('outWeights', 'output.weights', to, this.#shape.weights === null ? '1' : 'weights[p]')
    if (dense) this.#body.push(`if (++k === ${DENSE_ROWS}) { output.flush(k); k = 0; }`)
    else {
      this.#prologue.push('const passed = output.selection;')
      this.#body.push('passed[k++] = p;')
    }
  }

  #writes(name: string, array: string, to: string, value: string): void {
    this.#prologue.push(`const ${name} = ${array};`)
    this.#body.push(`${name}[${to}] = ${value};`)
  }
}
