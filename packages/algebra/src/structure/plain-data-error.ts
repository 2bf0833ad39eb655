import { ValueError } from '../value-error.ts'
import { kind, kindOf, MAX_DEPTH } from './kind.ts'

/** Thrown at the place where something that is not data was met; `plainDataError` finds out where that was. */
export class NotPlainData extends Error {}

/**
 * The error for a value of a column that turned out not to be plain data: it names the path to what is not.
 * Walks the value again, so that the walks that matter need not keep track of where they are.
 */
export function plainDataError(column: string, value: unknown): ValueError {
  return find(value, column, []) ?? new ValueError(column, value, 'plain data')
}

function find(value: unknown, path: string, above: unknown[]): ValueError | null {
  const is = kindOf(value)
  if (is === kind.none) return new ValueError(path, value, 'plain data')
  if (is !== kind.array && is !== kind.object && is !== kind.map && is !== kind.set) return null
  if (above.includes(value)) return new ValueError(path, value, 'plain data without cycles')
  if (above.length >= MAX_DEPTH) return new ValueError(path, value, `plain data nested at most ${MAX_DEPTH} deep`)
  above.push(value)
  let found: ValueError | null = null
  for (const [step, part] of parts(value)) {
    found = find(part, path + step, above)
    if (found !== null) break
  }
  above.pop()
  return found
}

function* parts(value: unknown): Generator<[string, unknown]> {
  if (Array.isArray(value)) for (let i = 0; i < value.length; i++) yield [`[${i}]`, value[i]]
  else if (value instanceof Map || value instanceof Set) {
    let i = 0
    for (const [key, item] of value.entries()) {
      if (value instanceof Map) yield [`.keys()[${i}]`, key]
      yield [`.values()[${i++}]`, item]
    }
  } else for (const [key, item] of Object.entries(value as object)) yield [step(key), item]
}

function step(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}
