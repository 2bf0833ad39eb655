/**
 * When a site tells its metrics: each time it comes to, and where nothing has changed only once a second, since five
 * messages a second to another thread cost a fifth of a per cent of a processor.
 */
import type { Host } from '../host/host.ts'
import type { SiteMetrics } from './protocol.ts'

const QUIET_MS = 1000

export class MetricsPace {
  readonly #host: Pick<Host, 'now'>
  #last = ''
  #quiet = false
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(host: Pick<Host, 'now'>) {
    this.#host = host
  }

  /** `quiet`: nothing but time has gone on since they were told before. Undefined: they need not be told. */
  pace(metrics: SiteMetrics): 'lively' | 'quiet' | undefined {
    const now = this.#host.now()
    const { operators, memory } = metrics
    const all = JSON.stringify([operators, memory])
    const same = all === this.#last
    if (same && this.#quiet && now < this.#toldAt + QUIET_MS) return undefined
    this.#last = all
    this.#quiet = same
    this.#toldAt = now
    return same ? 'quiet' : 'lively'
  }
}
