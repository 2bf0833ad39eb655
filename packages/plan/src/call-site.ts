/**
 * Call sites: where in the user's program a node of the plan was written.
 *
 * The first stack frame outside the engine's own folder is the user's. Frames pass through Node's source maps when
 * those are enabled (the command line enables them), so a bundled TypeScript job is reported by its own lines.
 */
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface CallSite {
  /** Path, relative to the working directory where that is shorter. */
  readonly file: string
  readonly line: number
  readonly column: number
}

/** The folder whose frames are the engine's: `packages/` in the workspace, the package's own folder once published. */
const engine = import.meta.url.replace(/\/plan\/(src|dist)\/[^/]*$/, '/').replace(/[^/]*$/, '')
const enginePath = engine.startsWith('file:') ? fileURLToPath(engine) : engine
const ownTests = /\.(test|fuzz|bench)\.[jt]s$/

/** The call site of the caller, or undefined where the stack shows none (the runtime's own plans). */
export function callSite(): CallSite | undefined {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 30
  const stack = new Error().stack ?? ''
  Error.stackTraceLimit = limit
  for (const frame of userFrames(stack)) return frame
  return undefined
}

/** The frames of a stack that are the user's, innermost first. */
export function* userFrames(stack: string): Generator<CallSite> {
  for (const line of stack.split('\n')) {
    const match = /^\s+at (?:.*\(|async )?((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^()]*?):(\d+):(\d+)\)?$/.exec(line)
    if (match === null) continue
    const path = match[1]!.startsWith('file://') ? fileURLToPath(match[1]!) : match[1]!
    if (path.startsWith(enginePath) && !ownTests.test(path)) continue
    if (path.includes('/node_modules/vitest/') || path.startsWith('node:')) continue
    yield { file: shorter(path), line: Number(match[2]), column: Number(match[3]) }
  }
}

function shorter(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') ? path : fromHere
}
