/** The programs of the core suite, by name. */
import type { MakeProgram } from '../harness/program.ts'
import { keyedCount } from './keyed-count.ts'
import { objects } from './objects.ts'
import { q0 } from './q0.ts'
import { q1 } from './q1.ts'
import { q2 } from './q2.ts'
import { slidingCount } from './sliding-count.ts'

export const corePrograms: Readonly<Record<string, MakeProgram>> = {
  q0,
  q1,
  q2,
  keyedCount,
  slidingCount: events => slidingCount(events, 2000),
  slidingCountFine: events => slidingCount(events, 100),
  objects,
}
