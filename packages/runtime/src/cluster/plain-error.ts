/** Errors as plain data, so that one that a worker met reaches the caller with its code, its stack and its place. */
import { type ErrorCode, type ErrorDetails, errorCodes, MillraceError } from '@millrace/plan'

export interface PlainError {
  readonly name: string
  readonly message: string
  readonly stack?: string | undefined
  /** Of a MillraceError. */
  readonly code?: string | undefined
  readonly details?: Omit<ErrorDetails, 'cause'> | undefined
  readonly cause?: PlainError | undefined
  /** What was thrown, where it is no error: shown as text. */
  readonly thrown?: string | undefined
}

/** Causes of causes: no more of them than this are kept. */
const DEPTH = 5

export function plainError(error: unknown, depth = DEPTH): PlainError {
  if (!(error instanceof Error)) return { name: 'Error', message: shown(error), thrown: shown(error) }
  const { name, message, stack, cause } = error
  const plain = {
    name: String(name),
    message: String(message),
    stack: typeof stack === 'string' ? stack : undefined,
    cause: cause === undefined || depth === 0 ? undefined : plainError(cause, depth - 1),
  }
  if (!(error instanceof MillraceError)) return plain
  const { cause: _, ...details } = error.details
  return { ...plain, code: error.code, details }
}

/** The error again: of its class where that is MillraceError or the language's own; of others name and stack are kept. */
export function errorFrom(plain: PlainError): Error {
  const cause = plain.cause === undefined ? undefined : errorFrom(plain.cause)
  const error = isCode(plain.code)
    ? new MillraceError(plain.code, plain.message, { ...plain.details, cause })
    : foreign(plain, cause === undefined ? undefined : { cause })
  error.stack = plain.stack ?? `${plain.name}: ${plain.message}`
  return error
}

const natives = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]

function foreign({ name, message }: PlainError, options: ErrorOptions | undefined): Error {
  const native = natives.find(type => type.name === name)
  if (native !== undefined) return new native(message, options)
  const error = new Error(message, options)
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
  return error
}

function isCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(errorCodes, code)
}

function shown(value: unknown): string {
  try {
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
  } catch {
    return Object.prototype.toString.call(value)
  }
}
