/** Text keys by id, from dictionary and from UTF-8 columns. */
import { type Column, type DictionaryColumn, isValid, Utf8Column } from '../column.ts'
import { typeOf } from '../schema.ts'
import { dictionaryText } from './dictionary-text.ts'
import { type KeyColumn, UNKNOWN, wrongKind } from './key-column.ts'
import { NullMarks } from './null-marks.ts'
import { TextHeap } from './text-heap.ts'

export class TextKeys implements KeyColumn {
  readonly #nulls = new NullMarks()
  readonly #texts = new TextHeap()

  check(column: Column): void {
    if (column.kind !== 'utf8' && column.kind !== 'dictionary') throw wrongKind(column, typeOf.text)
  }

  grow(capacity: number): void {
    this.#texts.grow(capacity)
    this.#nulls.grow(capacity)
  }

  verify(column: Column, selection: Int32Array | null, length: number, ids: Int32Array): number {
    if (column.kind === 'dictionary') return this.#verifyCodes(column, selection, length, ids)
    if (column.kind === 'utf8') return this.#verifyTexts(column, selection, length, ids)
    throw wrongKind(column, typeOf.text)
  }

  #verifyTexts(column: Utf8Column, selection: Int32Array | null, length: number, ids: Int32Array): number {
    const { starts, lengths, heap, validity } = column
    const nullable = validity !== null || this.#nulls.any
    let wrong = 0
    for (let i = 0; i < length; i++) {
      const id = ids[i]
      if (id < 0) continue
      const row = selection === null ? i : selection[i]
      if (nullable && (this.#nulls.has(id) || !isValid(validity, row))) {
        if (this.#nulls.has(id) && !isValid(validity, row)) continue
      } else if (this.#texts.equals(id, heap, starts[row], lengths[row])) continue
      ids[i] = UNKNOWN
      wrong++
    }
    return wrong
  }

  #verifyCodes(column: DictionaryColumn, selection: Int32Array | null, length: number, ids: Int32Array): number {
    const { codes, validity } = column
    const { starts, lengths, heap } = dictionaryText(column.dictionary)
    const nullable = validity !== null || this.#nulls.any
    let wrong = 0
    for (let i = 0; i < length; i++) {
      const id = ids[i]
      if (id < 0) continue
      const row = selection === null ? i : selection[i]
      if (nullable && (this.#nulls.has(id) || !isValid(validity, row))) {
        if (this.#nulls.has(id) && !isValid(validity, row)) continue
      } else if (this.#texts.equals(id, heap, starts[codes[row]], lengths[codes[row]])) continue
      ids[i] = UNKNOWN
      wrong++
    }
    return wrong
  }

  equals(id: number, column: Column, row: number): boolean {
    const { starts, lengths, heap, at } = textAt(column, row)
    if (this.#nulls.has(id)) return !isValid(column.validity, row)
    return isValid(column.validity, row) && this.#texts.equals(id, heap, starts[at], lengths[at])
  }

  put(id: number, column: Column, row: number): void {
    const valid = isValid(column.validity, row)
    const { starts, lengths, heap, at } = textAt(column, row)
    this.#nulls.set(id, !valid)
    this.#texts.set(id, heap, valid ? starts[at] : 0, valid ? lengths[at] : 0)
  }

  remove(id: number): void {
    this.#texts.remove(id)
  }

  gather(ids: Int32Array, length: number): Column {
    const starts = new Int32Array(length)
    const lengths = new Int32Array(length)
    let words = 0
    for (let i = 0; i < length; i++) {
      starts[i] = words
      lengths[i] = this.#texts.lengthOf(ids[i])
      words += (lengths[i] + 3) >>> 2
    }
    const heap = new Int32Array(words)
    for (let i = 0; i < length; i++) this.#texts.copy(ids[i], heap, starts[i])
    return new Utf8Column(starts, lengths, heap, this.#nulls.gather(ids, length))
  }
}

interface TextAt {
  readonly starts: Int32Array
  readonly lengths: Int32Array
  readonly heap: Int32Array
  readonly at: number
}

function textAt(column: Column, row: number): TextAt {
  if (column.kind === 'utf8') return { starts: column.starts, lengths: column.lengths, heap: column.heap, at: row }
  if (column.kind !== 'dictionary') throw wrongKind(column, typeOf.text)
  const { starts, lengths, heap } = dictionaryText(column.dictionary)
  return { starts, lengths, heap, at: column.codes[row] }
}
