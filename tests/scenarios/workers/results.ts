/** What programs write and print, in forms in which equal results are equal. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

export type Row = Record<string, unknown>

/** Rows of a file of JSON Lines, or of all in a folder. */
export function rowsAt(path: string): Row[] {
  if (!existsSync(path)) throw new Error(`missing output: ${path}`)
  const files = statSync(path).isDirectory() ? readdirSync(path).map(name => join(path, name)) : [path]
  return files.flatMap(file => parsed(readFileSync(file, 'utf8')))
}

export function parsed(text: string): Row[] {
  const lines = text.split('\n').filter(line => line !== '')
  return lines.map(line => JSON.parse(line))
}

/** Rows in a form and an order in which equal bags are equal; columns by name, times in milliseconds, twelve digits. */
export function bag(rows: readonly Row[]): string[] {
  return sequence(rows).sort()
}

/** The same of rows whose order is promised. */
export function sequence(rows: readonly Row[]): string[] {
  return rows.map(row => JSON.stringify(Object.entries(row).sort(byName).map(plain)))
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function plain([name, value]: readonly [string, unknown]): readonly [string, unknown] {
  if (typeof value === 'bigint') return [name, Number(value)]
  if (typeof value === 'number') return [name, Number(value.toPrecision(12))]
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return [name, Date.parse(value)]
  return [name, value]
}

/** What is left of a changelog's rows, as `bag` has it. Throws where one is taken back that is not there. */
export function integral(rows: readonly Row[]): string[] {
  const left = new Map<string, number>()
  for (const { weight, ...row } of rows) {
    const [key] = sequence([row])
    const count = (left.get(key) ?? 0) + Number(weight)
    left.set(key, count)
  }
  return [...left]
    .flatMap(([row, count]) => {
      if (count < 0) throw new RangeError(`taken back but not there: ${row}`)
      return Array.from({ length: count }, () => row)
    })
    .sort()
}
