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
import type { StatePart } from './handle.ts'

/** A piece of the state of this name; `''` is the key index. */
export interface CapturedPart extends StatePart {
  readonly state: string
  /** It changes what an earlier snapshot told of the state. */
  readonly change: boolean
}

export class EarlyParts {
  #early: CapturedPart[] = []

  /** Copies them: they are valid for the moment. */
  add(parts: readonly CapturedPart[]): void {
    for (const part of parts) this.#early.push(unshared(part))
  }

  /** All there are, those that say the same of themselves put together. */
  take(): CapturedPart[] {
    const alike = new Map<string, CapturedPart[]>()
    for (const part of this.#early) {
      const name = JSON.stringify([part.state, part.meta])
      const list = alike.get(name)
      if (list === undefined) alike.set(name, [part])
      else list.push(part)
    }
    this.#early = []
    return [...alike.values()].map(([first, ...others]) => {
      const batches = [first, ...others].map(part => part.batch!)
      return others.length === 0 ? first : { ...first, batch: concat(batches, first.batch!.schema) }
    })
  }
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
