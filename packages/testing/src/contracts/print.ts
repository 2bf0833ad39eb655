import { inspect } from 'node:util'

/** Equal rows print alike; for comparing rows whose order is not promised. */
export function print(row: unknown): string {
  return inspect(row, { sorted: true, depth: null })
}
