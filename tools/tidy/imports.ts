/** Who imports whom: specifiers of a file, the files they mean, and the cycles among files (Tarjan 1972). */
import { posix } from 'node:path'
import { isNode, readText, type Source, walk } from './source.ts'

/** Every module a file names: imports, re-exports, `import()` of values and of types. */
export function specifiers({ tree, text }: Source): string[] {
  const found: string[] = []
  for (const { moduleRequest } of tree.module.staticImports) found.push(moduleRequest.value)
  for (const { entries } of tree.module.staticExports)
    for (const { moduleRequest } of entries) if (moduleRequest !== null) found.push(moduleRequest.value)
  for (const { moduleRequest } of tree.module.dynamicImports) {
    const literal = /^'([^']*)'$/.exec(text.slice(moduleRequest.start, moduleRequest.end))
    if (literal !== null) found.push(literal[1]!)
  }
  walk(tree.program, node => {
    if (node.type === 'TSImportType' && isNode(node.source)) found.push(String(node.source.value))
  })
  return [...new Set(found)]
}

/** The file of the repository a specifier means, or undefined for a package from outside. */
export function target(from: { readonly path: string }, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from.path), specifier)
  const own = /^(?:@millrace\/([a-z]+)|(millrace))((?:\/.*)?)$/.exec(specifier)
  if (own === null) return undefined
  const folder = `packages/${own[1] ?? own[2]}`
  return posix.join(folder, exportsOf(folder)[`.${own[3]}`]?.source ?? `missing export ${specifier}`)
}

type Exports = Record<string, { readonly source: string }>

const exportsByFolder = new Map<string, Exports>()

function exportsOf(folder: string): Exports {
  const known = exportsByFolder.get(folder)
  if (known !== undefined) return known
  const { exports } = JSON.parse(readText(`${folder}/package.json`)) as { exports: Exports }
  exportsByFolder.set(folder, exports)
  return exports
}

/** The name of an outside package, as package.json has it; undefined for Node's own modules and our files. */
export function outsidePackage(specifier: string): string | undefined {
  if (/^(\.|node:|@millrace\/|millrace(\/|$))/.test(specifier)) return undefined
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/** From each file to the files it names. */
export function importGraph(sources: readonly Source[]): Map<string, string[]> {
  return new Map(sources.map(source => [source.path, specifiers(source).flatMap(name => target(source, name) ?? [])]))
}

/** All files that are imported by some of these, at first or at second hand; they themselves too. */
export function reached(graph: ReadonlyMap<string, readonly string[]>, from: readonly string[]): Set<string> {
  const found = new Set<string>()
  const ahead = [...from]
  for (let file = ahead.pop(); file !== undefined; file = ahead.pop()) {
    if (found.has(file)) continue
    found.add(file)
    ahead.push(...(graph.get(file) ?? []))
  }
  return found
}

/** The groups of files that reach one another. */
export function cycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []
  function visit(file: string): number {
    const mine = index.size
    index.set(file, mine)
    low.set(file, mine)
    stack.push(file)
    for (const next of graph.get(file) ?? []) {
      const reached = index.has(next) ? (stack.includes(next) ? index.get(next)! : mine) : visit(next)
      low.set(file, Math.min(low.get(file)!, reached))
    }
    if (low.get(file) === mine) {
      const group = stack.splice(stack.indexOf(file))
      if (group.length > 1 || graph.get(file)?.includes(file)) found.push(group)
    }
    return low.get(file)!
  }
  for (const file of graph.keys()) if (!index.has(file)) visit(file)
  return found
}
