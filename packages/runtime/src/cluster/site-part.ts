/** A site's part of a checkpoint: from what its vertices said to a file, and back to what they go on from. */

import { missingFile } from '../checkpoint/damage.ts'
import { decodePart } from '../checkpoint/decode-part.ts'
import { encodePart } from '../checkpoint/encode-part.ts'
import type { PartRecord } from '../checkpoint/part.ts'
import type { CheckpointStorage, StoredFile } from '../checkpoint/storage.ts'
import type { VertexSnapshot } from '../driver/site-snapshot.ts'
import type { RestoredVertex, VertexStates } from '../driver/vertex-record.ts'
import type { DistributedNode } from '../lower/distribute.ts'
import { sitesOf } from '../lower/routes.ts'
import type { Site } from '../lower/site.ts'
import type { StatePart } from '../state/handle.ts'
import { moveStates } from './move-states.ts'
import type { SiteRestore, StateSize } from './protocol.ts'

export interface WrittenPart {
  readonly file: StoredFile | undefined
  readonly sizes: readonly StateSize[]
}

/** Writes nothing where there is nothing to remember. */
export async function writePart(
  storage: CheckpointStorage,
  path: string,
  site: Site,
  vertices: readonly VertexSnapshot[],
): Promise<WrittenPart> {
  const sizes = new Map<string, { node: number; state: string; rows: number; bytes: number }>()
  const node = new Map(vertices.map(v => [site.nodes[v.node].node.id, v.node]))
  const records = [...recordsOf(site, vertices)]
  if (records.length === 0) return { file: undefined, sizes: [] }
  const chunks = encodePart(records, ({ operator, state, batch }, bytes) => {
    const size = sizes.get(`${operator} ${state}`) ?? { node: node.get(operator)!, state, rows: 0, bytes: 0 }
    sizes.set(`${operator} ${state}`, size)
    size.rows += batch?.length ?? 0
    size.bytes += bytes
  })
  const file = await storage.write(path, chunks)
  return { file, sizes: [...sizes.values()] }
}

function* recordsOf(site: Site, vertices: readonly VertexSnapshot[]): Generator<PartRecord> {
  for (const { node, states } of vertices) {
    const { id: operator } = site.nodes[node].node
    const subtask = sitesOf(site.nodes[node].place, site.workers).indexOf(site.index)
    for (const [state, parts] of states)
      for (const { group, meta, batch } of parts) yield { operator, subtask, state, group, change: false, meta, batch }
  }
}

/** By node, what the vertices of a site go on from. */
export async function readParts(
  storage: CheckpointStorage,
  site: Site,
  { parts, vertices, moved }: SiteRestore,
): Promise<ReadonlyMap<number, RestoredVertex>> {
  const records = new Map<string, PartRecord[]>()
  for (const files of parts)
    for (const file of files)
      for (const record of decodePart(await contentOf(storage, file), file)) {
        const list = records.get(record.operator)
        if (list === undefined) records.set(record.operator, [record])
        else list.push(record)
      }
  return new Map(
    vertices.map(([node, record]) => {
      const distributed = site.nodes[node]
      const states = statesFor(distributed, site, records.get(distributed.node.id) ?? [], moved)
      return [node, { record, states, moved }]
    }),
  )
}

async function contentOf(storage: CheckpointStorage, file: StoredFile): Promise<Uint8Array> {
  const bytes = await storage.read(file.path)
  if (bytes === undefined) throw missingFile(file.path)
  return bytes
}

function statesFor(node: DistributedNode, site: Site, records: readonly PartRecord[], moved: boolean): VertexStates {
  const sites = sitesOf(node.place, site.workers)
  const subtask = sites.indexOf(site.index)
  if (moved) return moveStates(node, records, subtask, sites.length)
  const states = new Map<string, StatePart[]>()
  for (const { subtask: of, state, group, meta, batch } of records) {
    if (of !== subtask) continue
    const parts = states.get(state)
    if (parts === undefined) states.set(state, [{ group, meta, batch }])
    else parts.push({ group, meta, batch })
  }
  return states
}
