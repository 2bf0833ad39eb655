import { type FolderName, folderOf, manifestPath } from './checkpoint-names.ts'

export interface Prunable {
  readonly paths: readonly string[]
  /** What retained checkpoints need. */
  readonly needed: readonly string[]
  /** The id of the newest complete checkpoint. */
  readonly newest: number
  /** By id: with those that are not retained. */
  readonly complete: ReadonlyMap<number, { readonly file: { readonly path: string } }>
  readonly fence: number
}

/**
 * The files that nobody needs any more, manifests first, so that nothing looks complete that is not. Kept are
 * those of later runs; those of this run that are newer than its newest complete checkpoint, since they may be under way; and
 * savepoints, but for what a run has left of one that ended before it was complete.
 */
export function prunable({ paths, needed, newest, complete, fence }: Prunable): string[] {
  const keep = new Set(needed)
  const there = new Set(paths)
  const isOver = ({ name, kind, id, fence: of }: FolderName): boolean => {
    if (kind === 'checkpoint') return of < fence || (of === fence && id < newest)
    return of < fence && !there.has(manifestPath(name)) && complete.get(id)?.file.path !== manifestPath(name)
  }
  const isManifest = (path: string): boolean => path.endsWith('/manifest')
  const found = paths.filter(path => {
    const folder = folderOf(path)
    return folder !== undefined && !keep.has(path) && isOver(folder)
  })
  return [...found.filter(isManifest), ...found.filter(path => !isManifest(path))]
}
