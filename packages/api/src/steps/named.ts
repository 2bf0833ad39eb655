import { MillraceError, type PlanNode } from '@millrace/plan'
import { planned } from '../planned.ts'
import { checkOptions } from './options.ts'

export interface NamedOptions {
  /** What it was called before, so that it finds the state that a checkpoint has of it: as `millrace checkpoints` shows it. */
  readonly was?: string
}

/** The same step under a name. */
export function named(node: PlanNode, name: string, options: NamedOptions = {}): PlanNode {
  return planned('named', () => {
    checkOptions('named', options, ['was'])
    const { was } = options
    for (const given of was === undefined ? [name] : [name, was])
      if (typeof given !== 'string' || given === '')
        throw new MillraceError('INVALID_ARGUMENT', `invalid name: ${JSON.stringify(given) ?? String(given)}`)
    return Object.freeze({ ...node, name, ...(was === undefined ? {} : { was }) })
  })
}
