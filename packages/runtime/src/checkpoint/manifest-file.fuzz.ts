/** Manifests: what goes in comes out, and whatever else is in the file is refused with its name. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MANIFEST_VERSION, type Manifest } from './manifest.ts'
import { decodeManifest, encodeManifest } from './manifest-file.ts'
import { sealed } from './sealed-json.ts'
import { isStoragePath } from './storage-path.ts'

const word = fc.oneof(fc.constantFrom('', '__proto__', '\uD800', 'é'), fc.string())
const json = fc.jsonValue().map(value => JSON.parse(JSON.stringify(value)) as Manifest['operators'][0]['handles'])
const path = fc.constantFrom('chk-000001.1/part-0', 'a', 'a.b/c_d-e/0')
const file = fc.record({ path, bytes: fc.nat(), checksum: fc.constantFrom('00000000', 'deadbeef') })
const times = fc.oneof(fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0), fc.integer())
const fields = fc.array(fc.record({ name: word, type: word, nullable: fc.boolean() }), { maxLength: 2 })
const state = fc.record(
  { name: word, kind: word, fields, version: fc.nat(), rows: fc.nat(), bytes: fc.nat() },
  { requiredKeys: ['name', 'kind', 'rows', 'bytes'] },
)
const subtask = fc.record({ site: fc.nat(), finished: fc.boolean(), watermark: times, driver: json })
const split = fc.record(
  { id: word, offset: json, number: fc.nat(), site: fc.nat() },
  { requiredKeys: ['id', 'number', 'site'] },
)
const few = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 2 })
const operator = fc.record(
  {
    id: word,
    named: fc.boolean(),
    kind: fc.constantFrom('source', 'operator', 'sink'),
    label: word,
    site: word,
    states: few(state),
    subtasks: few(subtask),
    splits: few(split),
    handles: few(json),
  },
  { requiredKeys: ['id', 'named', 'kind', 'label', 'states', 'subtasks'] },
)
const manifests = fc.record({
  format: fc.constant('millrace checkpoint'),
  version: fc.constant(MANIFEST_VERSION),
  id: fc.nat(),
  kind: fc.constantFrom('checkpoint', 'savepoint'),
  fence: fc.nat(),
  atMs: fc.integer(),
  tookMs: fc.nat(),
  epoch: fc.nat(),
  jobId: word,
  fingerprint: word,
  workers: fc.integer({ min: 1, max: 9 }),
  keyGroups: fc.constantFrom(128, 1),
  finished: fc.boolean(),
  operators: few(operator),
  parts: few(few(file)),
}) as fc.Arbitrary<unknown> as fc.Arbitrary<Manifest>

const codeOf = (act: () => unknown): string => {
  try {
    act()
    return 'none'
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    return code === undefined ? `crash: ${message}` : code
  }
}

describe('a manifest', () => {
  it('comes back, infinite watermarks as strings', () => {
    fc.assert(
      fc.property(manifests, manifest => {
        const back = decodeManifest(encodeManifest(manifest), 'm')
        const watermarks = (of: Manifest) => of.operators.flatMap(o => o.subtasks.map(s => s.watermark))
        expect(watermarks(back).map(Number)).toEqual(watermarks(manifest))
        expect(watermarks(back).every(time => typeof time === 'string' || Number.isFinite(time))).toBe(true)
        expect(JSON.stringify(decodeManifest(encodeManifest(back), 'm'))).toBe(JSON.stringify(back))
        const finite = (of: Manifest) => ({ ...of, operators: of.operators.map(o => ({ ...o, subtasks: 0 })) })
        expect(JSON.stringify(finite(back))).toBe(JSON.stringify(finite(manifest)))
      }),
      { numRuns: 200 },
    )
  })

  it('with a byte changed, or cut short, is damaged', () => {
    fc.assert(
      fc.property(manifests, fc.nat(), fc.integer({ min: 1, max: 255 }), (manifest, at, change) => {
        const bytes = encodeManifest(manifest)
        const changed = bytes.slice()
        changed[at % bytes.length] ^= change
        expect(codeOf(() => decodeManifest(changed, 'm'))).toBe('CHECKPOINT_DAMAGED')
        expect(codeOf(() => decodeManifest(bytes.subarray(0, at % bytes.length), 'm'))).toBe('CHECKPOINT_DAMAGED')
      }),
      { numRuns: 300 },
    )
  })

  it('of which anything was put in place of something is refused or means something', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(null, -1, 0.5, 1e99, '', [], {}, [[]], [{}], '__proto__'))
    fc.assert(
      fc.property(manifests, fc.nat(), value, (manifest, at, put) => {
        const copy = JSON.parse(JSON.stringify(manifest)) as Record<string, unknown>
        const places: (() => void)[] = []
        const visit = (holder: Record<string, unknown>): void => {
          for (const key of Object.keys(holder)) {
            places.push(() => {
              holder[key] = put
            })
            if (typeof holder[key] === 'object' && holder[key] !== null) visit(holder[key] as Record<string, unknown>)
          }
        }
        visit(copy)
        places[at % places.length]()
        expect(['none', 'CHECKPOINT_DAMAGED', 'CHECKPOINT_FOREIGN']).toContain(
          codeOf(() => encodeManifest(decodeManifest(sealed(copy), 'm'))),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('made up is refused', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.uint8Array({ maxLength: 60 }), (value, bytes) => {
        expect(codeOf(() => decodeManifest(sealed(value), 'm'))).toBe('CHECKPOINT_FOREIGN')
        expect(codeOf(() => decodeManifest(bytes, 'm'))).toBe('CHECKPOINT_DAMAGED')
      }),
    )
  })
})

it('paths stay inside the storage', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '.', '..', '/', '\\', '-', '0', '\0', ' ', '\n', 'ä')), parts => {
      const path = parts.join('')
      const segments = path.split('/')
      const right = segments.every(segment => /^[a-z0-9_-][a-z0-9_.-]*$/.test(segment))
      expect(isStoragePath(path)).toBe(right)
    }),
    { numRuns: 1000 },
  )
})
