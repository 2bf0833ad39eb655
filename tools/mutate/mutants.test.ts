import { expect, test } from 'vitest'
import { mutants } from './mutants.js'
import { pick } from './pick.js'

interface Defect {
  readonly at: number
  readonly from: string
  readonly to: string
}

function defects(text: string): string[] {
  return (mutants('x.ts', text) as Defect[]).map(({ at, from, to }) => `${at}: ${from} -> ${to}`)
}

test('operators flip, numbers move by one, statements go, branches change places', () => {
  expect(defects('const a = b < c + 1')).toEqual(['1: < -> <=', '1: + -> -', '1: 1 -> 2'])
  expect(defects('total += 2\ncount++')).toEqual([
    '1: total += 2 -> ;',
    '1: += -> -=',
    '1: 2 -> 3',
    '2: count++ -> ;',
    '2: ++ -> --',
  ])
  expect(defects('const a = ok ? yes : no')).toEqual(['1: yes : no -> no : yes'])
  expect(defects('if (!ready) {\n  stop()\n}')).toEqual(['1: !ready -> !(!ready)', '1: ! -> ', '2: stop() -> ;'])
})

test('types, imports and messages are left alone', () => {
  expect(defects("import { a } from './1.ts'\ntype B = 1 | 2\nthrow new Error('at ' + 1)")).toEqual([])
})

test('a seed chooses the same defects again, another seed others', () => {
  const all = Array.from({ length: 100 }, (_, start) => ({ start }))
  expect(pick(all, 10, 7)).toEqual(pick(all, 10, 7))
  expect(pick(all, 10, 7)).not.toEqual(pick(all, 10, 8))
  expect(pick(all, 10, 7)).toHaveLength(10)
  expect(pick(all, 200, 7)).toEqual(all)
})
