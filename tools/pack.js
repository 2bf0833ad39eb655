/**
 * `npm run pack`: assembles the one published package from the workspaces, as `out/millrace-<version>.tgz`.
 *
 * esbuild bundles the public entries and the command line with shared chunks, ESM (which Node >= 20.19 can also
 * `require`, as no module awaits at its top level); `tsc` gives each workspace's declarations, which move to `types/`
 * with their imports of one another made relative. Dependencies are those the workspaces declare.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const out = join(root, 'out')
const target = join(out, 'package')
const workspaces = ['algebra', 'plan', 'runtime', 'api', 'connectors', 'millrace']

const manifests = Object.fromEntries(workspaces.map(name => [name, readJson(`packages/${name}/package.json`)]))
const face = manifests.millrace
const entries = Object.keys(face.exports).map(name => (name === '.' ? 'index' : name.slice(2)))
const dependencies = Object.fromEntries(
  Object.values(manifests)
    .flatMap(manifest => Object.entries(manifest.dependencies ?? {}))
    .filter(([name]) => !name.startsWith('@millrace/'))
    .sort(([a], [b]) => (a < b ? -1 : 1)),
)

function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'))
}

/** What a worker thread starts with; `packages/runtime/src/job-module/thread-entry.ts` finds it by this name. */
function threadEntry() {
  const thread = join(root, 'packages/runtime/src/cluster/thread.ts')
  return existsSync(thread) ? { thread } : {}
}

async function bundle() {
  const face = join(root, 'packages/millrace/src')
  await build({
    entryPoints: {
      ...Object.fromEntries(entries.map(name => [name, join(face, `${name}.ts`)])),
      cli: join(face, 'cli/main.ts'),
      ...threadEntry(),
    },
    outdir: join(target, 'dist'),
    bundle: true,
    splitting: true,
    chunkNames: 'chunk-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    supported: { 'top-level-await': false },
    conditions: ['source'],
    external: Object.keys(dependencies),
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'warning',
  })
}

/** Moves every declaration the entries reach. What an older build left behind is not reached. */
function declarations() {
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'packages/millrace'], {
    cwd: root,
    stdio: 'inherit',
  })
  const moved = new Set()
  const ahead = entries.map(entry => `millrace/${entry}.js`)
  for (let path = ahead.pop(); path !== undefined; path = ahead.pop()) {
    if (moved.has(path)) continue
    moved.add(path)
    const declared = path.replace(/\.js$/, '.d.ts')
    const text = readFileSync(join(root, 'packages', declared.replace('/', '/dist/')), 'utf8')
    write(
      `types/${declared}`,
      ownImports(text, path, found => ahead.push(found)),
    )
  }
}

/** Imports of sibling workspaces become relative, `.ts` becomes `.js`; the address of the map to our sources goes. */
function ownImports(text, path, found) {
  return text
    .replace(/((?:from|import\() *)(['"])(\.[^'"]*|@millrace\/[^'"]*)\2/g, (_, before, quote, name) => {
      const file = name.startsWith('.') ? posix.join(dirname(path), name.replace(/\.ts$/, '.js')) : entryOf(name)
      found(file)
      const way = posix.relative(dirname(path), file)
      return `${before}${quote}${way.startsWith('.') ? way : `./${way}`}${quote}`
    })
    .replace(/^\/\/# sourceMappingURL=.*\n?/m, '')
}

/** Where a workspace's entry lies among the types: `@millrace/connectors/files` is `connectors/files/index.js`. */
function entryOf(specifier) {
  const [, name, ...rest] = specifier.split('/')
  const { types } = manifests[name].exports[['.', ...rest].join('/')]
  return types.replace('./dist', name).replace(/\.d\.ts$/, '.js')
}

function manifest() {
  const { name, version, type, license } = face
  const { engines } = readJson('package.json')
  const exports = Object.fromEntries(
    entries.map(entry => [
      entry === 'index' ? '.' : `./${entry}`,
      { types: `./types/millrace/${entry}.d.ts`, default: `./dist/${entry}.js` },
    ]),
  )
  return {
    name,
    version,
    description: face.description,
    keywords: ['stream processing', 'batch processing', 'event time', 'windows', 'dataflow', 'typescript'],
    license,
    type,
    engines,
    sideEffects: false,
    exports: { ...exports, './package.json': './package.json' },
    bin: { millrace: 'bin/millrace.js' },
    files: ['bin', 'dist', 'types'],
    dependencies,
  }
}

function write(path, text) {
  mkdirSync(dirname(join(target, path)), { recursive: true })
  writeFileSync(join(target, path), text)
}

rmSync(target, { recursive: true, force: true })
await bundle()
declarations()
write('package.json', `${JSON.stringify(manifest(), null, 2)}\n`)
write(
  'bin/millrace.js',
  "#!/usr/bin/env node\nimport { main } from '../dist/cli.js'\n\nawait main(process.argv.slice(2))\n",
)
for (const file of ['README.md', 'LICENSE']) cpSync(join(root, file), join(target, file))
const [packed] = JSON.parse(
  execFileSync('npm', ['pack', target, '--pack-destination', out, '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'inherit'],
  }),
)
console.log(`out/${packed.filename}  ${(packed.size / 1024).toFixed(0)} KiB, ${packed.entryCount} files`)
