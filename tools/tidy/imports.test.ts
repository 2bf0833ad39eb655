import { expect, test } from 'vitest'
import { cycles, outsidePackage, reached, specifiers, target } from './imports.ts'
import { sourceOf } from './source.ts'

test('every way to name a module is seen, and text that only looks like one is not', () => {
  const text = `
import type { A } from './a.ts'
import './effect.ts'
export { b } from './b.ts'
export type * from './c.ts'
type D = import('./d.ts').D
const e = await import('./e.ts')
const text = "import './not.ts'" // import './nor.ts'
`
  const found = specifiers(sourceOf('packages/plan/src/x.ts', text))
  expect(found.sort()).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './effect.ts'])
})

test('a specifier means a file of ours, or a package', () => {
  const from = { path: 'packages/plan/src/expression/x.ts' }
  expect(target(from, '../node.ts')).toBe('packages/plan/src/node.ts')
  expect(target(from, '@millrace/algebra')).toBe('packages/algebra/src/index.ts')
  expect(target(from, 'millrace/files')).toBe('packages/millrace/src/files.ts')
  expect(target(from, 'vitest')).toBeUndefined()
  expect(outsidePackage('vitest/config')).toBe('vitest')
  expect(outsidePackage('@biomejs/biome/x')).toBe('@biomejs/biome')
  expect([outsidePackage('node:fs'), outsidePackage('./x.ts'), outsidePackage('@millrace/plan')]).toEqual(
    Array(3).fill(undefined),
  )
})

test('cycles of one, two and three files are found, and a diamond is none', () => {
  const graph = new Map([
    ['one', ['one']],
    ['a', ['b', 'top']],
    ['b', ['a']],
    ['x', ['y']],
    ['y', ['z']],
    ['z', ['x', 'bottom']],
    ['top', ['left', 'right']],
    ['left', ['bottom']],
    ['right', ['bottom']],
    ['bottom', []],
  ])
  expect(cycles(graph).map(group => group.sort().join())).toEqual(['one', 'a,b', 'x,y,z'])
})

test('what a file reaches is everything behind it', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c', 'a']],
    ['d', ['a']],
  ])
  expect([...reached(graph, ['a'])].sort()).toEqual(['a', 'b', 'c'])
})
