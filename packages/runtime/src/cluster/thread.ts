/**
 * What a worker's thread runs: it waits for the program's bundle, evaluates it, and when the program comes to its first
 * job takes this worker's share of that. The program never gets past that point here.
 *
 * What a program prints while it builds its plan is printed by the caller; here it is not printed again.
 */
import { type MessagePort, workerData } from 'node:worker_threads'
import { callSite, MillraceError, type SinkNode } from '@millrace/plan'
import { folderStorage } from '../checkpoint/folder-storage.ts'
import type { ExecuteOptions } from '../execute-options.ts'
import { afterwards, beside, realHost } from '../host/real.ts'
import { evaluateJob, type JobModule } from '../job-module/evaluate.ts'
import { setMode } from '../mode.ts'
import { boardBytes } from './alignment-board.ts'
import { layOut } from './layout.ts'
import { plainError } from './plain-error.ts'
import { planJob } from './plan-job.ts'
import type { FromSite, ToSite } from './protocol.ts'
import { Share } from './share.ts'
import { doorbellOf, siteOf, type WiringOptions } from './wiring.ts'

export interface ThreadStart {
  readonly site: number
  readonly workers: number
  readonly buffer: SharedArrayBuffer
  /** The job's memory setting in bytes, as the caller has it. */
  readonly memory: number
  /** How long the program, once evaluated, may take to come to its job. */
  readonly timeoutMs: number
  /** The folder of the job's checkpoints; undefined: it takes none. */
  readonly checkpoints: string | undefined
  /** To the coordinator. */
  readonly port: MessagePort
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

/** How long this worker's sources and sinks get to clean up. */
const CLEAN_UP_MS = 10_000
/** How often the heart beats, unless it has to be seen more often. */
const BEAT_MS = 500

const { site, workers, buffer, memory, beat, timeoutMs, checkpoints, port } = workerData as ThreadStart
let share: Share | undefined
let failed = false
/** The program's last top-level line has run. */
let evaluated = false

function post(message: FromSite): void {
  if (message.kind === 'failed') postLast({ ...message, error: plainError(message.error) })
  else if (message.kind === 'snapshotFailed') port.postMessage({ ...message, error: plainError(message.error) })
  else if (message.kind === 'left') postLast(message)
  else port.postMessage(message)
}

/** The thread is ended upon this: what the program has printed here goes before. */
function postLast(message: FromSite): void {
  const printed = writes.map(write => new Promise<void>(resolve => write('', () => resolve())))
  void Promise.all(printed).then(() => port.postMessage(message))
}

/** Ends this worker, with its share if it has one. */
function fail(error: unknown): void {
  port.ref()
  if (share !== undefined) share.fail(error)
  else if (!failed) post({ kind: 'failed', error })
  failed = true
}

/** What the program threw beside its functions: nobody knows more of it than that it was here. */
function failBeside(error: unknown, hint: string): void {
  if (error instanceof MillraceError) return fail(error)
  const message = error instanceof Error ? error.message : String(error)
  fail(new MillraceError('USER_FUNCTION', message, { hint, cause: error }))
}

function takeShare(sinks: readonly SinkNode[], options: ExecuteOptions): void {
  if (share !== undefined || failed) return // one that the program starts beside its first runs in the caller alone
  speak()
  const planned = planJob(sinks, workers, options)
  const layout = layOut(planned.routes, workers + 1, memory, boardBytes(planned.nodes, workers + 1))
  if (layout.bytes !== buffer.byteLength) {
    // Another plan, as the coordinator will find: there is nothing here that could run.
    post({ kind: 'planned', fingerprint: planned.fingerprint, plan: planned.plan })
    return fail(new MillraceError('PLAN_DIFFERS', 'invalid plan: it has other channels', { hint: anew }))
  }
  port.ref()
  const { nodes, routes } = planned
  const wiring: WiringOptions = { nodes, workers, routes, layout, buffer, maxRowBytes: options.maxRowBytes }
  const bell = doorbellOf(wiring, site)
  share = new Share({
    site: siteOf(wiring, site),
    host: { ...realHost, doorbell: () => bell },
    batchRows: options.batchRows ?? 1024,
    memory,
    metricsMs: options.metricsMs ?? 200,
    cleanUpMs: CLEAN_UP_MS,
    state: options.state,
    storage: checkpoints === undefined ? undefined : folderStorage(checkpoints),
    post,
  })
  share.announce(planned.fingerprint, planned.plan)
}

async function evaluate({ module, check }: Evaluate): Promise<void> {
  setMode({ share: takeShare, check, running: 0 })
  try {
    await evaluateJob(module)
    evaluated = true
    // What keeps this thread may yet come to the job, as a main function that nobody awaits; a server never does.
    afterwards(timeoutMs, missJob)
  } catch (error) {
    failBeside(error, 'thrown before the program came to its job: each worker evaluates it anew')
  }
}

function missJob(): void {
  if (share !== undefined || failed) return
  const what = evaluated ? 'ran no job on this worker' : 'waits for something that can no longer happen here'
  fail(
    new MillraceError('PLAN_DIFFERS', `missing job: the program ${what}`, {
      hint: 'each worker evaluates the program anew and must come to the same job',
    }),
  )
}

const anew = 'each worker evaluates the program anew: let its plan depend only on its arguments, environment and files'
const { stdout, stderr } = process
const writes = [stdout, stderr].map(stream => stream.write.bind(stream))

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
for (const [event, hint] of [
  ['uncaughtException', 'nobody caught it, beside the functions of the job'],
  ['unhandledRejection', 'a promise was rejected and nobody handled it, beside the functions of the job'],
] as const)
  process.on(event, (error: unknown) => {
    // A program that handles these itself means to go on.
    if (process.listenerCount(event) === 1) failBeside(error, hint)
  })
process.on('beforeExit', missJob) // nothing is left that could bring the program to a job
const beats = new Int32Array(buffer, beat, 1)
const beatOnce = (): void => void Atomics.add(beats, 0, 1)
beside(Math.min(BEAT_MS, timeoutMs / 4), beatOnce)
port.on('message', (message: Message) => {
  if (message.kind === 'evaluate') {
    beatOnce() // from here on it is watched: the program may hang before the first period is over
    port.unref() // until it has come to its job, the program alone keeps this thread
    void evaluate(message)
  } else share?.receive(message)
})
