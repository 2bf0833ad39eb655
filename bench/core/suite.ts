/** The core of the engine: one core, the generation of the data included. */
import { MeasuringProcess } from '../harness/child-process.ts'
import type { Measured, Ratio, Suite } from '../harness/figure.ts'
import { rates } from '../harness/rate.ts'
import { installed } from './installed.ts'

const M = 1e6

/** What is measured of each program: events over which, and the rate it is to have. */
const programs = {
  q0: { events: 12 * M, goal: 15 * M },
  q1: { events: 12 * M, goal: 15 * M },
  q2: { events: 40 * M, goal: 15 * M },
  keyedCount: { events: 16 * M, goal: 15 * M },
  slidingCount: { events: 16 * M, goal: 12 * M },
  slidingCountFine: { events: 12 * M, goal: 6 * M },
  objects: { events: 8 * M, goal: 6 * M },
}

export function coreSuite({ quick, root }: { quick: boolean; root: string }): Suite {
  const scale = quick ? 0.1 : 1
  const measured: Measured[] = Object.entries(programs).flatMap(([name, { events, goal }]) =>
    rates(name, events * scale, { value: goal }),
  )
  return { measured: [...measured, ...installed(root), memory(110 * M * scale)], ratios }
}

function memory(events: number): Measured {
  return {
    figure: 'core.memoryGrowth',
    unit: 'ratio',
    goal: { value: 1.1, atMost: true },
    cold: true,
    async measure() {
      const child = new MeasuringProcess('memoryGrowth', 'engine', `${events}`)
      const { value } = await child.measure()
      child.end()
      return value
    },
  }
}

const ratios: readonly Ratio[] = [
  { figure: 'core.q0OfLoop', of: ['core.q0', 'loop.q0'], goal: { value: 0.4 } },
  { figure: 'core.q1OfLoop', of: ['core.q1', 'loop.q1'], goal: { value: 0.4 } },
  { figure: 'core.q2OfLoop', of: ['core.q2', 'loop.q2'], goal: { value: 0.4 } },
  { figure: 'core.fineOfSliding', of: ['core.slidingCountFine', 'core.slidingCount'], goal: { value: 0.5 } },
]
