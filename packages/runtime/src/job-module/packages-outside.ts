/**
 * Keeps packages out of a bundle: an import of a package becomes an import of the file it resolves to.
 *
 * Resolved by the importing file's own folder, with the conditions Node uses; so a program spread over several
 * packages finds what each of them depends on. A package that consists of TypeScript (a sibling in a workspace) goes
 * into the bundle. The engine is there even where nothing is installed: it is this one. Native modules (`.node`) are
 * outside too; Node can only `require` them, so an import of one becomes that.
 */
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild'

const resolving = Symbol('resolving')
const nativeModule = 'native-module'

export function packagesOutside(): Plugin {
  return {
    name: 'packages-outside',
    setup(build) {
      build.onResolve({ filter: /^file:/ }, ({ path, ...args }) => {
        const file = fileURLToPath(path)
        return /[\\/]node_modules[\\/]/.test(file) ? outside(file, { path, ...args }) : { path: file }
      })
      build.onResolve({ filter: /^[^./#]/ }, async args => {
        if (isOurs(args) || args.path.startsWith('node:')) return undefined
        const found = await resolve(build, args)
        if (found.errors.length > 0) {
          const own = ownModule(args.path)
          return own === undefined ? undefined : outside(own, args)
        }
        if (found.external || /^\.([cm]?tsx?|jsx)$/.test(extname(found.path))) return found
        return outside(found.path, args)
      })
      build.onResolve({ filter: /\.node$/ }, async args => {
        if (args.namespace === nativeModule) return { path: args.path, external: true }
        if (isOurs(args)) return undefined
        const found = await resolve(build, args)
        return found.errors.length > 0 ? undefined : outside(found.path, args)
      })
      build.onLoad({ filter: /.*/, namespace: nativeModule }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(path)})`,
      }))
    },
  }
}

function isOurs({ pluginData, kind }: OnResolveArgs): boolean {
  return pluginData === resolving || kind === 'entry-point'
}

function resolve(build: PluginBuild, { path, importer, kind, resolveDir }: OnResolveArgs) {
  return build.resolve(path, { importer, kind, resolveDir, pluginData: resolving })
}

function outside(path: string, { kind }: OnResolveArgs): OnResolveResult {
  const required = kind === 'require-call'
  if (path.endsWith('.node')) return required ? { path, external: true } : { path, namespace: nativeModule }
  return { path: required ? path : pathToFileURL(path).href, external: true }
}

/** The file of an entry of the published package: each part of it can import the whole by name. */
function ownModule(name: string): string | undefined {
  if (name !== 'millrace' && !name.startsWith('millrace/')) return undefined
  try {
    return createRequire(import.meta.url).resolve(name)
  } catch {
    return undefined
  }
}
