/**
 * A value that does not fit the column it is meant for: the one error of the edge between JavaScript values and
 * columns. Sources turn it into their own, with file, line and column.
 */
export class ValueError extends TypeError {
  override readonly name = 'ValueError'
  /** The column, with the path inside an opaque value behind it: `delay`, `user.tags[3]`. Empty: the whole row. */
  readonly column: string
  readonly value: unknown
  /** What would have fitted, as it reads in the message: `int32`, `text`, `plain data`. */
  readonly expected: string

  constructor(column: string, value: unknown, expected: string) {
    const where = column === '' ? expected : `${expected} in column ${JSON.stringify(column)}`
    super(value === null || value === undefined ? `missing ${where}` : `invalid ${where}: ${showValue(value)}`)
    this.column = column
    this.value = value
    this.expected = expected
  }
}

const SHOWN = 80

/** A value as messages show it: short, on one line, and never running code of the value's own. */
export function showValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value)
    case 'bigint':
      return `${value}n`
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'symbol':
      return 'a symbol'
    case 'function':
      return 'a function'
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value)) return `an array of ${value.length}`
      if (value instanceof Date) return Number.isNaN(Number(value)) ? 'an invalid Date' : 'a Date'
      return 'an object'
    default:
      return String(value)
  }
}
