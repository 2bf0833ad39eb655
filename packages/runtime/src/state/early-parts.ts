/** What a snapshot in flight has copied because it was about to change: as it was, until it is told. */
import {
  AnyColumn,
  Batch,
  BigintColumn,
  BooleanColumn,
  type Column,
  concat,
  DoubleColumn,
  Int32Column,
} from '@millrace/algebra'
import { EarlyRows, isPlain } from './early-rows.ts'
import type { StatePart } from './handle.ts'

/** A piece of the state of this name; `''` is the key index. */
export interface CapturedPart extends StatePart {
  readonly state: string
  /** It changes what an earlier snapshot told of the state. */
  readonly change: boolean
}

export class EarlyParts {
  /** Numbers and flags, by what they say of themselves. */
  readonly #plain = new Map<string, { readonly part: CapturedPart; readonly rows: EarlyRows }>()
  readonly #others: CapturedPart[] = []

  /** Copies them: they are valid for the moment. */
  add(parts: readonly CapturedPart[]): void {
    for (const part of parts) {
      const { batch } = part
      if (batch === null || !isPlain(batch)) this.#others.push(unshared(part))
      else this.#rowsLike(part, batch).append(batch)
    }
  }

  #rowsLike(part: CapturedPart, batch: Batch): EarlyRows {
    const name = nameOf(part)
    let own = this.#plain.get(name)
    if (own === undefined) this.#plain.set(name, (own = { part, rows: new EarlyRows(batch) }))
    return own.rows
  }

  /** About so many rows at most of each state, those that say the same of themselves put together: valid for the moment. */
  take(most = Number.POSITIVE_INFINITY): CapturedPart[] {
    const alike = new Map<string, CapturedPart[]>()
    for (let rows = 0; rows < most && this.#others.length > 0; ) {
      const part = this.#others.pop()!
      rows += part.batch?.length ?? 0
      const name = nameOf(part)
      const list = alike.get(name)
      if (list === undefined) alike.set(name, [part])
      else list.push(part)
    }
    const taken = [...alike.values()].map(([first, ...others]) => {
      const batches = [first, ...others].map(part => part.batch!)
      return others.length === 0 ? first : { ...first, batch: concat(batches, first.batch!.schema) }
    })
    for (const { part, rows } of this.#plain.values())
      if (rows.length > 0) taken.push({ ...part, batch: rows.take(most) })
    return taken
  }
}

function nameOf({ state, meta }: CapturedPart): string {
  return JSON.stringify([state, meta])
}

/** What is about to change, as it is now. Opaque values are about to be handed out, and may be changed in place. */
function unshared(part: CapturedPart): CapturedPart {
  const { batch } = part
  if (batch === null) return part
  try {
    return { ...part, batch: new Batch(batch.schema, batch.columns.map(owned), batch.length) }
  } catch {
    return part // it cannot be written either, and that says why
  }
}

function owned(column: Column): Column {
  switch (column.kind) {
    case 'any':
      return new AnyColumn(structuredClone(column.values))
    case 'int32':
      return new Int32Column(column.values.slice(), column.validity)
    case 'double':
      return new DoubleColumn(column.values.slice(), column.validity)
    case 'bigint':
      return new BigintColumn(column.values.slice(), column.validity)
    case 'boolean':
      return new BooleanColumn(column.values.slice(), column.validity)
    default:
      return column
  }
}
