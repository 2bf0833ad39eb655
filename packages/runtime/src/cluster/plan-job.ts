/** A program's plan, ready to run on so many workers. Every site comes to the same from the same sinks. */
import { explain, fingerprint, type SinkNode } from '@millrace/plan'
import type { DistributedNode } from '../lower/distribute.ts'
import { type Route, routesOf } from '../lower/routes.ts'
import { takeIn } from '../lower/take-in.ts'
import { type PlanOptions, planNodes } from './planned.ts'

export interface PlannedJob {
  readonly nodes: readonly DistributedNode[]
  readonly routes: readonly Route[]
  /** What explain shows, and its fingerprint. */
  readonly plan: string
  readonly fingerprint: string
}

export function planJob(sinks: readonly SinkNode[], workers: number, options: PlanOptions): PlannedJob {
  const planned = planNodes(sinks, options, workers)
  const nodes = workers === 1 ? planned : takeIn(planned)
  return { nodes, routes: routesOf(nodes, workers), plan: explain(sinks), fingerprint: fingerprint(sinks) }
}
