/** Runs a job of a seed on a simulated cluster, and finds what is wrong with how it went. */
import { MillraceError, type PlanNode, rewrite, sinkNode } from '@millrace/plan'
import { simulateCluster, type TraceEntry } from '@millrace/runtime/inside'
import { type Run, sameContents, shown } from './random-job.ts'
import { drain, type Feed, feed, type Kept, type Open, type Poll } from './workload.ts'

export interface SimulatedCase {
  readonly plan: readonly PlanNode[]
  readonly feeds: ReadonlyMap<string, Feed>
  readonly run: Run
}

export interface Outcome {
  readonly trace: readonly TraceEntry[]
  readonly polls: readonly Poll[]
  readonly sinks: readonly Kept[]
  /** It came to its end, without having been stopped or cancelled. */
  readonly whole: boolean
}

/** What the job is given up with, and what its readers fail with. */
const GIVEN_UP = 'this is the end'

/**
 * Throws for anything but a proper end, whatever end that is; undefined: nobody can run such a plan.
 */
export async function simulateJob({ plan, feeds, run }: SimulatedCase, seed: number): Promise<Outcome | undefined> {
  let trace: readonly TraceEntry[] = []
  const open: Open = { readers: 0, writers: 0, opening: 0, polls: [], failure: undefined, events: () => trace.length }
  const read = rewrite(plan, node =>
    node.kind === 'source' ? { ...node, source: feed(node, feeds.get(node.source.label)!, open) } : node,
  )
  const sinks = read.map(() => drain(run.drain, shown, open))
  const nodes = read.map((input, i) => sinkNode({ input, sink: sinks[i]!, site: undefined, name: undefined }))
  const { workers, batchRows, generate, optimise, ends, afterMs } = run
  let over = false
  let ended = false
  try {
    const job = simulateCluster(nodes, { workers, seed, batchRows, generate, optimise })
    trace = job.trace
    if (ends !== 'itself')
      job.after(afterMs, () => {
        ended = !over
        if (ends === 'stopped') job.stop()
        else if (ends === 'cancelled') job.cancel(new Error(GIVEN_UP))
        else open.failure = new Error(GIVEN_UP)
      })
    const givenUp = await job.finished.then(() => false, toleratesGivingUp)
    over = true
    if (open.readers !== 0 || open.writers !== 0)
      throw new RangeError(`${open.readers} readers and ${open.writers} writers were left open`)
    if (job.left.length > open.opening) throw new RangeError(`left behind: ${job.left.join(', ')}`)
    return { trace, polls: open.polls, sinks, whole: !givenUp && !(ended && ends === 'stopped') }
  } catch (error) {
    if (error instanceof MillraceError && isNoPlan(error)) return undefined
    throw error
  }
}

function toleratesGivingUp(error: unknown): boolean {
  if (error instanceof Error && error.message.includes(GIVEN_UP)) return true
  throw error
}

/** Two unbounded sides, or a time that is null. */
function isNoPlan({ code, message }: MillraceError): boolean {
  return code === 'UNSUPPORTED' || code === 'WRONG_KIND' || message === 'missing event time'
}

/** What the sinks have, against what they should; undefined: they agree. */
export function difference(
  sinks: readonly Kept[],
  expected: readonly ReadonlyMap<string, number>[],
): string | undefined {
  for (const [i, sink] of sinks.entries()) {
    if (sink.contents === undefined) return `sink ${i} was not committed`
    if (!sameContents(sink.contents, expected[i]!))
      return `sink ${i}: ${JSON.stringify([...sink.contents])}\nexpected: ${JSON.stringify([...expected[i]!])}`
  }
  return undefined
}
