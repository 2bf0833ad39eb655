/**
 * A column of opaque values that are still bytes: each is made when it is asked for. State that is restored
 * is most often needed key by key, and much of it not soon; made at once, millions of objects are work for the collector.
 *
 * A frame's columns share shapes: the first value that is asked for finds where those of all of them begin.
 */
import type { AnyColumn } from '../column.ts'
import type { Part } from '../part.ts'
import { FrameError } from './frame-error.ts'
import { OpaqueDecoder } from './opaque-decode.ts'

export class EncodedColumn implements AnyColumn {
  readonly kind = 'any'
  readonly validity = null
  readonly #sections: readonly EncodedSection[]
  /** By row, which section, and which row of it; -1: null. */
  readonly #sectionOf: Int32Array
  readonly #rowOf: Int32Array
  #values: unknown[] | undefined

  constructor(sections: readonly EncodedSection[], sectionOf: Int32Array, rowOf: Int32Array) {
    this.#sections = sections
    this.#sectionOf = sectionOf
    this.#rowOf = rowOf
  }

  get values(): unknown[] {
    this.#values ??= Array.from(this.#rowOf, (_, row) => this.get(row))
    return this.#values
  }

  /** Made anew every time. */
  get(row: number): unknown {
    const own = this.#rowOf[row]
    return own < 0 ? null : this.#sections[this.#sectionOf[row]].value(own)
  }

  /** Row i of the result is row `indices[i]`, or null where that is -1. */
  pick(indices: Int32Array, length: number): EncodedColumn {
    const sectionOf = new Int32Array(length)
    const rowOf = new Int32Array(length)
    for (let i = 0; i < length; i++) {
      const row = indices[i]
      sectionOf[i] = row < 0 ? 0 : this.#sectionOf[row]
      rowOf[i] = row < 0 ? -1 : this.#rowOf[row]
    }
    return new EncodedColumn(this.#sections, sectionOf, rowOf)
  }

  static concat(parts: readonly Part<EncodedColumn>[], length: number): EncodedColumn {
    const sections: EncodedSection[] = []
    const sectionOf = new Int32Array(length)
    const rowOf = new Int32Array(length)
    let at = 0
    for (const { column, selection, length } of parts) {
      for (let i = 0; i < length; i++, at++) {
        const row = selection === null ? i : selection[i]
        sectionOf[at] = sections.length + column.#sectionOf[row]
        rowOf[at] = column.#rowOf[row]
      }
      sections.push(...column.#sections)
    }
    return new EncodedColumn(sections, sectionOf, rowOf)
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
    if (rows > bytes.length) throw new FrameError(`${rows} values in ${bytes.length} bytes`, what)
    const section = new EncodedSection(this, { bytes, rows, nullable, what })
    this.#sections.push(section)
    const all = new Int32Array(rows)
    for (let row = 0; row < rows; row++) all[row] = row
    return new EncodedColumn([section], new Int32Array(rows), all)
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
