/** The numbers of parts in `docs/formats/checkpoints.md`, version 1. They outlive releases: change none, add new ones. */

/** `MLRP` in memory. */
export const PART_MAGIC = 0x50524c4d
export const PART_VERSION = 1

/** Bytes of the file's header, and of what begins each record and the end. */
export const partSize = { header: 8, head: 16 } as const

/** First word of a record, and of the end. */
export const partKind = { plain: 1, batch: 2, end: 3 } as const

/** What the JSON text of a record holds. */
export interface RecordHeader {
  readonly operator: string
  readonly subtask: number
  readonly state: string
  readonly group: number
  readonly change: boolean
  readonly meta: unknown
  /** Of the batch: name, type, nullable. */
  readonly fields?: readonly (readonly [string, string, boolean])[]
  readonly bare?: boolean
}
