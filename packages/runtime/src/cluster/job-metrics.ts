/** What all sites of a job have told about themselves, as one: an operator's figures are those of its subtasks together. */
import type { JobEvent, JobSummary, OperatorMetrics } from '../events.ts'
import type { Host } from '../host/host.ts'
import type { DistributedNode } from '../lower/distribute.ts'
import type { SiteMetrics } from './protocol.ts'

export class JobMetrics {
  readonly #nodes: readonly DistributedNode[]
  readonly #sites: (SiteMetrics | undefined)[] = []
  readonly #host: Host
  readonly #ringBytes: number
  #began: number

  constructor(nodes: readonly DistributedNode[], host: Host, ringBytes: number) {
    this.#nodes = nodes
    this.#host = host
    this.#ringBytes = ringBytes
    this.#began = host.elapsed()
  }

  /** The job begins now. */
  begin(): void {
    this.#began = this.#host.elapsed()
  }

  take(site: number, metrics: SiteMetrics): void {
    this.#sites[site] = metrics
  }

  report(report: (event: JobEvent) => void): void {
    const known = this.#sites.filter(site => site !== undefined)
    const add = (figure: (site: SiteMetrics) => number): number => known.reduce((sum, site) => sum + figure(site), 0)
    report({
      kind: 'metrics',
      atMs: this.#host.now(),
      operators: this.#operators(),
      workers: known.map(({ busyMs, idleMs, backpressuredMs }) => ({ busyMs, idleMs, backpressuredMs })),
      memory: {
        channels: this.#ringBytes,
        waiting: add(site => site.memory.waiting),
        kept: add(site => site.memory.kept),
        queued: add(site => site.memory.queued),
      },
      summary: this.summary(),
    })
  }

  summary(): JobSummary {
    const operators = this.#operators()
    const kindOf = ({ id }: OperatorMetrics) => this.#nodes[id].node.kind
    const counted = (name: string): number => operators.reduce((sum, o) => sum + (o.counters[name] ?? 0), 0)
    return {
      rowsRead: operators.reduce((sum, o) => (kindOf(o) === 'source' ? sum + o.rowsOut : sum), 0),
      rowsWritten: operators.reduce((sum, o) => (kindOf(o) === 'sink' ? sum + o.rowsIn : sum), 0),
      late: counted('late'),
      skipped: counted('skipped'),
      watermark: least(operators),
      elapsedMs: this.#host.elapsed() - this.#began,
    }
  }

  #operators(): readonly OperatorMetrics[] {
    const merged = new Map<number, OperatorMetrics>()
    for (const site of this.#sites)
      for (const operator of site?.operators ?? []) {
        const other = merged.get(operator.id)
        merged.set(operator.id, other === undefined ? operator : together(other, operator))
      }
    return [...merged.values()].sort((a, b) => a.id - b.id)
  }
}

function together(a: OperatorMetrics, b: OperatorMetrics): OperatorMetrics {
  const counters: Record<string, number> = { ...a.counters }
  for (const [name, value] of Object.entries(b.counters)) counters[name] = (counters[name] ?? 0) + value
  return {
    ...a,
    rowsIn: a.rowsIn + b.rowsIn,
    rowsOut: a.rowsOut + b.rowsOut,
    busyMs: a.busyMs + b.busyMs,
    queued: a.queued + b.queued,
    watermark: least([a, b]),
    counters,
  }
}

/** The least watermark of those that have one; -Infinity where none has. */
function least(operators: readonly { readonly watermark: number }[]): number {
  let time = Number.POSITIVE_INFINITY
  let some = false
  for (const { watermark } of operators) {
    if (watermark === Number.NEGATIVE_INFINITY) continue
    some = true
    if (watermark < time) time = watermark
  }
  return some ? time : Number.NEGATIVE_INFINITY
}
