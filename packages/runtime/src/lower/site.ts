/** Where a share of a job runs, and its channels to the other sites. */
import type { ChannelReceiver, ChannelSender } from '../channel/channel.ts'
import type { AlignmentBoard } from '../driver/alignment.ts'
import type { DistributedNode } from './distribute.ts'
import { sitesOf } from './routes.ts'

export interface Site {
  readonly nodes: readonly DistributedNode[]
  /** Workers are 0 to `workers` - 1; the caller is the site behind the last. */
  readonly index: number
  readonly workers: number
  /** How far aligned streams are elsewhere. */
  readonly board?: AlignmentBoard | undefined
  /** The channel from this site into an input of a node at another. */
  sender(node: number, input: number, to: number): ChannelSender
  /** The channel from another site into an input of a node here. */
  receiver(node: number, input: number, from: number): ChannelReceiver
}

/** The only site of a job: whatever it says of places, all of it is here. */
export function onlySite(nodes: readonly DistributedNode[]): Site {
  const none = (): never => {
    throw new RangeError('a job on one site has no channels')
  }
  const here = nodes.map((node): DistributedNode => ({ ...node, place: 'one' }))
  return { nodes: here, index: 0, workers: 1, sender: none, receiver: none }
}

export function runsHere({ index, workers }: Site, { place }: DistributedNode): boolean {
  return sitesOf(place, workers).includes(index)
}
