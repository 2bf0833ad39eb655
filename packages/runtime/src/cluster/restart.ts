/** When a job that has failed begins again. */
import { MillraceError } from '@millrace/plan'

export type RestartStrategy =
  | { readonly kind: 'none' }
  /** So many times in all, each after the same pause. */
  | { readonly kind: 'fixed'; readonly attempts: number; readonly delayMs: number }
  /** Without end, each after a pause twice as long as the one before; from the beginning when it has run for so long. */
  | { readonly kind: 'exponential'; readonly firstMs: number; readonly mostMs: number; readonly resetAfterMs: number }
  /** Until it has failed more than so many times within a period. */
  | { readonly kind: 'failureRate'; readonly failures: number; readonly perMs: number; readonly delayMs: number }

export const DEFAULT_RESTART: RestartStrategy = { kind: 'fixed', attempts: 3, delayMs: 100 }

/** The failures of one job, and what follows from each. */
export class Restarts {
  readonly #strategy: RestartStrategy
  #failures = 0
  /** Of a failure rate: when, within the last period; never more than are survived, and one. */
  #recentMs: readonly number[] = []
  #pauseMs = 0

  constructor(strategy: RestartStrategy) {
    this.#strategy = strategy
  }

  /**
   * Milliseconds until it begins again; undefined: never.
   *
   * @param beganMs when what has failed began
   */
  afterFailure(error: unknown, beganMs: number, nowMs: number): number | undefined {
    if (!mayPass(error)) return undefined
    this.#failures++
    const strategy = this.#strategy
    switch (strategy.kind) {
      case 'none':
        return undefined
      case 'fixed':
        return this.#failures > strategy.attempts ? undefined : strategy.delayMs
      case 'exponential': {
        const { firstMs, mostMs, resetAfterMs } = strategy
        const first = this.#pauseMs === 0 || nowMs - beganMs >= resetAfterMs
        this.#pauseMs = first ? firstMs : Math.min(mostMs, this.#pauseMs * 2)
        return this.#pauseMs
      }
      case 'failureRate': {
        const { failures, perMs, delayMs } = strategy
        this.#recentMs = [...this.#recentMs.filter(at => nowMs - at < perMs), nowMs]
        return this.#recentMs.length > failures ? undefined : delayMs
      }
    }
  }
}

/** What is wrong with the program or its plan, or with the checkpoints themselves, is so the next time too. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof MillraceError)) return true
  if (error.kind === 'usage' || error.kind === 'plan') return false
  return !/^CHECKPOINT_|^CANCELLED$|^STOPPED$/.test(error.code) || error.code === 'CHECKPOINT_FAILED'
}
