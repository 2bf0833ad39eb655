/** What a job needs that goes on from a checkpoint: by its manifest, and the plan as it is now. */
import { MillraceError } from '@millrace/plan'
import type { Manifest, OperatorRecord } from '../checkpoint/manifest.ts'
import type { StoredFile } from '../checkpoint/storage.ts'
import type { VertexRecord } from '../driver/vertex-record.ts'
import type { DistributedNode } from '../lower/distribute.ts'
import { runsAt, sitesOf } from '../lower/routes.ts'
import type { Sink } from '../sink.ts'
import type { Json, NumberedSplit } from '../source.ts'
import type { Assignment, SiteRestore } from './protocol.ts'

function recordOf(manifest: Manifest, { node }: DistributedNode): OperatorRecord | undefined {
  return manifest.operators.find(({ id }) => id === node.id)
}

/** Sinks as they were at the checkpoint: all it names is visible, and nothing that was written behind it is left. */
export async function recoverSinks(
  manifest: Manifest,
  nodes: readonly DistributedNode[],
  commit: (sink: number, handles: readonly Json[]) => Promise<void>,
): Promise<void> {
  for (const [index, distributed] of nodes.entries()) {
    const { node } = distributed
    const record = recordOf(manifest, distributed)
    if (node.kind !== 'sink' || record === undefined) continue
    const handles = record.handles ?? []
    const whole = node.node.input.collection !== 'bounded' || manifest.finished
    if (whole && handles.length > 0) await commit(index, handles)
    const states = record.subtasks.flatMap(({ driver }) => {
      const meta = (driver as { readonly writer?: Json } | null)?.writer ?? null
      return meta === null ? [] : [{ meta, batch: null }]
    })
    await (node.node.sink as Sink).recover?.({ jobId: manifest.jobId, handles, states })
  }
}

/** Splits that are not read to their end: where they were, or dealt anew if there are other workers. */
export function assignmentsOf(
  manifest: Manifest,
  nodes: readonly DistributedNode[],
  workers: number,
  sites: number,
): readonly Assignment[] {
  const dealt: [number, NumberedSplit[]][][] = Array.from({ length: sites }, () => [])
  for (const [index, distributed] of nodes.entries()) {
    if (distributed.node.kind !== 'source') continue
    const at = sitesOf(distributed.place, workers)
    const shares = new Map(at.map(site => [site, [] as NumberedSplit[]]))
    for (const [i, { site, ...split }] of (recordOf(manifest, distributed)?.splits ?? []).entries())
      shares.get(manifest.workers === workers ? site : at[i % at.length])!.push(split)
    for (const [site, splits] of shares) dealt[site].push([index, splits])
  }
  return dealt
}

export function restoreOf(
  manifest: Manifest,
  nodes: readonly DistributedNode[],
  workers: number,
  site: number,
): SiteRestore {
  const moved = manifest.workers !== workers
  const vertices = nodes.flatMap((node, index): [number, VertexRecord][] => {
    const record = recordOf(manifest, node)
    if (record === undefined || !runsAt(node.place, workers, site)) return []
    if (moved) return [[index, together(record)]]
    const subtask = record.subtasks.find(({ site: of }) => of === site)
    return subtask === undefined ? [] : [[index, subtask]]
  })
  return { parts: partsFor(manifest, site, moved), vertices, moved }
}

function partsFor({ parts }: Manifest, site: number, moved: boolean): readonly (readonly StoredFile[])[] {
  return moved ? parts : parts.slice(site, site + 1)
}

/** All subtasks of an operator as one: where the last of them stood. */
function together({ subtasks }: OperatorRecord): VertexRecord {
  const finished = subtasks.every(subtask => subtask.finished)
  const running = subtasks.filter(subtask => !subtask.finished)
  const [first] = running.length === 0 ? subtasks : running
  const least = Math.min(...(running.length === 0 ? subtasks : running).map(({ watermark }) => Number(watermark)))
  const watermark = Number.isFinite(least) ? least : String(least)
  return { finished, watermark, driver: first?.driver ?? null }
}

/** A stop that could not take its last checkpoint: what came since the one before will come again. */
export function stoppedWithout(): MillraceError {
  return new MillraceError('CANCELLED', 'the job was stopped, and its last checkpoint failed', {
    hint: 'it goes on from the checkpoint before',
  })
}
