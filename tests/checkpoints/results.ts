import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The lines that can be seen in each folder of results, in order of text. */
export function resultsIn(folder: string): Record<string, readonly string[]> {
  if (!existsSync(folder)) return {}
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map(name => [name, linesIn(join(folder, name))]),
  )
}

export function linesIn(folder: string): readonly string[] {
  const files = readdirSync(folder).filter(name => !name.startsWith('.'))
  return files.flatMap(name => readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean)).sort()
}

/** Hidden files, of writers that did not come to their end. */
export function hiddenIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => /(^|\/)\.[^/]*part-/.test(name))
}
