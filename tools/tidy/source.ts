/** The files of the repository as the style checks see them: text, syntax tree, and which package they belong to. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'vite'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Source {
  /** Relative to the root, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly lines: number
  /** The folder under `packages/`, or undefined. */
  readonly package: string | undefined
  /** Tests, fuzz tests, benchmarks. */
  readonly isTest: boolean
  readonly tree: ReturnType<typeof parseSync>
}

/** A node of the syntax tree (ESTree): its fields are read by name. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** Every file of the project, committed or about to be; not what git ignores. */
export function trackedFiles(): string[] {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const paths = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0')
  return paths.filter(path => path !== '' && existsSync(join(root, path)))
}

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

export function readSources(): Source[] {
  return trackedFiles()
    .filter(path => /\.[jt]s$/.test(path))
    .map(path => sourceOf(path, readText(path)))
}

export function sourceOf(path: string, text: string): Source {
  return {
    path,
    text,
    lines: text.split('\n').length - 1,
    package: /^packages\/([^/]+)\//.exec(path)?.[1],
    isTest: /\.(test|fuzz|bench)\.ts$/.test(path) || path.startsWith('tests/'),
    tree: parseSync(path, text),
  }
}

/** A file that is a list of re-exports: what a package.json exports, and every other index. */
export function isEntry(path: string): boolean {
  return entries.has(path) || /(^|\/)index\.ts$/.test(path)
}

const entries = new Set(
  trackedFiles()
    .filter(path => /^packages\/[^/]+\/package\.json$/.test(path))
    .flatMap(path => {
      const { exports } = JSON.parse(readText(path)) as { exports: Record<string, { readonly source: string }> }
      return Object.values(exports).map(({ source }) => posix.join(posix.dirname(path), source))
    }),
)

export function walk(node: unknown, visit: (node: SyntaxNode) => void): void {
  if (Array.isArray(node)) for (const each of node) walk(each, visit)
  else if (isNode(node)) {
    visit(node)
    for (const name in node) if (name !== 'type') walk(node[name], visit)
  }
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

export function lineOf(source: Source, position: number): number {
  let line = 1
  for (let at = source.text.indexOf('\n'); at !== -1 && at < position; at = source.text.indexOf('\n', at + 1)) line++
  return line
}
