/** What a checkpoint's manifest says, from what the sites have said. */
import { KEY_GROUPS } from '@millrace/algebra'
import {
  type CheckpointKind,
  MANIFEST_VERSION,
  type Manifest,
  type OperatorRecord,
  type StateRecord,
} from '../checkpoint/manifest.ts'
import type { StoredFile } from '../checkpoint/storage.ts'
import type { DistributedNode } from '../lower/distribute.ts'
import type { PhysicalNode } from '../lower/flow.ts'
import { labelOf } from '../lower/label.ts'
import { sitesOf } from '../lower/routes.ts'
import type { Json } from '../source.ts'
import type { StateDeclaration } from '../state/declaration.ts'
import type { SnapshotTaken } from './protocol.ts'
import { keyOf, toldFields, versionOf } from './told-states.ts'

export interface ManifestFacts {
  readonly nodes: readonly DistributedNode[]
  readonly workers: number
  readonly jobId: string
  readonly fingerprint: string
  readonly fence: number
  readonly origin: string | undefined
  readonly id: number
  readonly epoch: number
  readonly atMs: number
  readonly tookMs: number
  /** By sink. */
  readonly handles: ReadonlyMap<number, readonly Json[]>
}

export function manifestOf(
  facts: ManifestFacts,
  taken: ReadonlyMap<number, SnapshotTaken>,
  kind: CheckpointKind = 'checkpoint',
): Manifest {
  const sites = [...taken.entries()].sort(([a], [b]) => a - b)
  return {
    ...head(facts, false),
    kind,
    operators: facts.nodes.map((node, index) => operatorOf(facts, node, index, sites)),
    parts: sites.map(([, { files }]) => files),
  }
}

/** Everything has ended: what is left is to commit. */
export function finishedManifest(facts: ManifestFacts, files: readonly (StoredFile | undefined)[]): Manifest {
  const { nodes, workers } = facts
  return {
    ...head(facts, true),
    operators: nodes.map(({ node, place }, index) => ({
      ...told(node),
      states: [],
      subtasks: sitesOf(place, workers).map(site => ({ site, finished: true, watermark: 'Infinity', driver: null })),
      ...(node.kind === 'source' ? { splits: [] } : {}),
      ...(node.kind === 'sink' ? { handles: [...(facts.handles.get(index) ?? [])] } : {}),
    })),
    parts: files.map(file => (file === undefined ? [] : [file])),
  }
}

function head(facts: ManifestFacts, finished: boolean) {
  const { workers, jobId, origin, fingerprint, fence, id, epoch, atMs, tookMs } = facts
  return {
    format: 'millrace checkpoint',
    version: MANIFEST_VERSION,
    id,
    kind: 'checkpoint',
    fence,
    atMs,
    tookMs,
    epoch,
    jobId,
    ...(origin === undefined ? {} : { origin }),
    fingerprint,
    workers,
    keyGroups: KEY_GROUPS,
    finished,
  } as const
}

type Told = Pick<OperatorRecord, 'id' | 'named' | 'kind' | 'label' | 'site'>

function told(node: PhysicalNode): Told {
  const { id, named, kind } = node
  const label = labelOf({ node })
  const at = node.kind === 'operator' ? node.spec.site : node.node.site
  return { id, named, kind, label, ...(at === undefined ? {} : { site: `${at.file}:${at.line}:${at.column}` }) }
}

function operatorOf(
  { workers, handles }: ManifestFacts,
  { node, place }: DistributedNode,
  index: number,
  sites: readonly (readonly [number, SnapshotTaken])[],
): OperatorRecord {
  const subtasks = sitesOf(place, workers).map(site => {
    const taken = sites.find(([of]) => of === site)![1]
    const [, record] = taken.vertices.find(([of]) => of === index)!
    return { site, ...record }
  })
  const splits = sites.flatMap(([site, taken]) =>
    taken.splits.filter(([of]) => of === index).flatMap(([, list]) => list.map(split => ({ ...split, site }))),
  )
  const keeps = node.kind === 'operator' && node.spec.transient !== true
  const key = keeps ? keyOf(node.spec) : undefined
  return {
    ...told(node),
    ...(key === undefined ? {} : { key }),
    states: keeps ? statesOf(node.spec.state, index, sites) : [],
    subtasks,
    ...(node.kind === 'source' ? { splits } : {}),
    ...(node.kind === 'sink' ? { handles: [...(handles.get(index) ?? [])] } : {}),
  }
}

function statesOf(
  declarations: Readonly<Record<string, StateDeclaration>>,
  index: number,
  sites: readonly (readonly [number, SnapshotTaken])[],
): StateRecord[] {
  return Object.entries(declarations).map(([name, declaration]) => {
    const sizes = sites.flatMap(([, { sizes }]) => sizes.filter(s => s.node === index && s.state === name))
    const fields = toldFields(declaration)
    const version = versionOf(declaration)
    return {
      name,
      kind: declaration.kind,
      ...(fields === undefined ? {} : { fields }),
      ...(version === undefined ? {} : { version }),
      ...('means' in declaration && declaration.means !== undefined ? { means: declaration.means } : {}),
      rows: sizes.reduce((sum, { rows }) => sum + rows, 0),
      bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    }
  })
}
