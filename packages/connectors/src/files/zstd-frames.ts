/**
 * Where the frames of zstd data begin and end (RFC 8878, section 3.1): Node's decompressor stops after the first one, and
 * does not mind if the last one is cut off. Nothing is decompressed here; blocks are passed over by their sizes.
 */

/** A piece of a frame; skippable frames, which hold no data, are left out. */
export interface FramePiece {
  readonly bytes: Uint8Array
  /** The frame ends with it. */
  readonly last: boolean
}

const MAGIC = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd)
const SKIPPABLE = 0x184d2a50
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const

/** What the bytes being collected are; 'end': the frame ends when `#over` bytes have been passed over. */
type State = 'magic' | 'size of skippable' | 'header' | 'block' | 'end'

const WANTED: Record<State, number> = { magic: 4, 'size of skippable': 4, header: 1, block: 3, end: 0 }

export class ZstdFrames {
  #state: State = 'magic'
  #field: number[] = []
  /** Bytes to be passed over before the next field. */
  #over = 0
  #skippable = false
  #checksumBytes = 0

  /** Whether the data may end here. */
  get complete(): boolean {
    return this.#state === 'magic' && this.#field.length === 0
  }

  /** Throws an error with a code of zstd's if these are no frames. */
  feed(chunk: Uint8Array): readonly FramePiece[] {
    const pieces: FramePiece[] = []
    let start = 0
    let at = 0
    const cut = (last: boolean) => {
      const data = this.#state !== 'magic' && this.#state !== 'size of skippable' && !this.#skippable
      if (data && (at > start || last)) pieces.push({ bytes: chunk.subarray(start, at), last })
      start = at
    }
    while (at < chunk.length) {
      if (this.#over > 0) {
        const passed = Math.min(this.#over, chunk.length - at)
        this.#over -= passed
        at += passed
      } else {
        this.#field.push(chunk[at++]!)
        if (this.#field.length === WANTED[this.#state] && this.#take(this.#field.splice(0))) {
          pieces.push({ bytes: MAGIC, last: false })
          start = at
        }
      }
      if (this.#state !== 'end' || this.#over > 0) continue
      cut(true)
      this.#state = 'magic'
    }
    cut(false)
    return pieces
  }

  /** Takes a field that is complete. True: it was the magic number of a frame that holds data. */
  #take(field: readonly number[]): boolean {
    const value = field.reduce((sum, byte, i) => sum + byte * 256 ** i, 0)
    switch (this.#state) {
      case 'magic':
        return this.#takeMagic(field, value)
      case 'size of skippable':
        this.#over = value
        this.#state = 'end'
        return false
      case 'header':
        this.#takeHeader(value)
        return false
      default:
        this.#takeBlock(value)
        return false
    }
  }

  #takeMagic(field: readonly number[], value: number): boolean {
    const data = MAGIC.every((byte, i) => byte === field[i])
    this.#skippable = (value & 0xfffffff0) >>> 0 === SKIPPABLE
    if (!data && !this.#skippable) throw zstdDamage('it does not begin as zstd does')
    this.#state = data ? 'header' : 'size of skippable'
    return data
  }

  #takeHeader(descriptor: number): void {
    const single = (descriptor >> 5) & 1
    const sizeFlag = descriptor >> 6
    const contentSize = CONTENT_SIZE_BYTES[sizeFlag]! + (sizeFlag === 0 ? single : 0)
    this.#checksumBytes = descriptor & 4
    this.#over = 1 - single + DICTIONARY_ID_BYTES[descriptor & 3]! + contentSize
    this.#state = 'block'
  }

  #takeBlock(header: number): void {
    const type = (header >> 1) & 3
    if (type === 3) throw zstdDamage('a block of no known type')
    const last = (header & 1) === 1
    this.#over = (type === 1 ? 1 : header >> 3) + (last ? this.#checksumBytes : 0)
    if (last) this.#state = 'end'
  }
}

export function zstdDamage(message: string): Error {
  return Object.assign(new Error(message), { code: 'ZSTD_error_corruption_detected' })
}
