/** What a job needs that goes on from a checkpoint: by its manifest, and the plan as it is now. */
import type { Manifest, OperatorRecord } from '../checkpoint/manifest.ts'
import type { StoredFile } from '../checkpoint/storage.ts'
import { timeFrom, timeJson } from '../driver/time-json.ts'
import type { VertexRecord } from '../driver/vertex-record.ts'
import type { DistributedNode } from '../lower/distribute.ts'
import { runsAt, sitesOf } from '../lower/routes.ts'
import type { Sink } from '../sink.ts'
import type { Json, NumberedSplit } from '../source.ts'
import type { MatchedOperators } from './match-operators.ts'
import type { SiteRestore, VertexRestore } from './protocol.ts'

/** A checkpoint, and the job that goes on from it. */
export interface GoingOn {
  readonly manifest: Manifest
  /** The folder of its files, if they are not among the job's own checkpoints. */
  readonly folder?: string | undefined
  readonly matched: MatchedOperators
  readonly nodes: readonly DistributedNode[]
  readonly workers: number
  readonly fingerprint: string
}

/** Sinks as they were at the checkpoint: all it names is visible, and nothing that was written behind it is left. */
export async function recoverSinks(
  { manifest, matched, nodes }: GoingOn,
  commit: (sink: number, handles: readonly Json[]) => Promise<void>,
): Promise<void> {
  for (const [index, { node }] of nodes.entries()) {
    const record = matched.records.get(index)
    if (node.kind !== 'sink' || record === undefined) continue
    const handles = record.handles ?? []
    const whole = node.node.input.collection !== 'bounded' || manifest.finished
    if (whole && handles.length > 0) await commit(index, handles)
    const states = writersOf(record).map(meta => ({ meta, batch: null }))
    await (node.node.sink as Sink).recover?.({ jobId: manifest.jobId, handles, states })
  }
}

/** What the writers of a sink said, without their rows. */
function writersOf({ subtasks }: OperatorRecord): readonly Json[] {
  return subtasks.flatMap(({ driver }) => (driver as { readonly writer?: Json } | null)?.writer ?? [])
}

/**
 * By node and site: splits that are not read to their end, where they were, or dealt anew if there are other workers; in
 * their turn, so that of files that follow one another in time none comes before an earlier one.
 */
export function splitsOf(
  { manifest, matched, nodes, workers }: GoingOn,
  node: number,
): ReadonlyMap<number, readonly NumberedSplit[]> {
  const at = sitesOf(nodes[node].place, workers)
  const shares = new Map(at.map(site => [site, [] as NumberedSplit[]]))
  const splits = matched.records.get(node)?.splits ?? []
  const inTurn = [...splits].sort((a, b) => a.number - b.number)
  for (const [i, { site, ...split }] of inTurn.entries()) {
    const stays = manifest.workers === workers && shares.has(site)
    shares.get(stays ? site : at[i % at.length])!.push(split)
  }
  return shares
}

/** No split of the checkpoint has a number from here on. */
export function freeNumbers({ operators }: Manifest): number {
  return operators.reduce((next, { splits = [] }) => Math.max(next, ...splits.map(({ number }) => number + 1)), 0)
}

export function restoreOf(goingOn: GoingOn, site: number): SiteRestore {
  const { manifest, folder, matched, nodes, workers, fingerprint } = goingOn
  const moved = manifest.workers !== workers || manifest.fingerprint !== fingerprint
  const vertices = [...matched.records].flatMap(([node, record]): VertexRestore[] => {
    if (!runsAt(nodes[node].place, workers, site)) return []
    const of = moved ? together(record) : record.subtasks.find(subtask => subtask.site === site)
    return of === undefined ? [] : [{ node, id: record.id, record: of, formerly: record.subtasks.length }]
  })
  return { parts: partsFor(manifest, site, moved), folder, vertices, moved }
}

function partsFor({ parts }: Manifest, site: number, moved: boolean): readonly (readonly StoredFile[])[] {
  return moved ? parts : parts.slice(site, site + 1)
}

/** All subtasks of an operator as one: where the last of them stood. Those that had finished wait for nothing. */
function together(record: OperatorRecord): VertexRecord {
  const { subtasks } = record
  const running = subtasks.filter(subtask => !subtask.finished)
  const some = running.length === 0 ? subtasks : running
  const watermark = least(some.map(subtask => subtask.watermark))
  const driver = driversTogether(some.map(of => of.driver))
  const writers = writersOf(record)
  const told = writers.length === 0 ? driver : { ...(driver as object), writers }
  return { finished: running.length === 0, watermark, driver: told }
}

function least(times: readonly Json[]): number | string {
  return timeJson(Math.min(...times.map(timeFrom)))
}

interface Driver {
  readonly [name: string]: Json
  readonly own: { readonly sentWatermark: Json } & Json
}

function driversTogether(drivers: readonly Json[]): Json {
  const [first] = drivers as readonly (Driver | null)[]
  if (first?.own === undefined) return first
  const sentWatermark = least((drivers as readonly Driver[]).map(({ own }) => own.sentWatermark))
  return { ...first, own: { ...(first.own as object), sentWatermark } }
}
