/**
 * What a worker's thread runs: it waits for the program's bundle, evaluates it, and when the program comes to its first
 * job takes this worker's share of that. The program never gets past that point here.
 *
 * What a program prints while it builds its plan is printed by the caller; here it is not printed again.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { callSite, MillraceError, type SinkNode } from '@millrace/plan'
import type { ExecuteOptions } from '../execute-options.ts'
import { realHost } from '../host/real.ts'
import { repeat } from '../host/repeat.ts'
import { evaluateJob, type JobModule } from '../job-module/evaluate.ts'
import { setMode } from '../mode.ts'
import { boardBytes } from './alignment-board.ts'
import { DEFAULT_MEMORY, layOut } from './layout.ts'
import { plainError } from './plain-error.ts'
import { planJob } from './planned.ts'
import type { FromSite, ToSite } from './protocol.ts'
import { Share } from './share.ts'
import { doorbellOf, siteOf, type WiringOptions } from './wiring.ts'

export interface ThreadStart {
  readonly site: number
  readonly workers: number
  readonly buffer: SharedArrayBuffer
  /** Where this worker's heartbeat is counted. */
  readonly beat: number
}

/** What a thread is to evaluate, and how. */
export interface Evaluate {
  readonly kind: 'evaluate'
  readonly module: JobModule
  readonly check: boolean
}

type Message = ToSite | Evaluate

/** How often the heart beats. */
const BEAT_MS = 100

const port = parentPort!
const { site, workers, buffer, beat } = workerData as ThreadStart
let share: Share | undefined
let failed = false

function post(message: FromSite): void {
  port.postMessage(message.kind === 'failed' ? { kind: 'failed', error: plainError(message.error) } : message)
}

/** Ends this worker, with its share if it has one. */
function fail(error: unknown): void {
  if (share !== undefined) share.fail(error)
  else if (!failed) post({ kind: 'failed', error })
  failed = true
}

function takeShare(sinks: readonly SinkNode[], options: ExecuteOptions): void {
  speak()
  const planned = planJob(sinks, workers, options)
  const layout = layOut(
    planned.routes,
    workers + 1,
    options.memory ?? DEFAULT_MEMORY,
    boardBytes(planned.nodes, workers + 1),
  )
  if (layout.bytes !== buffer.byteLength) {
    // Another plan, as the coordinator will find: there is nothing here that could run.
    return post({ kind: 'planned', fingerprint: planned.fingerprint, plan: planned.plan })
  }
  const { nodes, routes } = planned
  const wiring: WiringOptions = { nodes, workers, routes, layout, buffer, maxRowBytes: options.maxRowBytes }
  const bell = doorbellOf(wiring, site)
  share = new Share({
    site: siteOf(wiring, site),
    host: { ...realHost, doorbell: () => bell },
    batchRows: options.batchRows ?? 1024,
    memory: options.memory ?? DEFAULT_MEMORY,
    metricsMs: options.metricsMs ?? 200,
    post,
  })
  share.announce(planned.fingerprint, planned.plan)
}

async function evaluate({ module, check }: Evaluate): Promise<void> {
  setMode({ share: takeShare, check, running: 0 })
  try {
    await evaluateJob(module)
    if (share === undefined && !failed) fail(noJob())
  } catch (error) {
    fail(error)
  }
}

/** Programs that await other things first come to their job after their last line. */
function noJob(): MillraceError {
  return new MillraceError('PLAN_DIFFERS', 'missing job: the program ran no job on this worker', {
    hint: 'each worker evaluates the program anew and must come to the same job: await it at top level',
  })
}

const { stdout, stderr } = process
const writes = [stdout.write, stderr.write] as const

function hush(): void {
  for (const stream of [stdout, stderr])
    stream.write = (...args: unknown[]): boolean => {
      const callback = args.at(-1)
      if (typeof callback === 'function') process.nextTick(callback)
      return true
    }
}

function speak(): void {
  stdout.write = writes[0]
  stderr.write = writes[1]
}

function refuseExit(code: unknown): never {
  const error = new MillraceError('JOB_EXITED', `invalid call: process.exit(${code ?? ''}) while a job runs`, {
    hint: 'throw an error to fail the job, or abort the signal given to run()',
    site: callSite(),
  })
  fail(error)
  throw error
}

hush()
process.exit = refuseExit
process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)
const beats = new Int32Array(buffer, beat, 1)
repeat(realHost, BEAT_MS, () => Atomics.add(beats, 0, 1))
port.on('message', (message: Message) => {
  if (message.kind === 'evaluate') void evaluate(message)
  else share?.receive(message)
})
