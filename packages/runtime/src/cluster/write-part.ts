/** A site's part of a checkpoint: from what its vertices said to a file. */
import { decodeRecords } from '../checkpoint/decode-part.ts'
import { ChunkMemory, encodePart } from '../checkpoint/encode-part.ts'
import type { PartRecord } from '../checkpoint/part.ts'
import type { CheckpointStorage, StoredFile } from '../checkpoint/storage.ts'
import type { VertexSnapshot } from '../driver/site-snapshot.ts'
import type { VertexStates } from '../driver/vertex-record.ts'
import { sitesOf } from '../lower/routes.ts'
import type { Site } from '../lower/site.ts'
import { Capture } from '../state/capture.ts'
import type { CapturedPart } from '../state/early-parts.ts'
import { mergedRecords } from './merge-parts.ts'
import type { StateSize } from './protocol.ts'
import { recordsIn } from './read-part.ts'

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
