import { resolve } from 'node:path'
import { durationMs, MillraceError } from '@millrace/plan'
import { CHECKPOINT_DEFAULTS, type CheckpointOptions, type RestartStrategy } from '@millrace/runtime'
import { checkOptions } from './steps/options.ts'
import type { Duration } from './words.ts'

/** What follows from a failure: the job begins again from its last checkpoint, by one of these. */
export type Restart =
  /** It ends with its first failure. */
  | 'none'
  /** So many times in all, each after the same pause. */
  | { readonly kind: 'fixed'; readonly attempts: number; readonly delay: Duration }
  /** Without end: after `first`, then twice as long each time, up to `most`; anew when it has run for `resetAfter`. */
  | {
      readonly kind: 'exponential'
      readonly first: Duration
      readonly most: Duration
      readonly resetAfter: Duration
    }
  /** Until it fails more than `failures` times within `per`. */
  | { readonly kind: 'failureRate'; readonly failures: number; readonly per: Duration; readonly delay: Duration }

/**
 * When the jobs of an environment take checkpoints, and where.
 *
 * @example
 * const env = environment({ checkpoints: { every: '10s', dir: './state' } })
 */
export interface Checkpoints {
  /** A folder that belongs to one job alone. A job that finds a complete checkpoint there goes on from it. */
  readonly dir: string
  /** From the beginning of one to that of the next; default 10 s. */
  readonly every?: Duration
  /** From the end of one to the beginning of the next, at least; default 0. */
  readonly minPause?: Duration
  /** One that takes longer has failed; default 10 min. */
  readonly timeout?: Duration
  /** How many complete ones are kept; default 1. */
  readonly retain?: number
  /** How many failures in a row the job survives; default 3. */
  readonly tolerate?: number
  /** Default: 3 times, each after 100 ms. */
  readonly restart?: Restart
  /** The path of a savepoint or checkpoint to begin from, as long as `dir` has none. */
  readonly from?: string
  /**
   * Goes on although the checkpoint has state that the program has no operator for: that state is gone then. Default
   * false: it is an error that lists what would be lost.
   */
  readonly allowDroppedState?: boolean
  /** Goes on from an older checkpoint if the newest is damaged: what was written since is written again. Default false. */
  readonly allowOlderCheckpoint?: boolean
}

const spans = ['every', 'minPause', 'timeout'] as const
const counts = ['retain', 'tolerate'] as const
const flags = ['allowDroppedState', 'allowOlderCheckpoint'] as const
const names = ['dir', ...spans, ...counts, 'restart', 'from', ...flags] as const

/** Throws INVALID_OPTION for what is not understood. */
export function checkpointOptions(given: Checkpoints): CheckpointOptions {
  if (typeof given !== 'object' || given === null)
    throw new MillraceError('INVALID_OPTION', `invalid checkpoints: ${String(given)}`, {
      hint: "give { dir: './state', every: '10s' }, or leave it out to take none",
    })
  checkOptions('checkpoints', given, names)
  const { dir, every, minPause, timeout, retain, tolerate, restart, from } = given
  const { allowDroppedState = false, allowOlderCheckpoint = false } = given
  for (const [name, flag] of Object.entries({ allowDroppedState, allowOlderCheckpoint }))
    if (typeof flag !== 'boolean') throw new MillraceError('INVALID_OPTION', `invalid ${name}: ${String(flag)}`)
  const defaults = CHECKPOINT_DEFAULTS
  return {
    dir: resolve(path('dir', dir, 'name a folder that this job has for itself')),
    everyMs: span('every', every ?? defaults.everyMs, 1),
    minPauseMs: span('minPause', minPause ?? defaults.minPauseMs, 0),
    timeoutMs: span('timeout', timeout ?? defaults.timeoutMs, 1),
    retain: count('retain', retain ?? defaults.retain, 1),
    tolerates: count('tolerate', tolerate ?? defaults.tolerates, 0),
    restart: restart === undefined ? defaults.restart : restartOf(restart),
    from: from === undefined ? undefined : resolve(path('from', from, 'give what `millrace savepoint` printed')),
    allowDropped: allowDroppedState,
    allowOlder: allowOlderCheckpoint,
  }
}

function path(name: string, given: unknown, hint: string): string {
  if (typeof given === 'string' && given !== '' && !given.includes('\0')) return given
  const shown = typeof given === 'string' ? JSON.stringify(given) : String(given)
  throw new MillraceError('INVALID_OPTION', `invalid ${name} of checkpoints: ${shown}`, { hint })
}

function restartOf(restart: Restart): RestartStrategy {
  if (restart === 'none') return { kind: 'none' }
  switch (restart?.kind) {
    case 'fixed': {
      checkOptions('restart', restart, ['kind', 'attempts', 'delay'])
      return {
        kind: 'fixed',
        attempts: count('attempts', restart.attempts, 1),
        delayMs: span('delay', restart.delay, 0),
      }
    }
    case 'exponential': {
      checkOptions('restart', restart, ['kind', 'first', 'most', 'resetAfter'])
      const firstMs = span('first', restart.first, 1)
      const mostMs = span('most', restart.most, firstMs)
      return { kind: 'exponential', firstMs, mostMs, resetAfterMs: span('resetAfter', restart.resetAfter, 1) }
    }
    case 'failureRate': {
      checkOptions('restart', restart, ['kind', 'failures', 'per', 'delay'])
      const failures = count('failures', restart.failures, 0)
      return {
        kind: 'failureRate',
        failures,
        perMs: span('per', restart.per, 1),
        delayMs: span('delay', restart.delay, 0),
      }
    }
    default:
      throw new MillraceError('INVALID_OPTION', `invalid restart: ${JSON.stringify(restart)}`, {
        hint: "give 'none', or an object with the kind 'fixed', 'exponential' or 'failureRate'",
      })
  }
}

function span(name: string, given: Duration, least: number): number {
  const ms = spanMs(name, given)
  if (ms >= least) return ms
  throw new MillraceError('INVALID_OPTION', `invalid ${name}: ${String(given)}`, { hint: `give at least ${least} ms` })
}

function spanMs(name: string, given: Duration): number {
  try {
    return durationMs(name, given)
  } catch (error) {
    const { message, hint } = error as MillraceError
    throw new MillraceError('INVALID_OPTION', message, { hint })
  }
}

function count(name: string, given: number, least: number): number {
  if (Number.isInteger(given) && given >= least) return given
  throw new MillraceError('INVALID_OPTION', `invalid ${name}: ${String(given)}`, {
    hint: `give a whole number, at least ${least}`,
  })
}
