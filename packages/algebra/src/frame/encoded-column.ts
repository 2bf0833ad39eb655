/**
 * A column of opaque values that are still bytes: each is made when it is asked for. State that is restored
 * is most often needed key by key, and much of it not soon; made at once, millions of objects are work for the collector.
 *
 * A frame's columns share shapes: the first value that is asked for finds where those of all of them begin.
 */
import type { AnyColumn } from '../column.ts'
import { FrameError } from './frame-error.ts'
import { OpaqueDecoder } from './opaque-decode.ts'

export class EncodedColumn implements AnyColumn {
  readonly kind = 'any'
  readonly validity = null
  readonly #section: EncodedSection
  /** Of the section; null: all in their order. */
  readonly #rows: Int32Array | null
  readonly #length: number
  #values: unknown[] | undefined

  constructor(section: EncodedSection, rows: Int32Array | null, length: number) {
    this.#section = section
    this.#rows = rows
    this.#length = length
  }

  get values(): unknown[] {
    this.#values ??= Array.from({ length: this.#length }, (_, row) => this.get(row))
    return this.#values
  }

  /** Made anew every time. */
  get(row: number): unknown {
    const own = this.#rows === null ? row : this.#rows[row]
    return own < 0 ? null : this.#section.value(own)
  }

  /** Row i of the result is row `indices[i]`, or null where that is -1. */
  pick(indices: Int32Array, length: number): EncodedColumn {
    const rows = new Int32Array(length)
    for (let i = 0; i < length; i++) {
      const row = indices[i]
      rows[i] = this.#rows === null || row < 0 ? row : this.#rows[row]
    }
    return new EncodedColumn(this.#section, rows, length)
  }
}

/** The opaque columns of one frame. */
export class EncodedFrame {
  readonly #decoder = new OpaqueDecoder()
  readonly #sections: EncodedSection[] = []
  readonly #damaged: (error: FrameError) => Error

  /** @param damaged what is thrown for bytes that are no values, when they are asked for */
  constructor(damaged: (error: FrameError) => Error) {
    this.#damaged = damaged
  }

  column(bytes: Uint8Array, rows: number, nullable: boolean, what: string): EncodedColumn {
    const section = new EncodedSection(this, { bytes, rows, nullable, what })
    this.#sections.push(section)
    return new EncodedColumn(section, null, rows)
  }

  /** Finds where the values of all sections begin. */
  place(): void {
    this.#tell(() => {
      for (const section of this.#sections) section.place(this.#decoder)
    })
  }

  value(bytes: Uint8Array, place: number, what: string): unknown {
    return this.#tell(() => this.#decoder.valueAt(bytes, place, what))
  }

  #tell<T>(decode: () => T): T {
    try {
      return decode()
    } catch (error) {
      throw error instanceof FrameError ? this.#damaged(error) : error
    }
  }
}

interface SectionOptions {
  readonly bytes: Uint8Array
  readonly rows: number
  readonly nullable: boolean
  readonly what: string
}

class EncodedSection {
  readonly #frame: EncodedFrame
  readonly #options: SectionOptions
  #places: Int32Array | null = null

  constructor(frame: EncodedFrame, options: SectionOptions) {
    this.#frame = frame
    this.#options = options
  }

  place(decoder: OpaqueDecoder): void {
    const { bytes, rows, nullable, what } = this.#options
    this.#places = decoder.places(bytes, rows, nullable, what)
  }

  value(row: number): unknown {
    if (this.#places === null) this.#frame.place()
    const { bytes, what } = this.#options
    return this.#frame.value(bytes, this.#places![row], what)
  }
}
