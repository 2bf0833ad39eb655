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

/** Prints every seed that is wrong, what is wrong with it, and totals; returns how many were. */
export async function runSeeds(first: number, seeds: number, how?: 'replay' | 'first'): Promise<number> {
  const totals = new Totals()
  const beganMs = performance.now()
  for (let seed = first; seed < first + seeds; seed++) {
    const outcome = await runSeed(seed, how === 'replay' ? line => console.log(line) : undefined)
    totals.add(outcome)
    const { problem } = outcome
    if (problem !== undefined)
      console.log(`seed ${seed}: ${problem.stack}${'hint' in problem ? ` (${problem.hint})` : ''}`)
    if (problem !== undefined && how === 'first') return 1
    if (totals.seeds % 100 === 0 || totals.seeds === seeds)
      console.log(`${totals.text()}; ${((performance.now() - beganMs) / totals.seeds).toFixed(0)} ms a seed`)
  }
  return totals.wrong
}

class Totals {
  seeds = 0
  wrong = 0
  readonly #sums = {
    rows: 0,
    checkpoints: 0,
    changes: 0,
    savepoints: 0,
    restores: 0,
    restoredChanges: 0,
    processes: 0,
    faults: 0,
    inside: 0,
  }
  #longest = 0
  readonly #shapes = new Set<string>()

  add({ report, problem }: Outcome): void {
    this.seeds++
    if (problem !== undefined) this.wrong++
    if (report === undefined) return
    this.#shapes.add(report.shape)
    const of = { ...report, faults: report.faults.length }
    this.#longest = Math.max(this.#longest, report.longest)
    const sums = this.#sums
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += of[name]
  }

  text(): string {
    const { rows, checkpoints, changes, savepoints, restores, restoredChanges, processes, faults, inside } = this.#sums
    const happened = `${faults} faults (${inside} during a checkpoint or recovery)`
    const taken = `${checkpoints} checkpoints (${changes} with changes of earlier ones, in up to ${this.#longest} files)`
    const restored = `${restores} restores (${restoredChanges} from changes) in ${processes} processes`
    const ran = `${rows} rows, ${taken}, ${savepoints} savepoints, ${restored}`
    return `${this.seeds} seeds, ${this.wrong} wrong: ${this.#shapes.size} shapes, ${ran}, ${happened}`
  }
}
