/** Names in checkpoint storage: `journal/000000041`, `chk-000012.7/part-0`, `save-000013.7/manifest` (id, then fence). */
import type { CheckpointKind } from './manifest.ts'

export const JOURNAL = 'journal/'
const PREFIX = { checkpoint: 'chk-', savepoint: 'save-' } as const
export const FOLDERS: readonly string[] = Object.values(PREFIX)

/** A checkpoint's folder, as its name tells. */
export interface FolderName {
  readonly name: string
  readonly kind: CheckpointKind
  readonly id: number
  readonly fence: number
}

export function journalPath(slot: number): string {
  return `${JOURNAL}${String(slot).padStart(9, '0')}`
}

/** Undefined for other names. */
export function slotOf(path: string): number | undefined {
  const [, digits] = /^journal\/(\d{9,15})$/.exec(path) ?? []
  return digits === undefined ? undefined : Number(digits)
}

export function folderName(kind: CheckpointKind, id: number, fence: number): string {
  return `${PREFIX[kind]}${String(id).padStart(6, '0')}.${fence}`
}

/** Of a folder, or of a path that begins with one. */
export function folderOf(path: string): FolderName | undefined {
  const [name, prefix, id, fence] = /^(chk|save)-(\d{6,15})\.(\d{1,15})(?=\/|$)/.exec(path) ?? []
  if (name === undefined) return undefined
  return { name, kind: prefix === 'chk' ? 'checkpoint' : 'savepoint', id: Number(id), fence: Number(fence) }
}

export function manifestPath(folder: string): string {
  return `${folder}/manifest`
}
