import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { planted } from './bundle.js'
import { mutants } from './mutants.js'

test.each(mutants)('there is one place to plant: $name', ({ patches }) => {
  for (const patch of patches) {
    const source = readFileSync(new URL(`../../${patch.file}`, import.meta.url), 'utf8')
    expect(planted(source, patch)).not.toBe(source)
  }
})
