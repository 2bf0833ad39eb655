/** The figures of the ratchets. */
import { isNode, lineOf, type Source, type SyntaxNode, walk } from './source.ts'

export interface Measured {
  readonly where: string
  readonly value: number
}

const functions = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

/** Every function with a body, and how many lines it has from its first to its last. */
export function functionLengths(source: Source): Measured[] {
  const found: Measured[] = []
  walk(source.tree.program, node => {
    if (!functions.has(node.type) || !isNode(node.body)) return
    const first = lineOf(source, node.start)
    found.push({ where: `${source.path}:${first}`, value: lineOf(source, node.end) - first + 1 })
  })
  return found
}

/** How many names a file exports; a type and a value of one name count once. */
export function exportedNames(source: Source): Measured {
  const names = source.tree.module.staticExports.flatMap(({ entries }) =>
    entries.map(({ exportName }) => exportName.name),
  )
  return { where: source.path, value: new Set(names).size }
}

/** False for a file that only declares types. */
export function hasCode(source: Source): boolean {
  return source.tree.module.staticExports.some(({ entries }) => entries.some(entry => !entry.isType))
}

/** The value that `share` of all are not above (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

/** `Date.now`, `Math.random` and their like, where the code mentions them. */
export function hostCalls(source: Source, alsoTimers: boolean): string[] {
  const found: string[] = []
  walk(source.tree.program, node => {
    const name = hostCall(node, alsoTimers)
    if (name !== undefined) found.push(`${source.path}:${lineOf(source, node.start)} ${name}`)
  })
  return found
}

const members = new Set(['Date.now', 'Math.random', 'performance.now', 'crypto.randomUUID', 'process.hrtime'])
const timers = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'])

function hostCall(node: SyntaxNode, alsoTimers: boolean): string | undefined {
  if (node.type === 'MemberExpression' && isNode(node.object) && isNode(node.property)) {
    const name = `${String(node.object.name)}.${String(node.property.name)}`
    return members.has(name) ? name : undefined
  }
  if (node.type === 'NewExpression' && isNode(node.callee) && node.callee.name === 'Date')
    return Array.isArray(node.arguments) && node.arguments.length === 0 ? 'new Date()' : undefined
  if (alsoTimers && node.type === 'CallExpression' && isNode(node.callee) && timers.has(String(node.callee.name)))
    return String(node.callee.name)
  return undefined
}
