/** A site's part of a checkpoint: from its files to what the site's vertices go on from. */
import { missingFile } from '../checkpoint/damage.ts'
import { decodePart } from '../checkpoint/decode-part.ts'
import type { PartRecord } from '../checkpoint/part.ts'
import type { CheckpointStorage, StoredFile } from '../checkpoint/storage.ts'
import type { RestoredVertex, VertexStates } from '../driver/vertex-record.ts'
import { sitesOf } from '../lower/routes.ts'
import type { Site } from '../lower/site.ts'
import { tellingSplits } from '../lower/telling-splits.ts'
import type { StatePart } from '../state/handle.ts'
import { mergedRecords } from './merge-parts.ts'
import { moveStates } from './move/move-states.ts'
import { splitsHere } from './move/splits-here.ts'
import type { Assignment, SiteRestore, VertexRestore } from './protocol.ts'
import { sortedByGroup } from './sort-groups.ts'
import { type RowTarget, streamedRecords } from './stream-rows.ts'

/**
 * By node, what the vertices of a site go on from.
 *
 * @param target takes rows that are not to be in memory all at once
 */
export async function readParts(
  storage: CheckpointStorage,
  site: Site,
  restore: SiteRestore,
  assignment: Assignment,
  target?: RowTarget,
): Promise<ReadonlyMap<number, RestoredVertex>> {
  const records = new Map<string, PartRecord[]>()
  for (const files of restore.parts) {
    const merged =
      target === undefined || restore.moved
        ? mergedRecords(await recordsIn(storage, files))
        : await streamedRecords(storage, files, target)
    for (const record of restore.moved ? sortedByGroup(merged) : merged) {
      const list = records.get(record.operator)
      if (list === undefined) records.set(record.operator, [record])
      else list.push(record)
    }
  }
  const statesOf = restore.moved ? movedStates(site, restore, assignment) : ownStates(site)
  return new Map(
    restore.vertices.map(restored => {
      const { node, record, formerly } = restored
      const states = statesOf(restored, records.get(restored.id) ?? [])
      return [node, { record, states, moved: restore.moved, formerly }]
    }),
  )
}

/** The records of each file. */
export async function recordsIn(storage: CheckpointStorage, files: readonly StoredFile[]): Promise<PartRecord[][]> {
  const read: PartRecord[][] = []
  for (const file of files) read.push([...decodePart(await contentOf(storage, file), file)])
  return read
}

async function contentOf(storage: CheckpointStorage, file: StoredFile): Promise<Uint8Array> {
  const bytes = await storage.read(file.path)
  if (bytes === undefined) throw missingFile(file.path)
  return bytes
}

type StatesOf = (vertex: VertexRestore, records: readonly PartRecord[]) => VertexStates

/** With the same subtasks, each goes on from its own. */
function ownStates(site: Site): StatesOf {
  return ({ node }, records) => {
    const own = sitesOf(site.nodes[node].place, site.workers).indexOf(site.index)
    const states = new Map<string, StatePart[]>()
    for (const { subtask, state, group, meta, batch } of records) {
      if (subtask !== own) continue
      const parts = states.get(state)
      if (parts === undefined) states.set(state, [{ group, meta, batch }])
      else parts.push({ group, meta, batch })
    }
    return states
  }
}

function movedStates(site: Site, { vertices }: SiteRestore, assignment: Assignment): StatesOf {
  const telling = tellingSplits(site.nodes)
  const byNode = new Map(vertices.map(({ node, record }) => [node, record]))
  return ({ node, formerly }, records) => {
    const sites = sitesOf(site.nodes[node].place, site.workers)
    return moveStates(site.nodes[node], records, {
      subtask: sites.indexOf(site.index),
      subtasks: sites.length,
      formerly,
      splits: splitsHere(site, byNode, assignment, node),
      tellsSplits: site.nodes.some(({ inputs }, i) => telling.has(i) && inputs.some(({ edge }) => edge.from === node)),
    })
  }
}
