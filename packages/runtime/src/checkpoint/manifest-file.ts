/**
 * A manifest as the bytes of its file (docs/formats/checkpoints.md): JSON on one line, and a line with its checksum, so that a
 * damaged one is found before a word of it is believed. What was written whole is still checked property by property, since
 * other programs may have written it.
 */
import { MillraceError } from '@millrace/plan'
import { damagedFile, unknownFormat } from './damage.ts'
import { type Shape, shape } from './json-shape.ts'
import { MANIFEST_VERSION, type Manifest } from './manifest.ts'
import { readSealed, sealed } from './sealed-json.ts'
import { isStoragePath } from './storage-path.ts'

const FORMAT = 'millrace checkpoint'

export function encodeManifest(manifest: Manifest): Uint8Array {
  const operators = manifest.operators.map(operator => ({
    ...operator,
    subtasks: operator.subtasks.map(subtask => ({ ...subtask, watermark: sayable(subtask.watermark) })),
  }))
  const file = { ...manifest, operators }
  const problem = manifestShape(file, 'manifest')
  if (problem !== undefined) throw new MillraceError('INTERNAL', `invalid manifest: ${problem}`)
  return sealed(file)
}

/** JSON has no infinite numbers. */
function sayable(time: number | string): number | string {
  return typeof time === 'number' && Math.abs(time) === Number.POSITIVE_INFINITY ? String(time) : time
}

/** What a manifest must agree with to be of use to a job. */
export interface ManifestExpected {
  readonly keyGroups?: number | undefined
}

/**
 * Throws CHECKPOINT_DAMAGED if it is not as it was written, CHECKPOINT_FOREIGN if it is no manifest of this version, or not
 * one that fits.
 */
export function decodeManifest(bytes: Uint8Array, path: string, expected: ManifestExpected = {}): Manifest {
  const value = readSealed(bytes, path) as Partial<Manifest> | null
  if (typeof value !== 'object' || value === null || value.format !== FORMAT)
    throw new MillraceError('CHECKPOINT_FOREIGN', `invalid checkpoint: ${path} is no manifest of Millrace`, {
      hint: 'Give the folder that a job has written its checkpoints to.',
    })
  if (value.version !== MANIFEST_VERSION) throw unknownFormat(value.version, MANIFEST_VERSION)
  const problem = manifestShape(value, 'manifest')
  if (problem !== undefined) throw damagedFile(path, problem)
  const manifest = value as Manifest
  if (manifest.parts.length > manifest.workers + 1)
    throw damagedFile(path, `${manifest.parts.length} parts of ${manifest.workers} workers`)
  const { keyGroups } = expected
  if (keyGroups !== undefined && manifest.keyGroups !== keyGroups)
    throw new MillraceError(
      'CHECKPOINT_FOREIGN',
      `invalid key groups of ${path}: ${manifest.keyGroups} (here: ${keyGroups})`,
      {
        hint: 'Their number is fixed at the first checkpoint: restore with a Millrace that has as many.',
      },
    )
  return manifest
}

const time: Shape = (value, path) =>
  Number.isFinite(value) || value === 'Infinity' || value === '-Infinity' ? undefined : `${path} is no time`

export const storedFile = shape.record({
  path: shape.checkedBy(isStoragePath, 'a path'),
  bytes: shape.whole(0),
  checksum: shape.checkedBy(value => /^[0-9a-f]{8}$/.test(value), 'a checksum'),
})

const columns = shape.optional(shape.array(shape.record({ name: shape.text, type: shape.text, nullable: shape.flag })))

const stateRecord = shape.record({
  name: shape.text,
  kind: shape.text,
  fields: columns,
  version: shape.optional(shape.whole(0)),
  means: shape.optional(shape.array(shape.text)),
  rows: shape.whole(0),
  bytes: shape.whole(0),
})

const operatorRecord = shape.record({
  id: shape.text,
  named: shape.flag,
  kind: shape.choice('source', 'operator', 'sink'),
  label: shape.text,
  site: shape.optional(shape.text),
  key: columns,
  states: shape.array(stateRecord),
  subtasks: shape.array(
    shape.record({ site: shape.whole(0), finished: shape.flag, watermark: time, driver: shape.json }),
  ),
  splits: shape.optional(
    shape.array(
      shape.record({
        id: shape.text,
        offset: shape.optional(shape.json),
        number: shape.whole(0),
        site: shape.whole(0),
      }),
    ),
  ),
  handles: shape.optional(shape.array(shape.json)),
})

const manifestShape = shape.record({
  format: shape.text,
  version: shape.whole(1),
  id: shape.whole(0),
  kind: shape.choice('checkpoint', 'savepoint'),
  fence: shape.whole(0),
  atMs: shape.finite,
  tookMs: shape.finite,
  epoch: shape.whole(0),
  jobId: shape.text,
  origin: shape.optional(shape.text),
  fingerprint: shape.text,
  workers: shape.whole(1),
  keyGroups: shape.whole(1),
  finished: shape.flag,
  operators: shape.array(operatorRecord),
  parts: shape.array(shape.array(storedFile)),
})
