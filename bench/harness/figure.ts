/** What a suite consists of. */

export interface Goal {
  readonly value: number
  /** True: the figure is to be at most this; default at least. */
  readonly atMost?: boolean
}

/** Something that is measured once a round. */
export interface Measured {
  readonly figure: string
  readonly unit: string
  readonly goal?: Goal
  /** True: every run begins anew, and there is nothing to warm up. */
  readonly cold?: boolean
  /** True: a run takes minutes, and there is one. */
  readonly once?: boolean
  /** Takes one run's value. */
  measure(): Promise<number>
  close?(): Promise<void>
}

/** One figure over another, run by run. */
export interface Ratio {
  readonly figure: string
  readonly of: readonly [over: string, under: string]
  readonly goal?: Goal
}

export interface Suite {
  readonly measured: readonly Measured[]
  readonly ratios: readonly Ratio[]
}

/** A line of the output. */
export interface Result {
  readonly figure: string
  /** The median of the runs. */
  readonly value: number
  readonly unit: string
  /** Null: nothing to hold. */
  readonly goal: number | null
  readonly holds: boolean | null
  readonly runs: readonly number[]
}

export function resultOf(figure: string, unit: string, goal: Goal | undefined, runs: readonly number[]): Result {
  const value = median(runs)
  const holds = goal === undefined ? null : goal.atMost ? value <= goal.value : value >= goal.value
  return { figure, value, unit, goal: goal?.value ?? null, holds, runs }
}

function median(runs: readonly number[]): number {
  const sorted = [...runs].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
