import { relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { ownTests } from './own-tests.js'

const root = resolve(import.meta.dirname, '../..')
const testsOf = (file: string): string[] => ownTests(resolve(root, file)).map((path: string) => relative(root, path))

test('tests beside a file that reach it come nearest first', () => {
  expect(testsOf('tools/mutate/mutants.js')).toEqual(['tools/mutate/mutants.test.ts'])
  const slices = testsOf('packages/runtime/src/state/slices.ts')
  expect(slices[0]).toBe('packages/runtime/src/state/slices.test.ts')
  expect(slices).toContain('packages/runtime/src/state/operator-state.test.ts')
})

test('without any beside it, those of the package that reach it', () => {
  const flow = testsOf('packages/runtime/src/chain/generate.ts')
  expect(flow).toContain('packages/runtime/src/operators/chain.test.ts')
})
