import { expect, it } from 'vitest'
import { exampleFunction, examplesIn, exportsOf, pageExamples } from './examples.ts'

it('finds what follows @example, with its line', () => {
  const text = `
/** No example. */
export const a = 1

/**
 * A method.
 * @example one()
 * two()
 */
  /**
   * Another.
   *
   * @example
   * const three = 3
   *
   * three // 3
   *
   * @param x is no part of it
   */

/**
 * Of an export:
 *
 *     five()
 */
export const b = 1

/**
 * Of none:
 *
 *     six
 */
const c = 1
`
  expect(examplesIn('x.ts', text)).toEqual([
    { path: 'x.ts', line: 7, code: 'one()\ntwo()' },
    { path: 'x.ts', line: 14, code: 'const three = 3\n\nthree // 3' },
    { path: 'x.ts', line: 24, code: 'five()' },
  ])
})

it('finds the blocks of a page, with their lines', () => {
  const page = '# A page\n\n```ts\none()\ntwo()\n```\n\n```\nnot this\n```\n\n```ts\nthree()\n```\n'
  expect(pageExamples('x.md', page)).toEqual([
    { path: 'x.md', line: 4, code: 'one()\ntwo()' },
    { path: 'x.md', line: 13, code: 'three()' },
  ])
})

it('makes a function that runs what is built and compares what is said', () => {
  const code = 'const x = one()\nx.two() // [1, 2]\nawait x.three() // a remark\nfor (const y of x) y()\nconst z = 5'
  expect(exampleFunction('f', { path: 'x.ts', line: 1, code })).toBe(`// x.ts:1
export async function f() {
const x = one()
await show(x.two(), [1, 2]) // [1, 2]
await show(await x.three()) // a remark
for (const y of x) y()
const z = 5
await show(z)
}`)
  expect(() => exampleFunction('f', { path: 'x.ts', line: 7, code: 'const = 1' })).toThrow('x.ts:7')
})

it('knows values from types among what a module exports', () => {
  const text = "export { a, type B } from './b.ts'\nexport interface C {}\nexport const d = 1"
  expect(exportsOf('x.ts', text)).toEqual({ values: ['a', 'd'], types: ['B', 'C'] })
})
