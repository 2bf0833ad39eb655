#!/usr/bin/env node
/**
 * The command line as it starts from a checkout: builds with `tsc -b` if a source is newer than the last build, then
 * loads the built program. The published package starts the bundled program directly.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const face = dirname(dirname(fileURLToPath(import.meta.url)))
const packages = dirname(face)
const built = join(face, 'dist', '.built')
const lock = join(face, 'dist', '.building')

/** The latest change in a folder's sources, in milliseconds; tests do not count. */
function latest(folder) {
  let time = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) time = Math.max(time, latest(path))
    else if (!/\.(test|fuzz|bench)\.ts$/.test(entry.name)) time = Math.max(time, statSync(path).mtimeMs)
  }
  return time
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function stale() {
  const since = modified(built)
  for (const name of readdirSync(packages)) {
    if (name === 'testing' || name.startsWith('.')) continue
    if (modified(join(packages, name, 'package.json')) > since || latest(join(packages, name, 'src')) > since)
      return true
  }
  return false
}

function build() {
  const started = new Date()
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  const result = spawnSync(process.execPath, [compiler, '-b', face], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (result.status !== 0) {
    process.stderr.write(`invalid sources: the build failed\n${result.stdout}`)
    return false
  }
  writeFileSync(built, '')
  utimesSync(built, started, started)
  return true
}

/** Runs the build once, however many processes find it stale at the same moment. False: it failed. */
function buildOnce() {
  const wait = new Int32Array(new SharedArrayBuffer(4))
  mkdirSync(dirname(lock), { recursive: true })
  while (stale()) {
    try {
      mkdirSync(lock)
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      // A build that was killed leaves its lock behind: none takes two minutes.
      if (Date.now() - modified(lock) > 120_000) rmdirSync(lock)
      Atomics.wait(wait, 0, 0, 50)
      continue
    }
    try {
      if (!build()) return false
    } finally {
      rmdirSync(lock)
    }
  }
  return true
}

if (!buildOnce()) process.exit(1)
const { main } = await import('../dist/cli/main.js')
await main(process.argv.slice(2))
