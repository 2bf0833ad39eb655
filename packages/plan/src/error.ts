/**
 * The one error class, with a closed list of codes.
 *
 * A message has one of three forms, `missing X`, `invalid X: value`, `unknown X: value (known: ...)`; a hint says in
 * one sentence what to type instead; the operator and the user's call site say where.
 */
import type { CallSite } from './call-site.ts'

export type ErrorKind = 'usage' | 'plan' | 'data' | 'io' | 'resource' | 'internal'

/** Every code, with its kind and what it stands for. */
export const errorCodes = {
  INVALID_ARGUMENT: 'usage',
  INVALID_OPTION: 'usage',
  SECOND_TERMINAL: 'usage',
  JOB_EXITED: 'usage',
  UNKNOWN_COLUMN: 'plan',
  COLUMN_CLASH: 'plan',
  TYPE_MISMATCH: 'plan',
  MISSING_EVENT_TIME: 'plan',
  WRONG_KIND: 'plan',
  UNSUPPORTED: 'plan',
  INVALID_VALUE: 'data',
  INVALID_ROW: 'data',
  INVALID_KEY: 'data',
  INVALID_FORMAT: 'data',
  WEIGHT_OVERFLOW: 'data',
  SCHEMA_MISMATCH: 'data',
  USER_FUNCTION: 'data',
  FILE_NOT_FOUND: 'io',
  IO: 'io',
  MEMORY_LIMIT: 'resource',
  ROW_LIMIT: 'resource',
  CANCELLED: 'resource',
  STOPPED: 'resource',
  TIMED_OUT: 'resource',
  BUILD_FAILED: 'usage',
  PLAN_DIFFERS: 'usage',
  WORKER_LOST: 'resource',
  CHECKPOINT_MISSING: 'io',
  CHECKPOINT_DAMAGED: 'io',
  CHECKPOINT_FOREIGN: 'usage',
  CHECKPOINT_FENCED: 'resource',
  CHECKPOINT_FAILED: 'resource',
  STATE_MISMATCH: 'usage',
  INTERNAL: 'internal',
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof errorCodes

export interface ErrorDetails {
  readonly hint?: string | undefined
  /** The operator it happened in, as explain prints it. */
  readonly operator?: string | undefined
  /** Where in the user's code the operator was written. */
  readonly site?: CallSite | undefined
  /** Where in the data: a file with line and column, a row number. */
  readonly at?: string | undefined
  /** Which worker it happened on, where there are several. */
  readonly worker?: number | undefined
  readonly cause?: unknown
}

export class MillraceError extends Error {
  override readonly name = 'MillraceError'
  readonly code: ErrorCode
  readonly kind: ErrorKind
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.kind = errorCodes[code]
    this.details = details
  }

  get hint(): string | undefined {
    return this.details.hint
  }

  /** The same error, with what an outer layer knows added; what is known already stays. */
  with(details: ErrorDetails): MillraceError {
    const known = Object.fromEntries(Object.entries(this.details).filter(([, value]) => value !== undefined))
    const error = new MillraceError(this.code, this.message, { ...details, ...known })
    if (this.stack !== undefined) error.stack = this.stack
    return error
  }

  /** As a terminal shows it: message, place in the data, hint, call site. */
  describe(): string {
    const { at, hint, operator, site, worker } = this.details
    const lines = [this.message]
    if (at !== undefined) lines.push(`  in ${at}`)
    if (hint !== undefined) lines.push(`  ${hint}`)
    if (site !== undefined)
      lines.push(`  at ${site.file}:${site.line}:${site.column}${operator ? `  ${operator}` : ''}`)
    else if (operator !== undefined) lines.push(`  in ${operator}`)
    if (worker !== undefined) lines.push(`  on worker ${worker}`)
    return lines.join('\n')
  }
}
