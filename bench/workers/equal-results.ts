/** How many programs of the core suite have the same result with one, two and three workers: all, or it is an error. */
import { corePrograms } from '../core/programs.ts'
import type { Measured } from '../harness/figure.ts'
import { runProgram } from '../harness/program-process.ts'

export function equalResults(events: number): Measured {
  const names = Object.keys(corePrograms)
  return {
    figure: 'workers.equalResults',
    unit: 'programs',
    goal: { value: names.length },
    cold: true,
    async measure() {
      for (const name of names) {
        const checksums = await runProgram<string[][]>('core-program', [name, events, 1, 2, 3])
        if (checksums.length !== 3 || new Set(checksums.flat()).size > 1)
          throw new Error(`invalid results of ${name} with one, two and three workers: ${checksums.join(', ')}`)
      }
      return names.length
    },
  }
}
