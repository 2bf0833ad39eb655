/**
 * Runs a suite in rounds: each round measures every figure once, so that what else the machine does falls on all of
 * them alike. The first round warms up. A figure that fails is left out from then on.
 */
import { type Measured, type Result, resultOf, type Suite } from './figure.ts'

export interface Outcome {
  readonly results: readonly Result[]
  readonly failed: readonly { readonly figure: string; readonly reason: unknown }[]
}

export async function runRounds(suite: Suite, rounds: number, note: (text: string) => void): Promise<Outcome> {
  const runs = new Map<string, number[]>(suite.measured.map(({ figure }) => [figure, []]))
  const failed: { figure: string; reason: unknown }[] = []
  for (let round = 0; round <= rounds; round++)
    for (const { figure, cold, once, measure } of suite.measured) {
      const values = runs.get(figure)
      if (values === undefined || (round === 0 && cold) || (round > 1 && once)) continue
      note(`${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}: ${figure}`)
      try {
        const value = await measure()
        if (round > 0) values.push(value)
      } catch (reason) {
        failed.push({ figure, reason })
        runs.delete(figure)
      }
    }
  await Promise.all(suite.measured.map(measured => measured.close?.()))
  return { results: resultsOf(suite, runs), failed }
}

function resultsOf(suite: Suite, runs: ReadonlyMap<string, readonly number[]>): Result[] {
  const results: Result[] = []
  for (const { figure, unit, goal } of suite.measured) {
    const values = runs.get(figure)
    if (values !== undefined) results.push(resultOf(figure, unit, goal, rounded(values)))
  }
  for (const { figure, of, goal } of suite.ratios) {
    const [over, under] = of.map(name => runs.get(name))
    if (over === undefined || under === undefined) continue
    const values = over.map((value, i) => value / under[i]!)
    results.push(resultOf(figure, 'ratio', goal, rounded(values)))
  }
  return results
}

/** The part of a suite that some figures need. */
export function partOf(suite: Suite, wanted: (figure: string) => boolean): Suite {
  const ratios = suite.ratios.filter(({ figure }) => wanted(figure))
  const needed = new Set(ratios.flatMap(({ of }) => of))
  const measured = suite.measured.filter(({ figure }: Measured) => wanted(figure) || needed.has(figure))
  return { measured, ratios }
}

/** Four digits are more than any run is good for. */
function rounded(values: readonly number[]): number[] {
  return values.map(value => Number(value.toPrecision(4)))
}
