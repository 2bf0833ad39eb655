/** A program's plan, ready to run on so many workers. Every site comes to the same from the same sinks. */
import { explain, fingerprint, optimise, type SinkNode } from '@millrace/plan'
import { checkedFunctions } from '../lower/checked-functions.ts'
import { type DistributedNode, distribute } from '../lower/distribute.ts'
import { lower } from '../lower/lower.ts'
import { type Route, routesOf } from '../lower/routes.ts'
import { takeIn } from '../lower/take-in.ts'
import { currentMode } from '../mode.ts'

export interface PlanOptions {
  /** False: run the plan as it was written. */
  readonly optimise?: boolean | undefined
  /** False: no generated code. */
  readonly generate?: boolean | undefined
  /** True: functions are given frozen rows; default: as the mode has it. */
  readonly check?: boolean | undefined
}

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

export function planNodes(sinks: readonly SinkNode[], options: PlanOptions, workers = 1): readonly DistributedNode[] {
  const optimised = options.optimise === false ? sinks : optimise(sinks)
  const checked = (options.check ?? currentMode()?.check ?? false) ? checkedFunctions(optimised) : optimised
  return distribute(
    lower(checked, { workers, ...(options.generate === undefined ? {} : { generate: options.generate }) }),
  )
}
