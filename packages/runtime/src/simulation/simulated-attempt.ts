/**
 * One attempt at a job on several workers, simulated: the coordinator, the shares and the channels of a real one, in one
 * thread. Every site plans for itself; messages to and from workers are copied, come late and in order; rings are small,
 * and each side sees late what the other did (`Link`). A worker may crash at any moment, or be lost and run on for a while.
 */
import { MillraceError, type SinkNode } from '@millrace/plan'
import { alignmentBoard, boardBytes } from '../cluster/alignment-board.ts'
import { Coordinator, type Member } from '../cluster/coordinator.ts'
import { DEFAULT_MEMORY } from '../cluster/layout.ts'
import type { ChainLimits } from '../cluster/part-chain.ts'
import { errorFrom, plainError } from '../cluster/plain-error.ts'
import { type PlannedJob, planJob } from '../cluster/plan-job.ts'
import type { PlanOptions } from '../cluster/planned.ts'
import type { FromSite, ToSite } from '../cluster/protocol.ts'
import type { Attempt, Running } from '../cluster/running.ts'
import { type PieceLimits, Share } from '../cluster/share.ts'
import { newJobId } from '../driver/job-id.ts'
import type { JobSummary } from '../events.ts'
import type { SimulatedSite } from '../host/simulated-site.ts'
import type { Simulation } from '../host/simulation.ts'
import { labelOf } from '../lower/label.ts'
import { schemaOfEdge } from '../lower/schema-of-edge.ts'
import { onlySite, type Site } from '../lower/site.ts'
import { Link } from './link.ts'
import type { SimulatedStorage } from './simulated-storage.ts'

export interface ClusterOptions extends PlanOptions {
  readonly workers: number
  /** Rows of a batch, 1 to 1024; default 1024. */
  readonly batchRows?: number | undefined
  /** Of each ring; default: as the seed has it, mostly few and short. */
  readonly slots?: number | undefined
  readonly slotBytes?: number | undefined
  readonly metricsMs?: number | undefined
  /** Of what sites write of checkpoints (`ShareOptions`). */
  readonly chainLimits?: ChainLimits | undefined
  readonly pieces?: PieceLimits | undefined
}

export interface SimulatedAttemptOptions extends ClusterOptions {
  readonly simulation: Simulation
  /** The sites of the workers, then the caller's; the caller's alone for a job of one worker. */
  readonly sites: readonly SimulatedSite[]
  readonly sinks: readonly SinkNode[]
  readonly attempt: Attempt
  /** By site, where it writes its part of checkpoints. */
  readonly storages?: readonly SimulatedStorage[] | undefined
}

export class SimulatedAttempt implements Running {
  readonly finished: Promise<JobSummary>
  readonly #options: SimulatedAttemptOptions
  readonly #simulation: Simulation
  readonly #sites: readonly SimulatedSite[]
  readonly #coordinator: Coordinator
  /** The site where the coordinator is. */
  readonly #caller: number
  readonly #links = new Map<string, Link>()
  readonly #board: ArrayBuffer
  readonly #shares: (Share | undefined)[] = []
  /** The last message each site has sent. */
  readonly #said: string[] = []
  /** By worker: how long it runs on once it is to be put an end to. */
  readonly #lingersMs: number[] = []

  constructor(options: SimulatedAttemptOptions) {
    const { workers, simulation, sites, attempt } = options
    this.#options = options
    this.#simulation = simulation
    this.#sites = sites
    this.#caller = sites.length - 1
    const host = sites[this.#caller]
    const planned = this.#plan()
    this.#board = new ArrayBuffer(boardBytes(planned.nodes, workers + 1))
    this.#coordinator = new Coordinator({
      ...planned,
      workers,
      host,
      jobId: attempt.jobId ?? newJobId(host),
      ringBytes: this.#connect(planned),
      checkpointing: attempt.checkpointing,
      report: event => attempt.report(event),
    })
    const members = this.#caller === 0 ? [] : Array.from({ length: workers }, (_, site) => this.#worker(site))
    const caller = this.#share(this.#caller, planned, message => this.#hear(this.#caller, message))
    members.push({ post: message => caller.receive(message), terminate: async () => {} })
    this.finished = this.#coordinator.run(members)
    caller.announce(planned.fingerprint, planned.plan)
  }

  cancel(reason: unknown): void {
    this.#coordinator.cancel(reason)
  }

  stop(): void {
    this.#coordinator.stop()
  }

  /**
   * A worker crashes: it does nothing any more, and so much later that is noticed.
   *
   * @param lingersMs it only counts as lost, and runs on for so long when it is put an end to
   */
  crash(worker: number, noticedMs: number, lingersMs = 0): void {
    if (lingersMs > 0) this.#lingersMs[worker] = lingersMs
    else this.#end(worker)
    const caller = this.#sites[this.#caller]
    const lost = new MillraceError('WORKER_LOST', `worker ${worker} crashed`, { worker })
    caller.receive(caller.trueMs + noticedMs, `loses ${worker}`, true, () => this.#coordinator.lost(worker, lost))
  }

  /** All of it is gone. */
  end(): void {
    for (const site of this.#sites.keys()) this.#end(site)
  }

  #end(site: number): void {
    if (this.#sites[site].gone) return
    this.#sites[site].gone = true
    this.#options.storages?.[site].crash()
  }

  /** What each site waits for. */
  describe(): string {
    const sites = this.#sites.map(({ index: number, asleep, gone }, index) => {
      const state = gone ? 'gone' : asleep ? 'asleep' : 'awake'
      const operators = this.#shares[index]?.metrics().operators ?? []
      const queued = operators.filter(o => o.queued > 0).map(o => `${o.label} has ${o.queued} queued`)
      return `site ${number}: ${[state, `said ${this.#said[index] ?? 'nothing'}`, ...queued].join(', ')}`
    })
    const links = [...this.#links.values()].map(link => link.describe()).filter(text => text !== '')
    return [...sites, ...links].join('\n')
  }

  #plan(): PlannedJob {
    const planned = planJob(this.#options.sinks, this.#options.workers, this.#options)
    return this.#caller > 0 ? planned : { ...planned, nodes: onlySite(planned.nodes).nodes, routes: [] }
  }

  /** Makes the rings; returns their bytes. */
  #connect({ nodes, routes }: PlannedJob): number {
    const simulation = this.#simulation
    const slots = this.#options.slots ?? simulation.pick([2, 2, 4, 16])
    const slotBytes = this.#options.slotBytes ?? simulation.pick([256, 512, 4096, 65536])
    for (const { node, input, from, to } of routes) {
      const schema = schemaOfEdge(nodes, nodes[node].inputs[input].edge)
      const label = `${labelOf(nodes[node])} (${node}.${input})`
      const [fromSite, toSite] = [this.#sites[from].index, this.#sites[to].index]
      const link = new Link({ simulation, from: fromSite, to: toSite, slots, slotBytes, schema, label })
      this.#links.set(`${node} ${input} ${from} ${to}`, link)
    }
    return routes.length * slots * slotBytes
  }

  #site(index: number, { nodes }: PlannedJob): Site {
    const link = (node: number, input: number, from: number, to: number): Link =>
      this.#links.get(`${node} ${input} ${from} ${to}`)!
    const { workers } = this.#options
    const board = { nodes, workers, buffer: this.#board, offset: 0, index, wake: (to: number) => this.#ring(index, to) }
    return {
      nodes,
      index,
      workers,
      board: this.#caller === 0 ? undefined : alignmentBoard(board),
      sender: (node, input, to) => link(node, input, index, to).sender,
      receiver: (node, input, from) => link(node, input, from, index).receiver,
    }
  }

  #ring(from: number, to: number): void {
    const site = this.#sites[to]
    const atMs = this.#sites[from].trueMs + this.#simulation.random() * 10
    const what = `is rung by ${this.#sites[from].index}`
    this.#simulation.add({ atMs, site: site.index, what, act: () => site.doorbell().ring() })
  }

  #share(index: number, planned: PlannedJob, post: (message: FromSite) => void): Share {
    const { batchRows = 1024, metricsMs = 200, storages, chainLimits, pieces } = this.#options
    const share = new Share({
      site: this.#site(index, planned),
      host: this.#sites[index],
      batchRows,
      memory: DEFAULT_MEMORY,
      metricsMs,
      storage: storages?.[index],
      chainLimits,
      pieces,
      post,
    })
    this.#shares[index] = share
    return share
  }

  /** A worker: some time after the others it has evaluated the program, planned for itself, and says so. */
  #worker(index: number): Member {
    const simulation = this.#simulation
    const host = this.#sites[index]
    const toCaller = this.#post(index, this.#caller)
    const toWorker = this.#post(this.#caller, index)
    const post = (message: FromSite): void => {
      const plain = structuredClone('error' in message ? { ...message, error: plainError(message.error) } : message)
      toCaller(`hears ${message.kind} of ${host.index}`, message.kind !== 'metrics', () => this.#hear(index, plain))
    }
    host.receive(host.trueMs + simulation.random() * 500, 'plans', true, () => {
      const planned = this.#plan()
      this.#share(index, planned, post).announce(planned.fingerprint, planned.plan)
    })
    return {
      post: message => {
        const plain = structuredClone(message)
        toWorker(`is told ${message.kind}`, true, () => this.#shares[index]?.receive(plain as ToSite))
      },
      terminate: () => this.#terminate(index),
    }
  }

  async #terminate(index: number): Promise<void> {
    const lingersMs = this.#lingersMs[index] ?? 0
    const caller = this.#sites[this.#caller]
    if (lingersMs > 0 && !this.#sites[index].gone)
      await new Promise<void>(resolve => {
        caller.receive(caller.trueMs + lingersMs, `sees the end of ${this.#sites[index].index}`, true, resolve)
      })
    this.#end(index)
  }

  #hear(site: number, message: FromSite): void {
    if (message.kind !== 'metrics') this.#said[site] = message.kind
    const isPlain = 'error' in message && site !== this.#caller
    const heard = isPlain ? { ...message, error: errorFrom(message.error as ReturnType<typeof plainError>) } : message
    this.#coordinator.receive(site, heard)
  }

  /** From one site to another, late and in order. */
  #post(from: number, to: number): (what: string, progress: boolean, act: () => void) => void {
    const delayMs = this.#simulation.pick([0, 1, 50, 500])
    let lastMs = 0
    return (what, progress, act) => {
      lastMs = Math.max(lastMs, this.#sites[from].trueMs + this.#simulation.random() * delayMs)
      this.#sites[to].receive(lastMs, what, progress, act)
    }
  }
}
