/**
 * Records of slices as a snapshot at once has them. While a state is told key by key a slice is named by its start and a number,
 * so that rows of one that was dropped are not taken for those of another with the same start; the last file says which there
 * are. Numbers are those of one subtask: who goes on knows slices by their starts.
 */
import type { PartRecord } from '../checkpoint/part.ts'
import type { Json } from '../source.ts'

type Named = readonly [start: number, number: number]

/** @param records of one subtask */
export function slicesByStart(records: readonly PartRecord[]): PartRecord[] {
  const known = new Map<string, ReadonlyMap<number, number>>()
  for (const { state, meta } of records) {
    const slices = slicesOf(meta)
    if (slices !== undefined) known.set(state, new Map(slices))
  }
  if (known.size === 0) return [...records]
  return records.flatMap((record): PartRecord[] => {
    const { state, meta } = record
    const slices = known.get(state)
    if (slices === undefined) return [record]
    if (!Array.isArray(meta)) return [...slices.keys()].map(start => ({ ...record, meta: start, batch: null }))
    const [start, number] = meta as unknown as Named
    return slices.get(start) === number ? [{ ...record, meta: start }] : []
  })
}

function slicesOf(meta: Json): readonly Named[] | undefined {
  return typeof meta === 'object' && meta !== null && 'slices' in meta ? (meta.slices as never) : undefined
}
