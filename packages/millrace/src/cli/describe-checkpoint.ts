/** One checkpoint in full: when, how large, and what every operator, source and sink has in it. */
import { type CheckpointSummary, folderName, type Manifest, type OperatorRecord } from '@millrace/runtime/checkpoints'
import { bytesText, countText, momentText, spanText } from './amounts.ts'
import { table } from './table.ts'

export function describeCheckpoint(summary: CheckpointSummary, nowMs: number): string {
  const { id, kind, complete, damage, manifest, files } = summary
  const bytes = bytesText(files.reduce((sum, file) => sum + file.bytes, 0))
  const state = damage !== undefined ? `damaged: ${damage}` : complete ? 'complete' : 'not complete'
  const head = [`${kind} ${id}: ${state}`]
  const size = `  size       ${bytes} in ${files.length} file${files.length === 1 ? '' : 's'}`
  if (manifest === undefined) return [...head, size, ...files.map(({ path }) => `             ${path}`)].join('\n')
  const parts = [statesOf(manifest), sourcesOf(manifest), sinksOf(manifest)].filter(part => part !== '')
  return [...head, ...factsOf(manifest, nowMs), size].join('\n') + parts.map(part => `\n\n${part}`).join('')
}

function factsOf(manifest: Manifest, nowMs: number): string[] {
  const { kind, id, fence, atMs, tookMs, jobId, workers, keyGroups, finished, fingerprint, origin } = manifest
  return [
    `  folder     ${folderName(kind, id, fence)}`,
    `  taken      ${momentText(atMs)} UTC, ${spanText(Math.max(0, nowMs - atMs))} ago, in ${spanText(tookMs)}`,
    `  job        ${jobId}, ${workers} worker${workers === 1 ? '' : 's'}, ${keyGroups} key groups`,
    `  plan       ${fingerprint}`,
    ...(origin === undefined ? [] : [`  began from ${origin}`]),
    ...(finished ? ['  finished   all input was read, and all output is in place'] : []),
  ]
}

function statesOf({ operators }: Manifest): string {
  const rows = operators.flatMap(operator =>
    operator.states.map(({ name, kind, rows, bytes, version }) => [
      nameOf(operator),
      name.replace(/^state:/, ''),
      version === undefined ? kind : `${kind} v${version}`,
      countText(rows),
      bytesText(bytes),
      operator.site ?? '',
    ]),
  )
  if (rows.length === 0) return ''
  const columns = [
    { title: 'operator' },
    { title: 'state' },
    { title: 'kind' },
    { title: 'rows', right: true },
    { title: 'size', right: true },
    { title: 'written at' },
  ]
  return table(columns, onceEach(rows))
}

/** An operator's name and place stand in its first line only. */
function onceEach(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return rows.map((row, i) => (i > 0 && rows[i - 1][0] === row[0] ? ['', ...row.slice(1, -1), ''] : row))
}

function nameOf({ id, label }: OperatorRecord): string {
  return label === id ? id : `${id} (${label})`
}

function sourcesOf({ operators }: Manifest): string {
  const rows = operators.flatMap(operator => {
    if (operator.kind !== 'source') return []
    const { splits = [] } = operator
    if (splits.length === 0) return [[nameOf(operator), 'read to its end', '', '']]
    return splits.map(({ id, site, offset }) => [
      nameOf(operator),
      id,
      `${site}`,
      offset === undefined ? 'not begun' : shortened(JSON.stringify(offset)),
    ])
  })
  if (rows.length === 0) return ''
  const columns = [{ title: 'source' }, { title: 'split' }, { title: 'worker', right: true }, { title: 'goes on at' }]
  return table(
    columns,
    rows.map((row, i) => (i > 0 && rows[i - 1][0] === row[0] ? ['', ...row.slice(1)] : row)),
  )
}

function sinksOf({ operators }: Manifest): string {
  const sinks = operators.filter(({ kind }) => kind === 'sink')
  if (sinks.length === 0) return ''
  const rows = sinks.map(sink => [nameOf(sink), countText((sink.handles ?? []).length)])
  return table([{ title: 'sink' }, { title: 'prepared outputs', right: true }], rows)
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}
