/** From the physical plan to the graph of vertices of one site, joined to each other and to channels. */
import type { ChannelSender } from '../channel/channel.ts'
import { BroadcastExchange, HashExchange, type Outlet, RebalanceExchange } from '../driver/exchange.ts'
import type { InputPort } from '../driver/input-port.ts'
import type { Graph } from '../driver/job.ts'
import { OperatorVertex } from '../driver/operator-vertex.ts'
import { SinkVertex } from '../driver/sink-vertex.ts'
import { SourceVertex } from '../driver/source-vertex.ts'
import type { StreamEvent } from '../driver/stream-event.ts'
import type { PortSpec, Surroundings, Vertex } from '../driver/vertex.ts'
import type { JobEvent } from '../events.ts'
import type { Host } from '../host/host.ts'
import type { StateStore } from '../state/store.ts'
import type { DistributedInput, DistributedNode } from './distribute.ts'
import { sitesOf, targetsOf } from './routes.ts'
import { runsHere, type Site } from './site.ts'
import { tellingSplits } from './telling-splits.ts'

export interface SiteOptions {
  readonly site: Site
  readonly host: Host
  readonly jobId: string
  /** The job takes checkpoints. */
  readonly checkpointed: boolean
  readonly surroundings: Surroundings
  /** Where operators keep their state; default: in memory. */
  readonly store?: StateStore | undefined
  report(event: JobEvent): void
}

export function instantiate(options: SiteOptions): Graph {
  return new Assembly(options).graph
}

class Assembly {
  readonly graph: Graph
  readonly #options: SiteOptions
  /** By node; undefined where a node does not run here. */
  readonly #vertices: (Vertex | undefined)[]
  readonly #senders: ChannelSender[] = []
  readonly #unfed: InputPort[] = []

  constructor(options: SiteOptions) {
    this.#options = options
    const { nodes } = options.site
    this.#vertices = nodes.map((node, id) => (runsHere(options.site, node) ? this.#vertex(id, node) : undefined))
    const telling = tellingSplits(nodes)
    for (const vertex of this.#vertices)
      if (vertex instanceof OperatorVertex && telling.has(vertex.id)) vertex.tellSplitsApart()
    for (const [node, { inputs }] of nodes.entries())
      for (const [input, { edge }] of inputs.entries()) {
        const from = this.#vertices[edge.from]
        if (from === undefined) continue
        const outlet = this.#outlet(node, input)
        from.outputs[edge.port].push(outlet)
        if (telling.has(node)) from.splitOutputs.push(outlet)
      }
    const here = this.#vertices.filter(v => v !== undefined)
    this.graph = {
      sources: here.filter(v => v instanceof SourceVertex),
      operators: here.filter(v => v instanceof OperatorVertex),
      sinks: here.filter(v => v instanceof SinkVertex),
      senders: this.#senders,
      unfed: this.#unfed,
      board: options.site.board,
      needsEpochs: nodes.some(({ node }) => node.kind === 'operator' && node.spec.needsEpochs === true),
    }
  }

  #vertex(id: number, { node, place, inputs }: DistributedNode): Vertex {
    const { site, host, jobId, checkpointed, report, surroundings, store } = this.#options
    const ports = inputs.flatMap((input, i) => this.#ports(id, i, input))
    const vertex = ((): Vertex => {
      switch (node.kind) {
        case 'source':
          return new SourceVertex(id, node.node, host, report, surroundings)
        case 'operator':
          return new OperatorVertex(id, node.spec, host, surroundings, ports, store)
        case 'sink': {
          const sites = sitesOf(place, site.workers)
          const subtask = sites.indexOf(site.index)
          const context = { host, jobId, checkpointed, subtask, parallelism: sites.length }
          return new SinkVertex(id, node.node, context, surroundings, ports)
        }
      }
    })()
    const outputs = node.kind === 'source' ? 2 : node.kind === 'operator' ? node.spec.outputs.length : 0
    for (let port = 0; port < outputs; port++) vertex.outputs.push([])
    for (const [i, { channel }] of ports.entries()) if (channel === 'none') this.#unfed.push(vertex.inputs[i])
    return vertex
  }

  /** A port for each site that sends to this input here. */
  #ports(node: number, input: number, { edge, exchange }: DistributedInput): readonly PortSpec[] {
    const { site } = this.#options
    const receivers = sitesOf(site.nodes[node].place, site.workers)
    const ports: PortSpec[] = []
    for (const from of sitesOf(site.nodes[edge.from].place, site.workers))
      if (targetsOf(exchange, from, receivers).includes(site.index))
        ports.push({ input, channel: from === site.index ? 'local' : site.receiver(node, input, from) })
    return ports.length > 0 ? ports : [{ input, channel: 'none' }]
  }

  /** What an output here pushes into, for one input of one node. */
  #outlet(node: number, input: number): Outlet {
    const { site } = this.#options
    const { place, inputs } = site.nodes[node]
    const { exchange } = inputs[input]
    const receivers = targetsOf(exchange, site.index, sitesOf(place, site.workers))
    const local = receivers.includes(site.index) ? this.#localPort(node, input) : undefined
    const targets = receivers.map(to => (to === site.index ? local! : this.#remote(node, input, to)))
    if (targets.length === 1) return targets[0]
    switch (exchange.kind) {
      case 'hash':
        return new HashExchange(exchange.columns, targets)
      case 'rebalance':
        return new RebalanceExchange(Math.max(0, receivers.indexOf(site.index)), targets)
      default:
        return new BroadcastExchange(targets)
    }
  }

  #localPort(node: number, input: number): InputPort {
    return this.#vertices[node]!.inputs.find(port => port.index === input && !port.remote)!
  }

  #remote(node: number, input: number, to: number): Outlet {
    const sender = this.#options.site.sender(node, input, to)
    this.#senders.push(sender)
    return new RemoteOutlet(sender)
  }
}

class RemoteOutlet implements Outlet {
  readonly #sender: ChannelSender

  constructor(sender: ChannelSender) {
    this.#sender = sender
  }
  push(event: StreamEvent, split: number): void {
    this.#sender.send(event, split)
  }
  get full(): boolean {
    return this.#sender.full
  }
}
