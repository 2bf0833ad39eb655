/** The programs that README and `--help` show are programs. */
import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { Workshop } from './workshop.ts'

const workshop = new Workshop()
afterAll(() => workshop.remove())
workshop.write({ 'flights.csv': 'origin,delay\nSFO,10\nBOS,-5\nSFO,31\nBOS,2\n' })

test("README's first program", async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  workshop.write({ 'delays.ts': /```ts\n([\s\S]*?)```/.exec(readme)![1]! })
  const { stdout, stderr } = await workshop.run('run', 'delays.ts')
  expect(stderr).toBe('')
  expect(cells(stdout)).toEqual([
    ['(index)', 'origin', 'delayed', 'mean', 'worst'],
    ['0', "'BOS'", '1', '2', '2'],
    ['1', "'SFO'", '2', '20.5', '31'],
  ])
})

test('the program in --help', async () => {
  const { stdout: help } = await workshop.run('--help')
  const program = help.split('\n').filter(line => /^ {2}(import|const|console)/.test(line))
  expect(program.length).toBe(5)
  workshop.write({ 'help.ts': program.join('\n') })
  const { stdout, stderr } = await workshop.run('run', 'help.ts')
  expect(stderr).toBe('')
  expect(
    cells(stdout)
      .slice(1)
      .map(([, ...row]) => row)
      .sort(),
  ).toEqual([
    ["'BOS'", '2', '2'],
    ["'SFO'", '2', '31'],
  ])
})

/** The cells of what `console.table` prints. */
function cells(table: string): string[][] {
  return table
    .split('\n')
    .filter(line => line.startsWith('│'))
    .map(line =>
      line
        .split('│')
        .slice(1, -1)
        .map(cell => cell.trim()),
    )
}
