/** Generated text that puts a value into a computed output column. The twin of `writeValue`. */
import type { Field } from '@millrace/algebra'
import type { Code } from './emit-expression.ts'

export function emitWrite(
  field: Field,
  code: Code,
  column: number,
  to: string,
  prologue: string[],
  body: string[],
): void {
  const values = `o${column}`
  prologue.push(`const ${values} = output.columns[${column}].values;`)
  const { kind } = field.type
  if (kind === 'any') {
    body.push(`${values}[${to}] = ${code.text};`)
    return
  }
  if (kind === 'text') prologue.push(`const code${column} = output.columns[${column}].code;`)
  const write = (value: string): string => `${values}[${to}] = ${stored(kind, value, column)};`
  if (!field.nullable) {
    body.push(write(code.text))
    return
  }
  prologue.push(`const m${column} = output.columns[${column}].validity;`)
  const present = `m${column}[${to} >>> 3] |= 1 << (${to} & 7);`
  if (!code.nullable) {
    body.push(present, write(code.text))
    return
  }
  const value = `x${column}`
  body.push(
    `const ${value} = ${code.text};`,
    `if (${value} !== null && ${value} !== undefined) { ${present} ${write(value)} }`,
  )
}

function stored(kind: Field['type']['kind'], value: string, column: number): string {
  if (kind === 'text') return `code${column}(${value})`
  return kind === 'boolean' ? `${value} ? 1 : 0` : value
}
