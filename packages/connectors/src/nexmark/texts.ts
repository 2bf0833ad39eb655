/** The texts that all readers of a source share, each made when it is first asked for. */
import { constantHeap } from '../simd/constant-heaps.ts'
import { type Channels, makeChannels } from './channels.ts'
import { draws, streamKey } from './draw.ts'
import { textPool } from './text-pool.ts'

export class Texts {
  readonly #seed: number
  #channels: Channels | undefined
  #letters: Int32Array | undefined
  #words: Int32Array | undefined

  constructor(seed: number) {
    this.#seed = seed
  }

  get channels(): Channels {
    return (this.#channels ??= makeChannels(streamKey(this.#seed, draws.channelUrls)))
  }

  /** What `extra` is cut from. */
  get letters(): Int32Array {
    return (this.#letters ??= constantHeap(textPool(streamKey(this.#seed, draws.extraPool), false)))
  }

  /** What names and descriptions are cut from: letters and spaces. */
  get words(): Int32Array {
    return (this.#words ??= constantHeap(textPool(streamKey(this.#seed, draws.textPool), true)))
  }
}
