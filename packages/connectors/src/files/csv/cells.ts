import { type CsvTokenizer, QUOTED } from './tokenizer.ts'

/** A field that is not what its column holds. */
export interface BadCell {
  readonly row: number
  readonly slot: number
  /** What would have been: `int32`. */
  readonly expected: string
  /** More about why, to stand behind the value. */
  readonly hint: string
  readonly missing: boolean
}

/** What column parsers need to know besides the fields themselves. */
export interface CellContext {
  readonly tokens: CsvTokenizer
  /** Text that stands for an absent value where it is not quoted. */
  readonly nullText: Uint8Array
  readonly bad: BadCell[]
}

/** Whether a field stands for an absent value. */
export function isNull({ tokens, nullText }: CellContext, bytes: Uint8Array, cell: number): boolean {
  const start = tokens.starts[cell]!
  const length = tokens.ends[cell]! - start
  if (length !== nullText.length || (tokens.flags[cell]! & QUOTED) !== 0) return false
  for (let i = 0; i < length; i++) if (bytes[start + i] !== nullText[i]) return false
  return true
}
