/**
 * A job on several workers, simulated: the coordinator, the shares and the channels of a real one, in one thread and from
 * a seed (`Simulation`). Every site plans for itself; messages to and from workers are copied, come late and in order;
 * rings are small, and each side sees late what the other did (`Link`).
 */
import type { SinkNode } from '@millrace/plan'
import { alignmentBoard, boardBytes } from '../cluster/alignment-board.ts'
import { Coordinator, type Member } from '../cluster/coordinator.ts'
import { DEFAULT_MEMORY } from '../cluster/layout.ts'
import { errorFrom, plainError } from '../cluster/plain-error.ts'
import { type PlannedJob, planJob } from '../cluster/plan-job.ts'
import type { PlanOptions } from '../cluster/planned.ts'
import type { FromSite, ToSite } from '../cluster/protocol.ts'
import { Share } from '../cluster/share.ts'
import { newJobId } from '../driver/job-id.ts'
import type { JobEvent, JobSummary } from '../events.ts'
import { Simulation, type TraceEntry } from '../host/simulation.ts'
import { labelOf } from '../lower/label.ts'
import { schemaOfEdge } from '../lower/schema-of-edge.ts'
import { onlySite, type Site } from '../lower/site.ts'
import { Link } from './link.ts'

export interface SimulationOptions extends PlanOptions {
  readonly workers: number
  readonly seed: number
  /** Rows of a batch, 1 to 1024; default 1024. */
  readonly batchRows?: number | undefined
  /** Of each ring; default: as the seed has it, mostly few and short. */
  readonly slots?: number | undefined
  readonly slotBytes?: number | undefined
  readonly metricsMs?: number | undefined
  readonly onEvent?: ((event: JobEvent) => void) | undefined
}

export interface SimulatedJob {
  /** Rejects as the job does; with INTERNAL, and what each site waits for, if nobody can go on. */
  readonly finished: Promise<JobSummary>
  /** All that has happened so far, in order. */
  readonly trace: readonly TraceEntry[]
  /** Timers that are set, and pauses that are not over, by site. */
  readonly left: readonly string[]
  cancel(reason: unknown): void
  stop(): void
  /** Calls back at the caller's site, in so many virtual milliseconds. */
  after(delayMs: number, act: () => void): void
}

export function simulateCluster(sinks: readonly SinkNode[], options: SimulationOptions): SimulatedJob {
  return new Cluster(sinks, options)
}

class Cluster implements SimulatedJob {
  readonly finished: Promise<JobSummary>
  readonly #options: SimulationOptions
  readonly #sinks: readonly SinkNode[]
  readonly #simulation: Simulation
  readonly #coordinator: Coordinator
  /** The site where the coordinator is. */
  readonly #caller: number
  readonly #links = new Map<string, Link>()
  readonly #board: ArrayBuffer
  readonly #shares: (Share | undefined)[] = []
  /** The last message each site has sent. */
  readonly #said: string[] = []

  constructor(sinks: readonly SinkNode[], options: SimulationOptions) {
    const { workers, seed } = options
    this.#options = options
    this.#sinks = sinks
    this.#caller = workers === 1 ? 0 : workers
    this.#simulation = new Simulation(seed, this.#caller + 1)
    const host = this.#simulation.sites[this.#caller]
    const planned = this.#plan()
    this.#board = new ArrayBuffer(boardBytes(planned.nodes, workers + 1))
    this.#coordinator = new Coordinator({
      ...planned,
      workers,
      host,
      jobId: newJobId(host),
      ringBytes: this.#connect(planned),
      report: event => options.onEvent?.(event),
    })
    const members = host.index === 0 ? [] : Array.from({ length: workers }, (_, site) => this.#worker(site))
    const caller = this.#share(this.#caller, planned, message => this.#hear(this.#caller, message))
    members.push({ post: message => caller.receive(message), terminate: async () => {} })
    const job = this.#coordinator.run(members)
    caller.announce(planned.fingerprint, planned.plan)
    this.finished = this.#simulation.run(job, () => this.#describe())
  }

  get trace(): readonly TraceEntry[] {
    return this.#simulation.trace
  }

  get left(): readonly string[] {
    return this.#simulation.left.map(({ site, what }) => `${what} of ${site}`)
  }

  cancel(reason: unknown): void {
    this.#coordinator.cancel(reason)
  }

  stop(): void {
    this.#coordinator.stop()
  }

  after(delayMs: number, act: () => void): void {
    const host = this.#simulation.sites[this.#caller]
    host.receive(host.now() + delayMs, 'act', true, act)
  }

  #plan(): PlannedJob {
    const planned = planJob(this.#sinks, this.#options.workers, this.#options)
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
      const link = new Link({ simulation, from, to, slots, slotBytes, schema, label })
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
    const { sites, random } = this.#simulation
    const atMs = sites[from].now() + random() * 10
    this.#simulation.add({ atMs, site: to, what: `is rung by ${from}`, act: () => sites[to].doorbell().ring() })
  }

  #share(index: number, planned: PlannedJob, post: (message: FromSite) => void): Share {
    const share = new Share({
      site: this.#site(index, planned),
      host: this.#simulation.sites[index],
      batchRows: this.#options.batchRows ?? 1024,
      memory: DEFAULT_MEMORY,
      metricsMs: this.#options.metricsMs ?? 200,
      post,
    })
    this.#shares[index] = share
    return share
  }

  /** A worker: some time after the others it has evaluated the program, planned for itself, and says so. */
  #worker(index: number): Member {
    const simulation = this.#simulation
    const host = simulation.sites[index]
    const toCaller = this.#post(index, this.#caller)
    const toWorker = this.#post(this.#caller, index)
    const post = (message: FromSite): void => {
      const plain = structuredClone(
        message.kind === 'failed' ? { ...message, error: plainError(message.error) } : message,
      )
      toCaller(`hears ${message.kind} of ${index}`, message.kind !== 'metrics', () => this.#hear(index, plain))
    }
    host.receive(host.now() + simulation.random() * 500, 'plans', true, () => {
      const planned = this.#plan()
      this.#share(index, planned, post).announce(planned.fingerprint, planned.plan)
    })
    return {
      post: message => {
        const plain = structuredClone(message)
        toWorker(`is told ${message.kind}`, true, () => this.#shares[index]?.receive(plain as ToSite))
      },
      terminate: async () => {
        host.gone = true
      },
    }
  }

  #hear(site: number, message: FromSite): void {
    if (message.kind !== 'metrics') this.#said[site] = message.kind
    const isPlain = message.kind === 'failed' && site !== this.#caller
    const heard = isPlain ? { ...message, error: errorFrom(message.error as ReturnType<typeof plainError>) } : message
    this.#coordinator.receive(site, heard)
  }

  /** From one site to another, late and in order. */
  #post(from: number, to: number): (what: string, progress: boolean, act: () => void) => void {
    const simulation = this.#simulation
    const delayMs = simulation.pick([0, 1, 50, 500])
    let lastMs = 0
    return (what, progress, act) => {
      lastMs = Math.max(lastMs, simulation.sites[from].now() + simulation.random() * delayMs)
      simulation.sites[to].receive(lastMs, what, progress, act)
    }
  }

  /** What each site waits for. */
  #describe(): string {
    const sites = this.#simulation.sites.map(({ index, asleep, gone }) => {
      const state = gone ? 'gone' : asleep ? 'asleep' : 'awake'
      const operators = this.#shares[index]?.metrics().operators ?? []
      const queued = operators.filter(o => o.queued > 0).map(o => `${o.label} has ${o.queued} queued`)
      return `site ${index}: ${[state, `said ${this.#said[index] ?? 'nothing'}`, ...queued].join(', ')}`
    })
    const links = [...this.#links.values()].map(link => link.describe()).filter(text => text !== '')
    return [...sites, ...links].join('\n')
  }
}
