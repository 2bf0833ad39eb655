/** Results as lines of JSON and as the README's table. */
import { readFile, writeFile } from 'node:fs/promises'
import type { Result } from './figure.ts'

export function line(result: Result): string {
  return JSON.stringify(result)
}

/** Puts the table between the suite's marks in a document. */
export async function writeTable(file: string, suite: string, results: readonly Result[]): Promise<void> {
  const [begin, end] = [`<!-- bench:${suite} -->`, `<!-- /bench:${suite} -->`]
  const text = await readFile(file, 'utf8')
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`missing ${begin} and ${end} in ${file}`)
  await writeFile(file, `${text.slice(0, from + begin.length)}\n\n${table(results)}\n\n${text.slice(to)}`)
}

function table(results: readonly Result[]): string {
  const rows = results.map(({ figure, value, unit, goal, holds, runs }) => [
    `\`${figure}\``,
    amount(value, unit),
    holds === null ? '' : `${goal === null ? '' : amount(goal, unit)}${holds ? '' : ' (missed)'}`,
    `${amount(Math.min(...runs), unit)} to ${amount(Math.max(...runs), unit)}`,
  ])
  return [['figure', 'median', 'goal', 'runs'], ['---', '--:', '--:', '--:'], ...rows]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n')
}

function amount(value: number, unit: string): string {
  if (unit === 'rows/s') return `${(value / 1e6).toFixed(1)} M rows/s`
  if (unit === 'ms') return `${Math.round(value)} ms`
  if (unit === 'ratio') return value.toFixed(2)
  return `${value} ${unit}`
}
