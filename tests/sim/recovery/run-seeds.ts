/** Runs seeds, and says what came of them. */
import { caseOf } from './case.ts'
import { type Report, World } from './world.ts'

export interface Outcome {
  readonly seed: number
  readonly report?: Report
  readonly problem?: Error
}

export async function runSeed(seed: number, show?: (line: string) => void): Promise<Outcome> {
  const world = new World(caseOf(seed))
  try {
    return { seed, report: await world.run() }
  } catch (error) {
    return { seed, problem: error as Error }
  } finally {
    if (show !== undefined)
      for (const { atMs, site, what } of world.simulation.trace) show(`${atMs.toFixed(1).padStart(9)} ${site} ${what}`)
  }
}

/** Returns how many were wrong. */
export async function runSeeds(first: number, seeds: number, replay: boolean): Promise<number> {
  let wrong = 0
  const beganMs = performance.now()
  for (let seed = first; seed < first + seeds; seed++) {
    const { problem, report } = await runSeed(seed, replay ? line => console.log(line) : undefined)
    if (problem !== undefined) {
      wrong++
      console.log(`seed ${seed}: ${problem.stack}${'hint' in problem ? ` (${problem.hint})` : ''}`)
    } else if (seeds <= 20)
      console.log(seed, JSON.stringify({ ...report, faults: report!.faults.map(f => f.kind).join() }))
  }
  console.log(`${seeds} seeds, ${wrong} wrong, ${((performance.now() - beganMs) / seeds).toFixed(0)} ms each`)
  return wrong
}
