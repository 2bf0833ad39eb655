/** From a program's plan to the nodes that run, each with its place and its exchanges. */
import { nodesOf, optimise, type SinkNode } from '@millrace/plan'
import { checkedFunctions } from '../lower/checked-functions.ts'
import { type DistributedNode, distribute } from '../lower/distribute.ts'
import type { Former } from '../lower/flow.ts'
import { lower } from '../lower/lower.ts'
import { currentMode } from '../mode.ts'

export interface PlanOptions {
  /** False: run the plan as it was written. */
  readonly optimise?: boolean | undefined
  /** False: no generated code. */
  readonly generate?: boolean | undefined
  /** True: functions are given frozen rows; default: as the mode has it. */
  readonly check?: boolean | undefined
}

export function planNodes(sinks: readonly SinkNode[], options: PlanOptions, workers = 1): readonly DistributedNode[] {
  const optimised = options.optimise === false ? sinks : optimise(sinks)
  const checked = (options.check ?? currentMode()?.check ?? false) ? checkedFunctions(optimised) : optimised
  const generate = options.generate === undefined ? {} : { generate: options.generate }
  return distribute(lower(checked, { workers, formerNames: formerNames(sinks), ...generate }))
}

/** Of nodes as they were written: rules make new ones. */
function formerNames(sinks: readonly SinkNode[]): ReadonlyMap<string, Former> {
  return new Map(
    nodesOf(sinks).flatMap(({ name, was, keyWas }) => {
      if (name === undefined) return []
      const former = { ...(was === undefined ? {} : { was }), ...(keyWas === undefined ? {} : { keyWas }) }
      return [[name, former] as const]
    }),
  )
}
