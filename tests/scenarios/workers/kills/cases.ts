/** The programs that are killed, and what each must have come to in the end. */

import { queries as joins } from '../queries/joins.ts'
import { queries as keyed } from '../queries/keyed.ts'
import { queries as process } from '../queries/process.ts'
import { changes, collected, iterated, updated } from '../queries/results.ts'
import { queries as rows } from '../queries/rows.ts'
import { queries as windows } from '../queries/windows.ts'
import { bag, integral, parsed, type Row } from '../results.ts'

export interface KilledCase {
  readonly program: string
  /** By the name of what it writes. */
  readonly queries: Readonly<Record<string, string>>
  /** What it has come to, as `bag` has it. */
  found(name: string, rows: (name: string) => Row[], stdout: string): readonly string[]
}

const written: KilledCase['found'] = (name, rows) => bag(rows(name))
const printed: KilledCase['found'] = (_name, _rows, stdout) => bag(parsed(stdout))

export const cases: readonly KilledCase[] = [
  { program: 'keyed.ts', queries: keyed, found: written },
  { program: 'windows.ts', queries: windows, found: written },
  { program: 'process.ts', queries: process, found: written },
  { program: 'rows.ts', queries: rows, found: written },
  { program: 'joins.ts', queries: joins, found: written },
  { program: 'collect.ts', queries: { collected }, found: printed },
  { program: 'updating.ts', queries: { updated }, found: printed },
  { program: 'changes.ts', queries: changes, found: (name, rows) => integral(rows(name)) },
  // A new process begins with the rows of the checkpoint: some come again.
  { program: 'iterate.ts', queries: { seen: iterated }, found: (name, rows) => [...new Set(bag(rows(name)))] },
]
