/**
 * The types of the public face: programs that compile, programs that must not and what the compiler then says, and
 * what it costs. Everything is compiled against the emitted declarations, as users do.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chainProgram } from './chain-program.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '../..')
const compiler = join(root, 'node_modules/typescript/bin/tsc')
let folder: string

beforeAll(() => {
  const cache = join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(join(cache, 'types-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the compiler prints for these files under the folder's options. */
async function compile(files: readonly string[], ...flags: string[]): Promise<string> {
  const project = join(folder, `${files.length}-${Math.abs(hash(files.join()))}.json`)
  writeFileSync(project, JSON.stringify({ extends: join(here, 'tsconfig.json'), include: [], files }))
  const run = promisify(execFile)(process.execPath, [compiler, '-p', project, '--pretty', 'false', ...flags], {
    cwd: here,
  })
  return run.then(({ stdout }) => stdout).catch((error: { stdout: string }) => error.stdout)
}

function hash(text: string): number {
  return [...text].reduce((h, c) => (h * 31 + c.charCodeAt(0)) | 0, 7)
}

interface Diagnostic {
  readonly line: number
  readonly message: string
}

function diagnostics(output: string, file: string): Diagnostic[] {
  const found: { line: number; message: string }[] = []
  for (const text of output.split('\n')) {
    const start = /^(\S.*)\((\d+),\d+\): error TS\d+: (.*)$/.exec(text)
    if (start !== null) found.push({ line: start[1]!.endsWith(file) ? Number(start[2]) : -1, message: start[3]! })
    else if (text.startsWith(' ') && found.length > 0) found.at(-1)!.message += `\n${text}`
  }
  return found
}

describe('programs', () => {
  it.each(['operators', 'kinds', 'expressions', 'process', 'broadcast', 'state', 'generic'])(
    '%s compile',
    async name => {
      expect(await compile([join(here, `${name}.ts`)])).toBe('')
    },
  )

  it('that are wrong are refused with a readable message at the right line', async () => {
    const path = join(here, 'mistakes.mts')
    const found = diagnostics(await compile([path]), 'mistakes.mts')
    const mistakes = wanted(readFileSync(path, 'utf8').split('\n'))
    expect(mistakes.length).toBeGreaterThan(40)
    const missed = mistakes.flatMap(({ from, to, parts, text }) => {
      const said = found.filter(({ line }) => line >= from && line < to).map(({ message }) => message)
      const lacking = parts.filter(part => !said.join('\n').includes(part))
      return lacking.map(part => `${text}\n  should say: ${part}\n  but says: ${said.join('\n') || 'nothing'}`)
    })
    expect(missed.join('\n')).toBe('')
    expect(found).toHaveLength(mistakes.length)
    const longest = Math.max(...found.map(({ message }) => message.split('\n').length))
    expect(longest).toBeLessThanOrEqual(6)
  })
})

interface Mistake {
  /** The lines of the statement: [from, to), counted from 1. */
  readonly from: number
  readonly to: number
  /** What the message must contain. */
  readonly parts: readonly string[]
  readonly text: string
}

/** Statements below comments that begin with `//? `. */
function wanted(lines: readonly string[]): Mistake[] {
  const mistakes: { from: number; to: number; parts: string[]; text: string }[] = []
  lines.forEach((line, i) => {
    if (!line.startsWith('//? ')) return
    const part = line.slice('//? '.length)
    const last = mistakes.at(-1)
    if (last?.from === i + 1) {
      last.parts.push(part)
      last.from = i + 2
    } else {
      if (last !== undefined) last.to = i + 1
      mistakes.push({ from: i + 2, to: Number.POSITIVE_INFINITY, parts: [part], text: '' })
    }
  })
  return mistakes.map(mistake => ({ ...mistake, text: lines[mistake.from - 1]! }))
}

describe('what the compiler has to do', () => {
  it('for 300 operators over wide rows stays within the ratchet', async () => {
    const path = join(folder, 'chain.mts')
    writeFileSync(path, chainProgram(12))
    const output = await compile([path], '--extendedDiagnostics')
    expect(diagnostics(output, 'chain.mts')).toEqual([])
    const instantiations = Number(/^Instantiations:\s+(\d+)/m.exec(output)![1])
    console.log(`300 operators: ${instantiations} instantiations`)
    // Today's figure, and a little room for what TypeScript's minor versions change.
    expect(instantiations).toBeLessThan(45_000)
  })
})

describe('declarations', () => {
  it('of what a program exports can be written with the public names alone', async () => {
    const out = join(folder, 'declarations')
    const flags = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--rootDir', here, '--outDir', out]
    expect(await compile([join(here, 'declarations.ts')], ...flags)).toBe('')
    const text = readFileSync(join(out, 'declarations.d.ts'), 'utf8')
    expect(text).not.toContain('@millrace/')
    expect(text).not.toMatch(/: any\b|unknown>;$/)
    expect(text.replace(/\s+/g, ' ')).toContain(
      'export declare const daily: import("millrace").Processed<{ windowStart: number; windowEnd: number; origin: string; n: number; mean: number; last: string; }, "appending", { late: { delay: number; origin: string; time: number; }; }>',
    )
  })
})
