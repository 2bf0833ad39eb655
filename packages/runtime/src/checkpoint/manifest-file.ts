/**
 * A manifest as the bytes of its file (docs/formats/checkpoints.md): JSON on one line, and a line with its checksum, so that a
 * damaged one is found before a word of it is believed. What was written whole is still checked property by property, since
 * other programs may have written it.
 */
import { MillraceError } from '@millrace/plan'
import { damagedFile, unknownFormat } from './damage.ts'
import { array, checkedBy, choice, flag, json, optional, record, type Shape, text, whole } from './json-shape.ts'
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

const finite: Shape = (value, path) => (Number.isFinite(value) ? undefined : `${path} is no number`)

const time: Shape = (value, path) =>
  Number.isFinite(value) || value === 'Infinity' || value === '-Infinity' ? undefined : `${path} is no time`

const storedFile = record({
  path: checkedBy(isStoragePath, 'a path'),
  bytes: whole(0),
  checksum: checkedBy(value => /^[0-9a-f]{8}$/.test(value), 'a checksum'),
})

const stateRecord = record({
  name: text,
  kind: text,
  fields: optional(array(record({ name: text, type: text, nullable: flag }))),
  version: optional(whole(0)),
  rows: whole(0),
  bytes: whole(0),
})

const operatorRecord = record({
  id: text,
  named: flag,
  kind: choice('source', 'operator', 'sink'),
  label: text,
  site: optional(text),
  states: array(stateRecord),
  subtasks: array(record({ site: whole(0), finished: flag, watermark: time, driver: json })),
  splits: optional(array(record({ id: text, offset: optional(json), number: whole(0), site: whole(0) }))),
  handles: optional(array(json)),
})

const manifestShape = record({
  format: text,
  version: whole(1),
  id: whole(0),
  kind: choice('checkpoint', 'savepoint'),
  fence: whole(0),
  atMs: finite,
  tookMs: finite,
  epoch: whole(0),
  jobId: text,
  fingerprint: text,
  workers: whole(1),
  keyGroups: whole(1),
  finished: flag,
  operators: array(operatorRecord),
  parts: array(array(storedFile)),
})
