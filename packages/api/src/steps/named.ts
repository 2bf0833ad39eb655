import { MillraceError, type PlanNode } from '@millrace/plan'
import { planned } from '../planned.ts'
import { checkOptions } from './options.ts'

export interface NamedOptions {
  /** What it was called before, so that it finds the state that a checkpoint has of it: as `millrace checkpoints` shows it. */
  readonly was?: string
  /**
   * What the column of its key was called before, or the columns, in their order. State is kept by the key: under another name it
   * would count as another key.
   */
  readonly keyWas?: string | readonly string[]
}

/** The same step under a name. */
export function named(node: PlanNode, name: string, options: NamedOptions = {}): PlanNode {
  return planned('named', () => {
    checkOptions('named', options, ['was', 'keyWas'])
    const { was } = options
    const keyWas = typeof options.keyWas === 'string' ? [options.keyWas] : options.keyWas
    if (keyWas !== undefined && (!Array.isArray(keyWas) || keyWas.length === 0))
      throw new MillraceError('INVALID_ARGUMENT', `invalid keyWas: ${JSON.stringify(keyWas) ?? String(keyWas)}`, {
        hint: "give the name of the column, or a list of names: { keyWas: 'card' }",
      })
    for (const given of [name, ...(was === undefined ? [] : [was]), ...(keyWas ?? [])])
      if (typeof given !== 'string' || given === '')
        throw new MillraceError('INVALID_ARGUMENT', `invalid name: ${JSON.stringify(given) ?? String(given)}`)
    return Object.freeze({
      ...node,
      name,
      ...(was === undefined ? {} : { was }),
      ...(keyWas === undefined ? {} : { keyWas: Object.freeze([...keyWas]) }),
    })
  })
}
