/** The text columns of several batches as one: see `concat`. */
import { Utf8Heap } from './builders/utf8-heap.ts'
import { type Column, Dictionary, DictionaryColumn, isValid, Utf8Column, type Validity } from './column.ts'
import { copyInts } from './dense.ts'
import { allOfKind, type Part } from './part.ts'
import { copyText, type TextExtent, takeText } from './text-copy.ts'

/** A dictionary that a merge would make larger than this becomes plain UTF-8. */
const MERGED_ENTRIES = 1 << 16

/** `parts` are text columns, `validity` is their joint bitmap. */
export function concatText(parts: readonly Part[], length: number, validity: Validity): Column {
  if (allOfKind(parts, 'dictionary')) {
    const merged = mergeDictionaries(parts, length)
    if (merged !== null) return new DictionaryColumn(merged.codes, merged.dictionary, validity)
  }
  const plain = parts.map(part => (part.column.kind === 'dictionary' ? toUtf8(part.column, part) : part))
  if (!allOfKind(plain, 'utf8')) throw new RangeError('invalid text column: neither a dictionary nor UTF-8')
  return concatUtf8(plain, length, validity)
}

/** Codes of a dictionary for all parts; null if it would pass the limit. */
function mergeDictionaries(
  parts: readonly Part<DictionaryColumn>[],
  length: number,
): { codes: Int32Array; dictionary: Dictionary } | null {
  const codes = new Int32Array(length)
  let at = 0
  const first = parts[0]?.column.dictionary ?? new Dictionary()
  if (parts.every(part => part.column.dictionary === first)) {
    for (const { column, selection, length } of parts) {
      copyInts(column.codes, selection, length, codes, at)
      at += length
    }
    return { codes, dictionary: first }
  }
  const merged = new Dictionary()
  const codeOf = new Map<string, number>()
  const recodings = new Map<Dictionary, Int32Array>()
  for (const { column, selection, length } of parts) {
    const values = column.dictionary.values
    let recoded = recodings.get(column.dictionary)
    if (recoded === undefined) recodings.set(column.dictionary, (recoded = new Int32Array(values.length).fill(-1)))
    for (let i = 0; i < length; i++, at++) {
      const row = selection === null ? i : selection[i]
      if (!isValid(column.validity, row)) continue
      const old = column.codes[row]
      if (recoded[old] < 0) recoded[old] = codeIn(merged, codeOf, values[old])
      codes[at] = recoded[old]
    }
    if (merged.values.length > MERGED_ENTRIES) return null
  }
  return { codes, dictionary: merged }
}

function codeIn(dictionary: Dictionary, codeOf: Map<string, number>, value: string): number {
  let code = codeOf.get(value)
  if (code === undefined) {
    code = dictionary.values.length
    codeOf.set(value, code)
    dictionary.values.push(value)
  }
  return code
}

/** Dictionary rows as dense UTF-8; rows with the same code share their bytes. */
function toUtf8(column: DictionaryColumn, { selection, length }: Part): Part<Utf8Column> {
  const values = column.dictionary.values
  const heap = new Utf8Heap()
  const startOf = new Int32Array(values.length).fill(-1)
  const bytesOf = new Int32Array(values.length)
  const starts = new Int32Array(length)
  const lengths = new Int32Array(length)
  for (let i = 0; i < length; i++) {
    const row = selection === null ? i : selection[i]
    if (!isValid(column.validity, row)) continue
    const code = column.codes[row]
    if (startOf[code] < 0) {
      bytesOf[code] = heap.append(values[code])
      startOf[code] = heap.start
    }
    starts[i] = startOf[code]
    lengths[i] = bytesOf[code]
  }
  return { column: new Utf8Column(starts, lengths, heap.words), selection: null, length }
}

function concatUtf8(parts: readonly Part<Utf8Column>[], length: number, validity: Validity): Utf8Column {
  const starts = new Int32Array(length)
  const lengths = new Int32Array(length)
  const shares: { extent: TextExtent; starts: Int32Array; lengths: Int32Array }[] = []
  let at = 0
  let words = 0
  for (const { column, selection, length } of parts) {
    copyInts(column.starts, selection, length, starts, at)
    copyInts(column.lengths, selection, length, lengths, at)
    if (validity !== null) clearAbsent(lengths, validity, at, length)
    const share = { starts: starts.subarray(at, at + length), lengths: lengths.subarray(at, at + length) }
    const extent = takeText(share, null, null, length, share.starts, share.lengths)
    shares.push({ extent, ...share })
    words += extent.words
    at += length
  }
  const heap = new Int32Array(words)
  let word = 0
  shares.forEach(({ extent, starts, lengths }, p) => {
    copyText(extent, parts[p].column.heap, starts, lengths, parts[p].length, heap, word)
    word += extent.words
  })
  return new Utf8Column(starts, lengths, heap, validity)
}

function clearAbsent(lengths: Int32Array, validity: Uint8Array, at: number, length: number): void {
  for (let row = at; row < at + length; row++) if (!isValid(validity, row)) lengths[row] = 0
}
