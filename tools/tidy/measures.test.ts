import { expect, test } from 'vitest'
import { exportedNames, functionLengths, hostCalls, percentile } from './measures.ts'
import { sourceOf } from './source.ts'

const text = `export function long() {
  const now = Date.now()
  // Math.random() in a comment is none
  return () => 'performance.now()'
}
export class Box {
  get wide(): number {
    setTimeout(() => new Date(), new Date(0).getTime())
    return Math.random()
  }
}
export type Both = string
export const Both = '', [one, { two }] = given()
`
const source = sourceOf('packages/plan/src/x.ts', text)

test('functions of every kind are measured from first line to last', () => {
  expect(functionLengths(source).map(({ where, value }) => `${where} ${value}`)).toEqual([
    'packages/plan/src/x.ts:1 5',
    'packages/plan/src/x.ts:4 1',
    'packages/plan/src/x.ts:7 4',
    'packages/plan/src/x.ts:8 1',
  ])
})

test('names are counted once', () => {
  expect(exportedNames(source).value).toBe(5)
})

test('calls of clock, chance and timers are found', () => {
  const where = 'packages/plan/src/x.ts'
  const always = [`${where}:2 Date.now`, `${where}:8 new Date()`, `${where}:9 Math.random`]
  expect(hostCalls(source, false)).toEqual(always)
  expect(hostCalls(source, true).sort()).toEqual([...always, `${where}:8 setTimeout`].sort())
})

test('percentiles by nearest rank', () => {
  expect(percentile([5, 1, 4, 2, 3], 0.5)).toBe(3)
  expect(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9)).toBe(9)
  expect(percentile([7], 0.5)).toBe(7)
})
