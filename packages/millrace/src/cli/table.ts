/** Text in columns, as a terminal shows it. */

export interface Column {
  readonly title: string
  /** Numbers stand to the right. */
  readonly right?: boolean
}

export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, c) => Math.max(title.length, ...rows.map(row => row[c].length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, c) => (columns[c].right === true ? cell.padStart(widths[c]) : cell.padEnd(widths[c])))
      .join('  ')
      .trimEnd()
  return [line(columns.map(({ title }) => title)), ...rows.map(line)].map(text => `  ${text}`).join('\n')
}
