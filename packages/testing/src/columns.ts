/** Columns of given values, laid out as awkwardly as their contract allows. */
import {
  AnyColumn,
  BigintColumn,
  BooleanColumn,
  bitmapBytes,
  type Column,
  type DataType,
  Dictionary,
  DictionaryColumn,
  DoubleColumn,
  Int32Column,
  setValid,
  Utf8Column,
  utf8Length,
  type Validity,
  writeUtf8,
} from '@millrace/algebra'

/** A reproducible source of layout noise. */
export class Noise {
  #state: number
  constructor(seed: number) {
    this.#state = seed | 0
  }
  /** From 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) | 0
    return (this.#state >>> 8) % limit
  }
  /** The values somewhere inside a larger array of junk. */
  place<A>(type: { new (length: number): Placeable<A> }, values: readonly (number | bigint)[]): A {
    const before = this.below(3)
    const array = new type(before + values.length + this.below(3))
    array.fill((array instanceof BigInt64Array ? -77n : 77) as never)
    array.set(values as never, before)
    return array.subarray(before)
  }
}

interface Placeable<A> {
  fill(value: never): unknown
  set(values: never, at: number): void
  subarray(from: number): A
}

/** A column of the type that holds `values`; null and undefined are absent. */
export function awkwardColumn(type: DataType, values: readonly unknown[], noise: Noise): Column {
  const validity = bitmap(values, noise)
  const numbers = (junk: number) => values.map(value => (typeof value === 'number' ? value : junk))
  switch (type.kind) {
    case 'int32':
      return new Int32Column(noise.place(Int32Array, numbers(noise.below(9))), validity)
    case 'double':
    case 'timestamp':
      return new DoubleColumn(noise.place(Float64Array, numbers(noise.below(9))), validity)
    case 'bigint':
      return new BigintColumn(
        noise.place(
          BigInt64Array,
          values.map(v => (typeof v === 'bigint' ? v : 9n)),
        ),
        validity,
      )
    case 'boolean':
      return new BooleanColumn(
        noise.place(
          Uint8Array,
          values.map(v => (v === null ? noise.below(2) : Number(v))),
        ),
        validity,
      )
    case 'text':
      return noise.below(2) === 0 ? dictionary(values, validity, noise) : utf8(values, validity, noise)
    case 'any':
      return new AnyColumn([...values, ...new Array<unknown>(noise.below(3)).fill('junk')])
  }
}

function bitmap(values: readonly unknown[], noise: Noise): Validity {
  if (!values.includes(null) && noise.below(2) === 0) return null
  const bytes = new Uint8Array(bitmapBytes(values.length) + noise.below(2)).fill(noise.below(256))
  values.forEach((value, row) => {
    setValid(bytes, row, value !== null)
  })
  return bytes
}

function dictionary(values: readonly unknown[], validity: Validity, noise: Noise): DictionaryColumn {
  const texts = values.filter(value => typeof value === 'string')
  const entries = [...new Set(noise.below(2) === 0 ? ['unused', ...texts] : texts)]
  const codes = values.map(value => (typeof value === 'string' ? entries.indexOf(value) : noise.below(9) - 4))
  return new DictionaryColumn(noise.place(Int32Array, codes), new Dictionary(entries), validity)
}

/** Strings in no order, with gaps and junk between and behind them; a prefix of the string before is a view into it. */
function utf8(values: readonly unknown[], validity: Validity, noise: Noise): Utf8Column {
  const texts = values.map(value => (typeof value === 'string' ? value : null))
  const room = texts.reduce((sum, text) => sum + utf8Length(text ?? '') + 16, 16)
  const heap = noise.place<Int32Array>(Int32Array, new Array<number>((room + 3) >>> 2).fill(0))
  const bytes = new Uint8Array(heap.buffer, heap.byteOffset, heap.byteLength).fill(noise.below(256))
  const starts = texts.map(() => noise.below(9) - 4)
  const lengths = texts.map(() => noise.below(9) - 4)
  const rows = texts.map((_, row) => row)
  if (noise.below(2) === 0) rows.reverse()
  let word = noise.below(3)
  let before = -1
  for (const row of rows) {
    const text = texts[row]
    if (text === null) continue
    lengths[row] = utf8Length(text)
    if (before >= 0 && isPrefix(text, texts[before]!)) starts[row] = starts[before]
    else {
      starts[row] = word
      writeUtf8(bytes, word * 4, text)
      word += ((lengths[row] + 3) >>> 2) + noise.below(2)
      before = row
    }
  }
  return new Utf8Column(noise.place(Int32Array, starts), noise.place(Int32Array, lengths), heap, validity)
}

/** Whether the bytes of `text` begin those of `whole`: half a surrogate pair does not. */
function isPrefix(text: string, whole: string): boolean {
  return whole.startsWith(text) && !(/[\uD800-\uDBFF]$/.test(text) && /^[\uDC00-\uDFFF]/.test(whole.slice(text.length)))
}
