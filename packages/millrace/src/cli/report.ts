/**
 * Errors as a terminal shows them.
 *
 * An error of the engine describes itself: what was given, what would have been right, where in the user's program.
 * One of the user's shows its message and those frames that are the user's own lines; the rest of the stack is for
 * `--stack`, and for errors that are the engine's fault.
 */
import { inspect } from 'node:util'
import { type CallSite, MillraceError, userFrames } from '@millrace/plan'

const framesShown = 5

export function printError(error: unknown, stack: boolean): void {
  process.stderr.write(`${describeError(error, stack)}\n`)
}

export function describeError(error: unknown, stack: boolean): string {
  if (!(error instanceof Error)) return `thrown: ${inspect(error, { depth: 2 })}`
  if (stack) return inspect(error)
  const described = ownDescription(error)
  if (described === undefined) return [`${error.name}: ${error.message}`, ...frames(error), ...causes(error)].join('\n')
  if (isEngineError(error) && error.kind === 'internal') return `${described}\n${inspect(error)}`
  const lines = [described]
  if (isEngineError(error) && error.cause instanceof Error && ownDescription(error.cause) === undefined)
    lines.push(...frames(error.cause, '  thrown at'))
  return lines.join('\n')
}

/** By shape, not by class: a program may use another copy of the engine than the command line. */
function isEngineError(error: Error): error is MillraceError {
  return error instanceof MillraceError || (error.name === 'MillraceError' && 'describe' in error)
}

function ownDescription(error: Error): string | undefined {
  return isEngineError(error) ? error.describe() : undefined
}

function frames(error: Error, word = '  at'): string[] {
  const lines: string[] = []
  // Below Node's loader lies the command line, which evaluated the program.
  const [own = ''] = (error.stack ?? '').split(/\n[^\n]*node:internal\/modules\//)
  for (const frame of userFrames(own)) {
    lines.push(`${lines.length === 0 ? word : '  at'} ${place(frame)}`)
    if (lines.length === framesShown) break
  }
  return lines
}

function place({ file, line, column }: CallSite): string {
  return `${file}:${line}:${column}`
}

function causes(error: Error): string[] {
  const lines: string[] = []
  for (let cause = error.cause; cause instanceof Error && lines.length < framesShown; cause = cause.cause)
    lines.push(`caused by ${cause.name}: ${cause.message}`, ...frames(cause))
  return lines
}
