/** One seed of the simulation of clusters: a job, run, and what is wrong with how it went. */
import type { TraceEntry } from '@millrace/runtime/inside'
import { epochsJob, wrongEpochs } from './epochs-job.ts'
import { joinsJob } from './joins-job.ts'
import { type RandomJob, randomJob } from './random-job.ts'
import { difference, type Outcome, simulateJob } from './simulate-job.ts'
import { rowsIn, timedJob } from './timed-job.ts'

export interface Checked {
  /** None of the seed's jobs is one that can be run and compared. */
  readonly skipped: boolean
  readonly trace: readonly TraceEntry[]
}

/** Rejects with what is wrong, and the seed. */
export async function checkSeed(seed: number): Promise<Checked> {
  const { job, wrong } = jobOf(seed)
  try {
    const outcome = job === undefined ? undefined : await simulateJob(job, seed)
    if (outcome === undefined) return { skipped: true, trace: [] }
    const found = wrong(outcome)
    if (found !== undefined) throw new Error(found)
    if (seed % 9 === 0) await isRepeated(job!, seed, outcome)
    return { skipped: false, trace: outcome.trace }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`seed ${seed} (${JSON.stringify(job?.run)}): ${message}`, { cause: error })
  }
}

interface Case {
  readonly job: RandomJob | undefined
  wrong(outcome: Outcome): string | undefined
}

function jobOf(seed: number): Case {
  if (seed % 4 === 2) return timed(seed)
  if (seed % 4 === 3) return epochs(seed)
  const job = seed % 8 === 5 ? joinsJob(seed) : randomJob(seed)
  return { job, wrong: ({ whole, sinks }) => (whole ? difference(sinks, job!.expected) : undefined) }
}

function timed(seed: number): Case {
  const job = timedJob(seed)
  const wrong = ({ whole, sinks }: Outcome): string | undefined => {
    if (!whole) return undefined
    if (job.rows === undefined) return difference(sinks, job.expected)
    const rows = rowsIn(sinks[0]!.contents!, sinks[1]!.contents!)
    return rows === job.rows ? undefined : `${rows} rows are counted or late, of ${job.rows}`
  }
  return { job, wrong }
}

function epochs(seed: number): Case {
  const job = epochsJob(seed)
  const wrong = (outcome: Outcome): string | undefined =>
    wrongEpochs(outcome, job.run) ?? (outcome.whole ? difference(outcome.sinks, job.expected) : undefined)
  return { job, wrong }
}

/** The same seed gives the same trace. */
async function isRepeated(job: RandomJob, seed: number, { trace }: Outcome): Promise<void> {
  const again = (await simulateJob(job, seed))!.trace
  const at = trace.findIndex(({ atMs, site, what }, i) => {
    const other = again[i]
    return other === undefined || other.atMs !== atMs || other.site !== site || other.what !== what
  })
  if (at >= 0 || again.length !== trace.length)
    throw new Error(`event ${at} of its trace is ${JSON.stringify(trace[at])}, then ${JSON.stringify(again[at])}`)
}
