import { expect, test } from 'vitest'
import { prunable } from './prunable.ts'

const complete = new Map(
  [4, 6, 7].map(id => [id, { file: { path: `${id === 4 ? 'save' : 'chk'}-00000${id}.5/manifest` } }]),
)

/** What of these goes, where run 5 has completed 6 and 7, and savepoint 4. */
const gone = (paths: string[], needed: string[] = []): string[] =>
  prunable({ paths, needed, newest: 7, complete, fence: 5 })

test('old checkpoints go, manifests first; what is needed of them stays', () => {
  const paths = ['chk-000003.4/manifest', 'chk-000003.4/part-0', 'chk-000006.5/manifest', 'chk-000006.5/part-0']
  expect(gone(paths, ['chk-000003.4/part-0'])).toEqual([
    'chk-000003.4/manifest',
    'chk-000006.5/manifest',
    'chk-000006.5/part-0',
  ])
})

test('what is under way stays, in this run and in later ones', () => {
  expect(gone(['chk-000007.5/x', 'chk-000008.5/part-0', 'chk-000001.6/part-0', 'save-000008.5/part-0'])).toEqual([])
})

test('what runs before have begun goes, whatever its id', () => {
  expect(gone(['chk-000009.4/part-0', 'chk-000005.5/part-0'])).toEqual(['chk-000009.4/part-0', 'chk-000005.5/part-0'])
})

test('savepoints stay, but for what runs before have left of one', () => {
  const left = ['save-000002.4/part-0', 'save-000002.4/part-1']
  expect(gone(left)).toEqual(left)
  expect(gone([...left, 'save-000002.4/manifest'])).toEqual([])
  expect(gone(['save-000003.5/part-0', 'save-000003.6/part-0'])).toEqual([])
  expect(gone(['save-000004.5/part-0', 'save-000004.5/manifest'])).toEqual([])
  const elsewhere = new Map([[2, { file: { path: 'save-000002.4/manifest' } }]])
  expect(prunable({ paths: left, needed: [], newest: 7, complete: elsewhere, fence: 5 })).toEqual([])
  expect(prunable({ paths: left, needed: [], newest: 7, complete, fence: 5 })).toEqual(left)
})

test('other files stay', () => {
  expect(gone(['journal/000000001', 'notes', 'chk-1.1/part-0', 'chk-000001/part-0', 'x/chk-000001.1'])).toEqual([])
})
