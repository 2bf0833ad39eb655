/** Whether a job can go on from a checkpoint: what it says of operators and states against the plan as it is now. */
import { MillraceError } from '@millrace/plan'
import type { OperatorRecord, StateRecord } from '../checkpoint/manifest.ts'
import type { DistributedNode } from '../lower/distribute.ts'
import { labelOf } from '../lower/label.ts'
import type { StateDeclaration } from '../state/declaration.ts'
import type { MatchedOperators } from './match-operators.ts'
import { keyNames, keyOf, type ToldField, toldFields, toldName, versionOf } from './told-states.ts'

/** Throws STATE_MISMATCH if it cannot. Returns what is let go of, as users read it. */
export function requireCompatible(
  { records, dropped }: MatchedOperators,
  nodes: readonly DistributedNode[],
  allowDropped: boolean,
): readonly string[] {
  const gone = dropped.flatMap(droppedOf)
  for (const [index, record] of records) {
    const { node } = nodes[index]
    if (node.kind !== 'operator' || node.spec.transient === true) continue
    const declared = node.spec.state
    for (const state of record.states) {
      if (Object.hasOwn(declared, state.name)) requireState(node, state, declared[state.name])
      else if (isContent(state)) gone.push(`${nameOf(record)}: ${sizeOf(state)}${siteOf(record)}`)
    }
    requireKey(node, record)
  }
  requireEnds(records, nodes)
  if (gone.length > 0 && !allowDropped)
    throw new MillraceError('STATE_MISMATCH', `missing operators of the checkpoint:\n  ${gone.join('\n  ')}`, {
      hint: "an operator with another name finds its state by .named('new', { was: 'old' }); --allow-dropped-state, or allowDroppedState: true of environment({ checkpoints }), lets go of what is listed",
    })
  return gone
}

/** Something is lost if it begins anew: sources, sinks, and operators with state. */
export function isRemembering({ node }: DistributedNode): boolean {
  if (node.kind !== 'operator') return true
  return node.spec.transient !== true && Object.values(node.spec.state).some(({ kind }) => kind !== 'cell')
}

function droppedOf(record: OperatorRecord): string[] {
  const { kind, states, splits = [], handles = [], subtasks } = record
  const name = nameOf(record)
  const at = siteOf(record)
  if (kind === 'source') return splits.length === 0 ? [] : [`${name}: where it was in ${count(splits, 'split')}${at}`]
  if (kind === 'sink') {
    const writers = subtasks.filter(({ driver }) => ((driver as { writer?: unknown } | null)?.writer ?? null) !== null)
    if (handles.length === 0 && writers.length === 0) return []
    return [`${name}: output that may not be in place yet${at}`]
  }
  return states.filter(isContent).map(state => `${name}: ${sizeOf(state)}${at}`)
}

function nameOf({ id, label }: OperatorRecord): string {
  return id === label ? id : `${id} (${label})`
}

/** Cells are small things of the operator's own, a count or a time: of no use to anybody else, and soon there again. */
function isContent({ rows, kind }: StateRecord): boolean {
  return rows > 0 && kind !== 'cell'
}

function count(list: readonly unknown[], word: string): string {
  return `${list.length} ${word}${list.length === 1 ? '' : 's'}`
}

function sizeOf({ name, rows, bytes }: StateRecord): string {
  return `state ${JSON.stringify(toldName(name))}, ${rows.toLocaleString('en-US')} rows, ${bytes.toLocaleString('en-US')} bytes`
}

function siteOf({ site }: OperatorRecord): string {
  return site === undefined ? '' : `, written at ${site}`
}

type OperatorNode = DistributedNode['node'] & { readonly kind: 'operator' }

function requireState({ spec, id }: OperatorNode, stored: StateRecord, declared: StateDeclaration): void {
  if (stored.rows === 0) return
  const name = JSON.stringify(toldName(stored.name))
  const mismatch = (was: string, is: string, hint: string): MillraceError =>
    new MillraceError('STATE_MISMATCH', `invalid state ${name} of ${id}: stored as ${was}, declared as ${is}`, {
      hint,
      operator: spec.label,
      site: spec.site,
    })
  if (stored.kind !== declared.kind)
    throw mismatch(stored.kind, declared.kind, 'declare it as it was, or give what is new a name of its own')
  const from = stored.version ?? 1
  const to = versionOf(declared) ?? 1
  const migrate = 'evolution' in declared ? declared.evolution?.migrate : undefined
  if (from > to)
    throw mismatch(`version ${from}`, `version ${to}`, 'it was stored by a newer program: go on with that one')
  if (from < to && migrate === undefined)
    throw mismatch(`version ${from}`, `version ${to}`, 'declare { version, migrate: (old, fromVersion) => ... }')
  if (from < to) return
  const fields = toldFields(declared)
  if (shown(stored.fields) === shown(fields)) return requireMeaning(stored, declared, mismatch)
  const hint =
    'evolution' in declared ? 'give it a higher version, and declare migrate: (old, fromVersion) => ...' : OTHER_STATE
  throw mismatch(shown(stored.fields), shown(fields), hint)
}

/** Sums of one thing do not pass for sums of another, nor slices for those of other windows. */
function requireMeaning(
  { means: was }: StateRecord,
  declared: StateDeclaration,
  mismatch: (was: string, is: string, hint: string) => MillraceError,
): void {
  const is = 'means' in declared ? declared.means : undefined
  if (was === undefined || is === undefined || was.join() === is.join()) return
  throw mismatch(was.join(', '), is.join(', '), OTHER_STATE)
}

const OTHER_STATE = 'what this operator keeps cannot be made into that: give it a new name, and let go of the old state'

function shown(fields: readonly ToldField[] | undefined): string {
  if (fields === undefined) return 'values of any kind'
  return fields.length === 0
    ? 'keys alone'
    : fields.map(({ name, type }) => (name === '' ? type : `${name} ${type}`)).join(', ')
}

/**
 * What is kept by one column must not pass for what is kept by another. That a column was only renamed the program has to
 * say. A key that a function makes has no name to go by but that of all such.
 */
function requireKey(node: OperatorNode, { id, key, states }: OperatorRecord): void {
  const now = keyOf(node.spec)
  if (key === undefined || now === undefined) return
  const list = (values: readonly string[]): string => values.map(value => JSON.stringify(value)).join(', ')
  const types = (fields: readonly ToldField[]): string => list(fields.map(({ type }) => type))
  const was = list(keyNames(key))
  const same = was === list(keyNames(now)) || was === list(node.keyWas ?? [])
  if (types(key) === types(now) && (same || !states.some(({ rows }) => rows > 0))) return
  const otherwise = 'give the operator a new name, and let go of the old state'
  const alias = `.named('name', { keyWas: ${key.length === 1 ? was : `[${was}]`} })`.replaceAll('"', "'")
  throw new MillraceError(
    'STATE_MISMATCH',
    `invalid key of ${id}: stored as ${shown(key)}, declared as ${shown(now)}`,
    {
      hint:
        types(key) === types(now)
          ? `state is kept by key: if only its name has changed, say so with ${alias}; otherwise ${otherwise}`
          : `state is kept by key: what was kept by another is of no use; ${otherwise}`,
      operator: node.spec.label,
      site: node.spec.site,
    },
  )
}

/**
 * What had said its last cannot go on with input that it never had. What remembers nothing, and is there with some numbers
 * of workers only, is as finished as what it reads from.
 */
function requireEnds(records: ReadonlyMap<number, OperatorRecord>, nodes: readonly DistributedNode[]): void {
  /** It had said its last, or will: it is new, and all that it reads from had. */
  const finished = (node: number): boolean => {
    const record = records.get(node)
    if (record !== undefined) return record.subtasks.every(subtask => subtask.finished)
    return nodes[node].inputs.length > 0 && nodes[node].inputs.every(({ edge }) => finished(edge.from))
  }
  for (const [index, { node, inputs }] of nodes.entries()) {
    const open = inputs.find(({ edge }) => !finished(edge.from))
    if (!records.has(index) || !finished(index) || open === undefined) continue
    const label = labelOf(nodes[open.edge.from])
    throw new MillraceError(
      'STATE_MISMATCH',
      `invalid plan: ${node.id} had come to its end, and now reads from ${label}`,
      {
        hint: 'begin with a new checkpoint folder, or give the operator a new name',
      },
    )
  }
}
