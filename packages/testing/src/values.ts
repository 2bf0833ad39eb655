/** Random values of each type: few enough to repeat, with the awkward ones among them. */
import type { TypeKind } from '@millrace/algebra'
import fc from 'fast-check'

const units = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map(unit => String.fromCharCode(unit)),
  maxLength: 6,
})
const doubles = fc.oneof(
  fc.constantFrom(0, -0, 1, 1.5, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53, 5e-324),
  fc.double(),
)
const bigints = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
)
const texts = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'ab', 'abcd', 'abcde', 'ä', '\uFFFF', '\u{10000}', '\u{1F600}', '\uD800', '\uDC00'),
  fc.constantFrom(
    '\uD800a',
    '\uDC00\uD800',
    'x'.repeat(70),
    `${'long '.repeat(20)}\u{1F600}`,
    `\uDBFF${'y'.repeat(40)}`,
  ),
  units,
)
const integers = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(2 ** 31 - 1, -(2 ** 31)), fc.integer())
const timestamps = fc.oneof(fc.constantFrom(0, -1, 86_400_000), fc.integer({ min: -1e15, max: 1e15 }))

/** Data of any structure: everything that an `any` column can carry to another process. Never null on top. */
const structures = fc.letrec<{ value: unknown; part: unknown }>(tie => {
  const parts = fc.array(tie('part'), { maxLength: 3 })
  const key = fc.oneof(fc.constantFrom('a', 'b', '__proto__', 'constructor', '0', ''), units)
  const record = fc.array(fc.tuple(key, tie('part')), { maxLength: 3 }).map(entries => Object.fromEntries(entries))
  const bytes = fc.uint8Array({ maxLength: 9 })
  return {
    value: fc.oneof(
      { maxDepth: 3 },
      fc.oneof(fc.boolean(), integers, doubles, bigints, texts, fc.bigInt()),
      fc.oneof(
        fc.constantFrom(-1, 0, 86_400_000).map(ms => new Date(ms)),
        bytes,
        fc.float64Array({ maxLength: 3 }),
        fc.int16Array({ maxLength: 3 }),
      ),
      parts,
      record,
      fc.array(fc.tuple(tie('part'), tie('part')), { maxLength: 3 }).map(entries => new Map(entries)),
      parts.map(items => new Set(items)),
    ),
    part: fc.oneof({ maxDepth: 3 }, fc.constantFrom(null, undefined), tie('value')),
  }
}).value

const arbitraries: Record<TypeKind, fc.Arbitrary<unknown>> = {
  int32: integers,
  double: doubles,
  bigint: bigints,
  boolean: fc.boolean(),
  text: texts,
  timestamp: timestamps,
  any: structures,
}

export function valuesOf(kind: TypeKind): fc.Arbitrary<unknown> {
  return arbitraries[kind]
}
