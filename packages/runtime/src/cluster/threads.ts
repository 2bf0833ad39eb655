/**
 * Workers as threads of this process. They start at once, while the program is still being bundled; what a thread does
 * wrong (it throws outside the job, runs out of heap, ends, hangs) is told as the loss of its site.
 */
import { MessageChannel, Worker } from 'node:worker_threads'
import { MillraceError } from '@millrace/plan'
import { realHost } from '../host/real.ts'
import { repeat } from '../host/repeat.ts'
import type { JobModule } from '../job-module/evaluate.ts'
import { threadEntry } from '../job-module/thread-entry.ts'
import { currentMode } from '../mode.ts'
import type { Member } from './coordinator.ts'
import type { Layout } from './layout.ts'
import { errorFrom, type PlainError } from './plain-error.ts'
import type { FromSite } from './protocol.ts'
import type { Evaluate, ThreadStart } from './thread.ts'

/** How often heartbeats are looked at. */
const WATCH_MS = 500

export interface ThreadsOptions {
  readonly workers: number
  readonly buffer: SharedArrayBuffer
  readonly layout: Layout
  /** Bytes, as the caller has it. */
  readonly memory: number
  readonly module: Promise<JobModule>
  /** Without a heartbeat for so long a thread counts as hanging. */
  readonly timeoutMs: number
  /** The folder of the job's checkpoints. */
  readonly checkpoints: string | undefined
}

/** Who is told what threads say, and which of them are lost. */
export interface Listener {
  receive(site: number, message: FromSite): void
  lost(site: number, error: unknown): void
}

/** Threads for one attempt at a job, which may be started before it begins: what they say until then is kept for it. */
export class Crew {
  readonly buffer: SharedArrayBuffer
  readonly members: readonly Member[]
  #listener: Listener | undefined
  readonly #kept: ((listener: Listener) => void)[] = []

  constructor(options: ThreadsOptions) {
    const heard: Listener = {
      receive: (site, message) => this.#tell(listener => listener.receive(site, message)),
      lost: (site, error) => this.#tell(listener => listener.lost(site, error)),
    }
    this.buffer = options.buffer
    this.members = Array.from({ length: options.workers }, (_, site) => startThread(site, options, heard))
  }

  #tell(say: (listener: Listener) => void): void {
    if (this.#listener === undefined) this.#kept.push(say)
    else say(this.#listener)
  }

  listen(listener: Listener): void {
    this.#listener = listener
    for (const say of this.#kept.splice(0)) say(listener)
  }

  /** Nobody needs them. */
  async end(): Promise<void> {
    await Promise.allSettled(this.members.map(member => member.terminate()))
  }
}

function startThread(site: number, options: ThreadsOptions, { receive, lost }: Listener): Member {
  const { buffer, layout } = options
  // A channel of their own: `parentPort` is the program's.
  const { port1: port, port2: theirs } = new MessageChannel()
  const beat = layout.beats + site * 64
  const { workers, memory, timeoutMs, checkpoints } = options
  const start: ThreadStart = { site, workers, buffer, memory, beat, timeoutMs, checkpoints, port: theirs }
  const worker = new Worker(threadEntry(), {
    workerData: start,
    transferList: [theirs],
    name: `millrace worker ${site}`,
  })
  const stopWatching = watch(new Int32Array(buffer, start.beat, 1), options.timeoutMs, () => {
    lost(site, hangs(site, options.timeoutMs))
    void worker.terminate()
  })
  port.on('message', (message: FromSite) => {
    if (message.kind === 'failed' || message.kind === 'snapshotFailed')
      receive(site, { ...message, error: errorFrom(message.error as PlainError) })
    else receive(site, message)
  })
  worker.on('error', error => lost(site, died(site, error)))
  const gone = new Promise<void>(resolve => {
    worker.once('exit', code => {
      stopWatching()
      port.close()
      lost(site, ended(site, code))
      resolve()
    })
  })
  options.module.then(
    module => {
      const message: Evaluate = { kind: 'evaluate', module, check: currentMode()?.check ?? false }
      port.postMessage(message)
    },
    () => {}, // the job fails, and this thread with it
  )
  return {
    post: message => port.postMessage(message),
    terminate: async () => {
      stopWatching()
      await worker.terminate()
      await gone
    },
  }
}

/** Calls back when the beats have begun, and then stopped for so long. Returns a function that ends the watch. */
function watch(beats: Int32Array, timeoutMs: number, hung: () => void): () => void {
  let last = -1
  let silentMs = 0
  const stop = repeat(realHost, WATCH_MS, () => {
    const beat = Atomics.load(beats, 0)
    if (beat === 0) return // the engine is being loaded: nothing of the program's runs yet
    silentMs = beat === last ? silentMs + WATCH_MS : 0
    last = beat
    if (silentMs < timeoutMs) return
    stop()
    hung()
  })
  return stop
}

function ended(site: number, code: number): MillraceError {
  return new MillraceError('WORKER_LOST', `worker ${site} ended with exit code ${code}`, {
    worker: site,
    hint: 'something in the program ended its thread, which lives as long as the job',
  })
}

function hangs(site: number, timeoutMs: number): MillraceError {
  return new MillraceError('WORKER_LOST', `worker ${site} hangs: no sign of life for ${timeoutMs / 1000} s`, {
    worker: site,
    hint: 'a function that never returns? One that needs longer for a row wants a greater workerTimeout',
  })
}

function died(site: number, error: unknown): unknown {
  if ((error as { code?: unknown } | null)?.code !== 'ERR_WORKER_OUT_OF_MEMORY') return error
  return new MillraceError('MEMORY_LIMIT', `worker ${site} ran out of heap`, {
    worker: site,
    hint: 'use more workers, keep less in state, or give each more with node --max-old-space-size=MiB',
    cause: error,
  })
}
