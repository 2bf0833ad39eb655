/** Finds the examples in doc comments, and makes one program of them. */
import { parseSync } from 'vite'

export interface Example {
  readonly path: string
  /** Of its first line, from 1. */
  readonly line: number
  readonly code: string
}

/**
 * The code in the doc comments of a source: what follows `@example`, up to the comment's end or its next tag; and, in
 * the comments of exported names, what is indented below the text.
 */
export function examplesIn(path: string, text: string): Example[] {
  const found: Example[] = []
  for (const comment of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const lines = comment[0].replace(/\s*\*\/$/, '').split('\n')
    const first = text.slice(0, comment.index).split('\n').length
    if (
      text
        .slice(comment.index + comment[0].length)
        .trimStart()
        .startsWith('export')
    )
      for (const [i, line] of lines.entries())
        if (/^\s*\* {5}\S/.test(line) && !/@example/.test(comment[0]))
          found.push({ path, line: first + i, code: line.replace(/^\s*\*/, '').trim() })
    let current: { line: number; code: string[] } | undefined
    for (const [i, raw] of lines.entries()) {
      const line = raw.replace(/^\s*(\/\*\*|\*) ?/, '')
      const tag = /^@(\w+) ?(.*)$/.exec(line)
      if (tag !== null) {
        if (current !== undefined) found.push({ path, line: current.line, code: current.code.join('\n').trim() })
        const [, name, rest] = tag
        current = name === 'example' ? { line: first + i + (rest === '' ? 1 : 0), code: [rest!] } : undefined
      } else current?.code.push(line)
    }
    if (current !== undefined) found.push({ path, line: current.line, code: current.code.join('\n').trim() })
  }
  return found
}

/** The TypeScript of a page: each block is an example. */
export function pageExamples(path: string, text: string): Example[] {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(({ index, 1: code }) => ({
    path,
    line: text.slice(0, index).split('\n').length + 1,
    code: code!.trim(),
  }))
}

/** The names that a module exports, types apart from values. */
export function exportsOf(path: string, text: string): { readonly values: string[]; readonly types: string[] } {
  const entries = parseSync(path, text).module.staticExports.flatMap(({ entries }) => entries)
  const named = (isType: boolean) => entries.filter(e => e.isType === isType).map(e => e.exportName.name!)
  return { values: named(false), types: named(true) }
}

/**
 * The example as a function `name` that does what it says: collections are collected, promises awaited, and where
 * an expression is followed by `// value`, the two must be equal.
 */
export function exampleFunction(name: string, { path, line, code }: Example): string {
  const { program, errors } = parseSync('example.mts', code)
  if (errors.length > 0) throw new Error(`${path}:${line}: ${errors[0]!.message}\n${code}`)
  let body = ''
  let done = 0
  for (const statement of program.body) {
    if (statement.type !== 'ExpressionStatement') continue
    const expression = code.slice(statement.expression.start, statement.expression.end)
    const rest = code.slice(statement.end)
    const value = /^ *\/\/ ([[{'"`\d-].*|true|false|null)(?:\n|$)/.exec(rest)?.[1]
    body += `${code.slice(done, statement.start)}await show(${expression}${value === undefined ? '' : `, ${value}`})`
    done = statement.end
  }
  const last = program.body.at(-1)
  body += code.slice(done)
  if (last?.type === 'VariableDeclaration' && last.declarations[0]?.id.type === 'Identifier')
    body += `\nawait show(${last.declarations[0].id.name})`
  return `// ${path}:${line}\nexport async function ${name}() {\n${body}\n}`
}
