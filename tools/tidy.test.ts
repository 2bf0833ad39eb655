/**
 * The house rules, as tests: who may import whom, what may not be written, and how long things may get.
 *
 * The figures in `tidy.json` are ratchets: what is measured may not exceed them, and they only ever go down.
 */
import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { cycles, importGraph, outsidePackage, reached, specifiers, target } from './tidy/imports.ts'
import { exportedNames, functionLengths, hasCode, hostCalls, percentile } from './tidy/measures.ts'
import { isEntry, readSources, readText, trackedFiles, walk } from './tidy/source.ts'
import figures from './tidy.json' with { type: 'json' }

const files = trackedFiles()
const sources = readSources()
const inPackages = sources.filter(source => source.package !== undefined && source.path.includes('/src/'))
const shipped = inPackages.filter(source => !source.isTest && source.package !== 'testing')
/** Files that make an operator, not those with parts of one. */
const operators = shipped.filter(
  ({ path, text }) => path.startsWith('packages/runtime/src/operators/') && /\boperatorSpec\(/.test(text),
)
const manifests = files.filter(path => /^(packages\/[^/]+\/)?package\.json$/.test(path))

/** What each package may lean on. */
const layers: Record<string, readonly string[]> = {
  algebra: [],
  plan: ['algebra'],
  runtime: ['algebra', 'plan'],
  api: ['algebra', 'plan', 'runtime'],
  connectors: ['algebra', 'plan', 'runtime'],
  testing: ['algebra', 'plan', 'runtime'],
  millrace: ['algebra', 'plan', 'runtime', 'api', 'connectors'],
}

interface Manifest {
  readonly name: string
  readonly dependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
}

/** The package a specifier names, ours included. */
function packageOf(specifier: string): string | undefined {
  return outsidePackage(specifier) ?? /^@millrace\/[a-z]+/.exec(specifier)?.[0]
}

function manifest(path: string): Manifest {
  return JSON.parse(readText(path)) as Manifest
}

test('every source parses', () => {
  expect(sources.filter(({ tree }) => tree.errors.length > 0).map(({ path }) => path)).toEqual([])
  expect(sources.length).toBeGreaterThan(20)
})

test('a package imports only from the packages it may lean on', () => {
  const wrong: string[] = []
  for (const source of inPackages) {
    const mayUse = layers[source.package!]
    expect(mayUse, `${source.package}: a package that tools/tidy.test.ts does not know`).toBeDefined()
    for (const specifier of specifiers(source)) {
      const to = /^packages\/([^/]+)/.exec(target(source, specifier) ?? '')?.[1]
      if (to === undefined || to === source.package || mayUse!.includes(to)) continue
      if (to === 'testing' && source.isTest) continue
      wrong.push(`${source.path} imports ${specifier}`)
    }
  }
  expect(wrong).toEqual([])
})

test('a relative import stays in its package, and its file exists', () => {
  const known = new Set(files)
  const wrong: string[] = []
  for (const source of inPackages)
    for (const specifier of specifiers(source)) {
      if (!specifier.startsWith('.')) continue
      const to = target(source, specifier)!
      if (!to.startsWith(`packages/${source.package}/`) || !known.has(to))
        wrong.push(`${source.path} imports ${specifier}`)
    }
  expect(wrong).toEqual([])
})

test('no file imports itself by a detour, types included', () => {
  expect(cycles(importGraph(sources))).toEqual([])
})

test('a package declares what it imports', () => {
  const wrong: string[] = []
  for (const source of shipped) {
    const { dependencies = {} } = manifest(`packages/${source.package}/package.json`)
    for (const specifier of specifiers(source)) {
      const name = packageOf(specifier)
      if (name !== undefined && dependencies[name] === undefined) wrong.push(`${source.path} imports ${name}`)
    }
  }
  expect(wrong).toEqual([])
})

test('a package uses what it declares', () => {
  const unused: string[] = []
  for (const name of Object.keys(layers).filter(each => each !== 'testing')) {
    const used = new Set(
      shipped.filter(source => source.package === name).flatMap(source => specifiers(source).map(packageOf)),
    )
    const { dependencies = {} } = manifest(`packages/${name}/package.json`)
    for (const dependency of Object.keys(dependencies)) if (!used.has(dependency)) unused.push(`${name}: ${dependency}`)
  }
  expect(unused).toEqual([])
})

test('algebra, plan, runtime and api depend on nothing from outside but the bundler of job modules', () => {
  for (const name of ['algebra', 'plan', 'runtime', 'api'])
    expect(
      Object.keys(manifest(`packages/${name}/package.json`).dependencies ?? {}).filter(
        dependency => !dependency.startsWith('@millrace/'),
      ),
    ).toEqual(name === 'runtime' ? ['esbuild'] : [])
})

test('docs/dependencies.md names every dependency, and no other', () => {
  const named = [...readText('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map(match => match[1])
  const used = manifests.flatMap(path => {
    const { dependencies = {}, devDependencies = {} } = manifest(path)
    return Object.keys({ ...dependencies, ...devDependencies }).filter(name => !name.startsWith('@millrace/'))
  })
  expect([...new Set(named)].sort()).toEqual([...new Set(used)].sort())
})

test('the lock file records no download address', () => {
  expect(readText('package-lock.json')).not.toMatch(/"resolved": *"https?:/)
})

test('the lock file knows the packages of every platform', () => {
  // `npm ci` fails on a lock file that was written where some of them could not be fetched.
  const { packages } = JSON.parse(readText('package-lock.json')) as {
    packages: Record<string, { readonly optionalDependencies?: Record<string, string> }>
  }
  const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
  expect(wanted.filter(name => packages[`node_modules/${name}`] === undefined)).toEqual([])
})

test('nothing is called utils', () => {
  const vague = /(^|\/)(utils?|helpers?|common|misc|shared)(\.[^/]*)?(\/|$)/i
  expect(files.filter(path => vague.test(path))).toEqual([])
})

test('no type is silenced', () => {
  const wrong: string[] = []
  for (const { path, tree, isTest } of sources) {
    walk(tree.program, node => {
      const type = (node.typeAnnotation as { type?: string } | undefined)?.type
      if (node.type === 'TSAsExpression' && type === 'TSAnyKeyword') wrong.push(`${path}: as any`)
    })
    const banned = isTest ? /@ts-(ignore|nocheck)/ : /@ts-(ignore|nocheck|expect-error)/
    for (const { value } of tree.comments) if (banned.test(value)) wrong.push(`${path}: ${value.trim()}`)
  }
  expect(wrong).toEqual([])
})

test('time and chance come through the Host', () => {
  const kernel = new Set(['algebra', 'plan', 'runtime', 'api'])
  const outside = shipped.filter(({ path }) => !path.startsWith('packages/runtime/src/host/'))
  const testing = sources.filter(source => source.package === 'testing' && !source.isTest)
  expect([...outside, ...testing].flatMap(source => hostCalls(source, kernel.has(source.package!)))).toEqual([])
})

test('no path of a machine and no address of a registry is written down', () => {
  const machine = new RegExp(
    ['(^|[^\\w.-])/(wo' + 'rk|fa' + 'rm|ro' + 'ot|home/\\w+|Users/\\w+)/', 'registry\\.npm' + 'js'].join('|'),
    'm',
  )
  const text = files.filter(path => /\.(ts|js|json|md|sql|ya?ml)$|^\.[a-z]+(\/run)?$/.test(path))
  expect(text.filter(path => machine.test(readText(path)))).toEqual([])
})

test('an index is a list of named re-exports', () => {
  const wrong: string[] = []
  for (const { path, tree } of shipped.filter(source => isEntry(source.path)))
    for (const node of tree.program.body)
      if (node.type !== 'ExportNamedDeclaration' || node.declaration !== null) wrong.push(`${path}: ${node.type}`)
  expect(wrong).toEqual([])
})

test('files stay short', () => {
  const lengths = shipped.map(source => source.lines)
  expect(percentile(lengths, 0.5)).toBeLessThanOrEqual(figures.medianFileLines)
  expect(percentile(lengths, 0.9)).toBeLessThanOrEqual(figures.p90FileLines)
  expect(sources.filter(({ lines }) => lines > figures.longestFile).map(({ path }) => path)).toEqual([])
})

test('functions stay short', () => {
  const all = shipped.flatMap(functionLengths)
  const long = all.filter(({ value }) => value > figures.functionLines)
  const list = long.map(({ where, value }) => `${where}: ${value}`).join('\n')
  expect(long.length / all.length, list).toBeLessThanOrEqual(figures.longFunctionShare)
})

test('a file exports few names', () => {
  const counts = shipped.filter(({ path }) => !isEntry(path)).map(exportedNames)
  const allowed = (path: string) => (figures.wideFiles as Record<string, number>)[path] ?? figures.mostExports
  expect(counts.filter(({ where, value }) => value > allowed(where))).toEqual([])
  const many = counts.filter(({ value }) => value > 3)
  const list = many.map(({ where, value }) => `${where}: ${value}`).join('\n')
  expect(many.length / counts.length, list).toBeLessThanOrEqual(figures.overThreeExportsShare)
})

test('every operator has a test of its name', () => {
  const known = new Set(files)
  const tests = (path: string) => ['test', 'fuzz'].map(kind => path.replace(/\.ts$/, `.${kind}.ts`))
  expect(operators.map(({ path }) => path).filter(path => !tests(path).some(name => known.has(name)))).toEqual([])
})

// What drives whole jobs (driver, lowering, hosts) is tested by whole jobs, in tests/.
test('everything that computes is reached by a test of its package', () => {
  const tested =
    /^packages\/(algebra|plan|connectors|api|runtime\/src\/(aggregate|chain|job-module|operators|rows|schema|state))\//
  const graph = importGraph(sources.filter(({ path }) => !isEntry(path)))
  const reachedIn = (name: string) => {
    const tests = sources.filter(source => source.isTest && source.package === name)
    return reached(
      graph,
      tests.map(({ path }) => path),
    )
  }
  const byTests = new Map(Object.keys(layers).map(name => [name, reachedIn(name)]))
  const wanted = shipped.filter(source => tested.test(source.path) && !isEntry(source.path) && hasCode(source))
  expect(wanted.map(({ path }) => path).filter(path => !byTests.get(path.split('/')[1]!)!.has(path))).toEqual([])
})

test('links in documents lead to files', () => {
  const known = new Set(files)
  const wrong: string[] = []
  for (const path of files.filter(name => name.endsWith('.md')))
    for (const [, link] of readText(path).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(link!)) continue
      const to = posix.join(posix.dirname(path), link!).replace(/\/$/, '')
      if (!known.has(to) && !files.some(name => name.startsWith(`${to}/`))) wrong.push(`${path}: ${link}`)
    }
  expect(wrong).toEqual([])
})

test('README leads to ARCHITECTURE, and that to every operator', () => {
  expect(readText('README.md')).toContain('](ARCHITECTURE.md)')
  const map = readText('ARCHITECTURE.md')
  expect(operators.map(({ path }) => path).filter(path => !map.includes(`](${path})`))).toEqual([])
})
