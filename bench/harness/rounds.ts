/**
 * Runs a suite in rounds: each round measures every figure once, so that what else the machine does falls on all of
 * them alike. The first round warms up.
 */
import { type Measured, type Result, resultOf, type Suite } from './figure.ts'

export async function runRounds(suite: Suite, rounds: number, note: (text: string) => void): Promise<Result[]> {
  const runs = new Map<string, number[]>(suite.measured.map(({ figure }) => [figure, []]))
  try {
    for (let round = 0; round <= rounds; round++)
      for (const measured of suite.measured) {
        if (round === 0 && measured.cold) continue
        note(`${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}: ${measured.figure}`)
        const value = await measured.measure()
        if (round > 0) runs.get(measured.figure)!.push(value)
      }
  } finally {
    await Promise.all(suite.measured.map(measured => measured.close?.()))
  }
  return [
    ...suite.measured.map(({ figure, unit, goal }) => resultOf(figure, unit, goal, rounded(runs.get(figure)!))),
    ...suite.ratios.map(({ figure, of: [over, under], goal }) => {
      const below = runs.get(under)!
      return resultOf(figure, 'ratio', goal, rounded(runs.get(over)!.map((value, i) => value / below[i]!)))
    }),
  ]
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
