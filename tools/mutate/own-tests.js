/**
 * The tests of a file: those in its folder that reach it through imports; where none does, those of its package. They
 * come nearest first, since the first that fails is enough.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'

export function ownTests(file) {
  const beside = reaching(file, testsIn(dirname(file), false))
  return beside.length > 0 ? beside : reaching(file, testsIn(packageOf(file), true))
}

function testsIn(folder, recursive) {
  return readdirSync(folder, { recursive })
    .filter(name => /\.(test|fuzz)\.ts$/.test(name) && !name.split(sep).includes('node_modules'))
    .map(name => join(folder, name))
}

/** The nearest folder above that has a package.json, or the file's own. */
function packageOf(file) {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'package.json'))) return folder
  return dirname(file)
}

/** Those beside the file that are called like it, and those that import it, however far away, by relative imports. */
function reaching(file, tests) {
  const called = file.replace(/[jt]s$/, '')
  return tests
    .map(test => ({ test, steps: test.startsWith(called) ? 0 : distance(test, file) }))
    .filter(({ steps }) => steps < Number.POSITIVE_INFINITY)
    .sort((a, b) => a.steps - b.steps)
    .map(({ test }) => test)
}

/** Imports between two files; infinite: none leads there. */
function distance(from, to) {
  const seen = new Set([from])
  let ring = [from]
  for (let steps = 0; ring.length > 0; steps++) {
    if (ring.includes(to)) return steps
    ring = ring.flatMap(importsOf).filter(path => !seen.has(path) && seen.add(path))
  }
  return Number.POSITIVE_INFINITY
}

function importsOf(path) {
  if (!existsSync(path)) return []
  const found = readFileSync(path, 'utf8').matchAll(/from '(\.{1,2}\/[^']+\.[jt]s)'/g)
  return [...found].map(([, name]) => resolve(dirname(path), name))
}
