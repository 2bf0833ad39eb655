/** An editor offers the columns that fit, and no others. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LanguageServer } from './language-server.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
/** The program as the editor has it: it lies nowhere. */
const path = join(here, 'completions.mts')
const marked = readFileSync(join(here, 'completions.txt'), 'utf8').split('\n')
const lines = marked.map(line => line.replace('/*|*/', ''))

const cases = marked.flatMap((line, i) => {
  if (!line.startsWith('//> ')) return []
  const at = marked.findIndex((text, j) => j > i && text.includes('/*|*/'))
  return [
    { code: lines[at]!.trim(), line: at, character: marked[at]!.indexOf('/*|*/'), offers: line.slice(4).split(' ') },
  ]
})

const server = new LanguageServer(
  fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url)),
  here,
)
beforeAll(() => server.open(path, lines.join('\n')))
afterAll(() => server.close())

it.each(cases)('$code', async ({ line, character, offers }) => {
  const given = await server.completions(path, line, character)
  // Where any text would do, the text at the mark is offered too: the empty one.
  expect(given.filter(label => label !== '').sort()).toEqual(offers)
})
