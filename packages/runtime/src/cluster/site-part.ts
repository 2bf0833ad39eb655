/** A site's part of a checkpoint: from what its vertices said to a file, and back to what they go on from. */
import { missingFile } from '../checkpoint/damage.ts'
import { decodePart, decodeRecords } from '../checkpoint/decode-part.ts'
import { ChunkMemory, encodePart } from '../checkpoint/encode-part.ts'
import type { PartRecord } from '../checkpoint/part.ts'
import type { CheckpointStorage, StoredFile } from '../checkpoint/storage.ts'
import type { VertexSnapshot } from '../driver/site-snapshot.ts'
import type { RestoredVertex, VertexStates } from '../driver/vertex-record.ts'
import { sitesOf } from '../lower/routes.ts'
import type { Site } from '../lower/site.ts'
import { tellingSplits } from '../lower/telling-splits.ts'
import { Capture } from '../state/capture.ts'
import type { CapturedPart } from '../state/early-parts.ts'
import type { StatePart } from '../state/handle.ts'
import { mergedRecords } from './merge-parts.ts'
import { moveStates } from './move/move-states.ts'
import { splitsHere } from './move/splits-here.ts'
import type { Assignment, SiteRestore, StateSize, VertexRestore } from './protocol.ts'
import { sortedByGroup } from './sort-groups.ts'

export interface WrittenPart {
  readonly file: StoredFile | undefined
  readonly sizes: readonly StateSize[]
}

/** Written while what is captured goes on: it is told piece by piece. Writes nothing where there is nothing to remember.
 *
 * @param onto what is told are changes of these files, and all of it is to be written */
export async function writePart(
  storage: CheckpointStorage,
  path: string,
  site: Site,
  vertices: readonly VertexSnapshot[],
  onto: readonly StoredFile[] = [],
  chunkBytes?: number,
): Promise<WrittenPart> {
  const sizes = new Map<string, { node: number; state: string; rows: number; bytes: number }>()
  const node = new Map(vertices.map(v => [site.nodes[v.node].node.id, v.node]))
  const told = recordsOf(site, vertices)
  const records = onto.length === 0 ? told : await wholeRecords(storage, onto, told)
  const first = records.next()
  if (first.done === true) return { file: undefined, sizes: [] }
  const count = ({ operator, state, batch }: PartRecord, bytes: number): void => {
    const size = sizes.get(`${operator} ${state}`) ?? { node: node.get(operator)!, state, rows: 0, bytes: 0 }
    sizes.set(`${operator} ${state}`, size)
    size.rows += batch?.length ?? 0
    size.bytes += bytes
  }
  const memory = new ChunkMemory(chunkBytes)
  const chunks = encodePart(from(first.value, records), count, memory)
  const file = await storage.write(path, chunks, chunk => memory.give(chunk))
  return { file, sizes: [...sizes.values()] }
}

/** All of the part, where what is told are changes of other files. */
async function wholeRecords(
  storage: CheckpointStorage,
  files: readonly StoredFile[],
  told: Iterable<PartRecord | readonly PartRecord[]>,
): Promise<Iterator<PartRecord | readonly PartRecord[]> & Iterable<PartRecord | readonly PartRecord[]>> {
  const chunks = [...encodePart(told)] // at once: what is told is of one moment
  const change = [...decodeRecords(Buffer.concat(chunks), 'change')]
  return mergedRecords([...(await recordsIn(storage, files)), change]).values()
}

function* recordsOf(site: Site, vertices: readonly VertexSnapshot[]): Generator<PartRecord | readonly PartRecord[]> {
  for (const { node, states } of vertices) {
    const { id: operator } = site.nodes[node].node
    const subtask = sitesOf(site.nodes[node].place, site.workers).indexOf(site.index)
    const record = ({ state, change, group, meta, batch }: CapturedPart): PartRecord => {
      return { operator, subtask, state, group, change, meta, batch }
    }
    const pieces = states instanceof Capture ? states.parts() : wholeParts(states)
    for (const piece of pieces) yield isMoment(piece) ? piece.map(record) : record(piece)
  }
}

function isMoment(piece: CapturedPart | readonly CapturedPart[]): piece is readonly CapturedPart[] {
  return Array.isArray(piece)
}

function wholeParts(states: VertexStates): CapturedPart[] {
  return [...states].flatMap(([state, parts]) => parts.map(part => ({ ...part, state, change: false })))
}

function* from<T>(first: T, rest: Iterable<T>): Generator<T> {
  yield first
  yield* rest
}

/** By node, what the vertices of a site go on from. */
export async function readParts(
  storage: CheckpointStorage,
  site: Site,
  restore: SiteRestore,
  assignment: Assignment,
): Promise<ReadonlyMap<number, RestoredVertex>> {
  const records = new Map<string, PartRecord[]>()
  for (const files of restore.parts) {
    const merged = mergedRecords(await recordsIn(storage, files))
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
async function recordsIn(storage: CheckpointStorage, files: readonly StoredFile[]): Promise<PartRecord[][]> {
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
