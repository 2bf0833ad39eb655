/**
 * `npm run mutate -- FILE [TESTS...] [--seed N]`: do the tests of a file notice when it is broken?
 *
 * Plants ten generated defects in FILE, one at a time, and runs its tests (those beside it that reach it through imports):
 * an operator flipped, a constant off by one, a statement dropped, the branches of a condition swapped. Prints which were caught, from which seed, and
 * fails if fewer than nine were. All of it happens in a copy of the checkout, so that nothing can be left broken. A defect
 * that hangs the tests is caught.
 *
 * DeMillo, Lipton, Sayward 1978, "Hints on Test Data Selection".
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyCheckout } from './mutate/copy-checkout.js'
import { mutants } from './mutate/mutants.js'
import { ownTests } from './mutate/own-tests.js'
import { pick } from './mutate/pick.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const planted = 10
const wanted = 9
/** A defect hangs the tests when they take so many times as long as without it; and at least this long. */
const patience = 6
const leastLimitMs = 20_000
const longestMs = 300_000

const args = process.argv.slice(2)
const seedAt = args.indexOf('--seed')
const seed = seedAt === -1 ? 1 : Number(args.splice(seedAt, 2)[1])
const [name] = args
if (name === undefined || !existsSync(name) || !Number.isInteger(seed))
  fail('usage: npm run mutate -- FILE [TESTS...] [--seed N]')

const file = resolve(name)
const tests = args.length > 1 ? args.slice(1).map(path => resolve(path)) : ownTests(file)
if (tests.length === 0)
  fail(`missing tests: ${relative(root, file)} has none beside it that imports it; name them after it`)

const original = readFileSync(file, 'utf8')
const copy = copyCheckout(root)
const victim = join(copy, relative(root, file))
process.once('exit', () => rmSync(copy, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

/** The nearest test by itself, since it is the likeliest to fail, and soon; then the others. */
const groups = [tests.slice(0, 1), tests.slice(1)]
  .filter(group => group.length > 0)
  .map(group => ({ group, limitMs: longestMs }))
if (!(await passes())) fail('invalid start: the tests fail without a defect')
const chosen = pick(mutants(file, original), planted, seed)
if (chosen.length < planted) console.log(`${chosen.length} defects are all there are to plant`)
let caught = 0
for (const { at, from, to, start, end } of chosen) {
  writeFileSync(victim, original.slice(0, start) + to + original.slice(end))
  const noticed = !(await passes())
  if (noticed) caught++
  console.log(`${noticed ? 'caught' : 'MISSED'}  ${relative(root, file)}:${at}  ${oneLine(from)}  ->  ${oneLine(to)}`)
}
console.log(`${caught} of ${chosen.length} defects caught (seed ${seed})`)
process.exit(caught * planted >= wanted * chosen.length ? 0 : 1)

/** True if all tests pass; the first time, it is found out how long each group may take from then on. */
async function passes() {
  for (const each of groups) {
    const began = performance.now()
    if (!(await pass(each))) return false
    if (each.limitMs === longestMs) each.limitMs = Math.max(leastLimitMs, (performance.now() - began) * patience)
  }
  return true
}

/** True if these tests pass within the time limit. */
function pass({ group, limitMs }) {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const runner = [vitest, 'run', '--bail=1', ...group.map(path => relative(root, path))]
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, runner, { cwd: copy, stdio: 'ignore', env: { ...process.env, MUTATE: '1' } })
    const limit = setTimeout(() => child.kill('SIGKILL'), limitMs)
    child.once('error', failed)
    child.once('exit', code => {
      clearTimeout(limit)
      done(code === 0)
    })
  })
}

function oneLine(text) {
  const flat = text.replace(/\s+/g, ' ')
  return flat === '' ? '(nothing)' : flat.length > 60 ? `${flat.slice(0, 57)}...` : flat
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
