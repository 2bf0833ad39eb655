/** Plants one defect after the other, and runs seeds until one is wrong. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { bundle } from './bundle.js'
import { mutants } from './mutants.js'

const SEEDS = 500
/** A defect that hangs the simulator is found. */
const PATIENCE_MS = 1_200_000

/** Returns the names of those that were not found. */
export async function plant(root, folder, only) {
  const missed = []
  for (const [i, { name, patches }] of mutants.entries()) {
    if (only !== undefined && !name.includes(only)) continue
    const file = join(folder, `mutant-${i}.mjs`)
    await bundle(root, file, patches)
    const { found, text } = await run(file)
    console.log(`${found ? 'found' : 'MISSED'} ${name}${found ? `: ${text}` : ''}`)
    if (!found) missed.push(name)
  }
  return missed
}

function run(file) {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, ['--max-semi-space-size=64', file, '1', String(SEEDS), 'first'])
    let text = ''
    child.stdout.on('data', data => (text += data))
    child.stderr.on('data', data => (text += data))
    const limit = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
    child.once('error', failed)
    child.once('exit', code => {
      clearTimeout(limit)
      const line = text.split('\n').find(each => /^seed /.test(each)) ?? text.trim().split('\n').at(-1) ?? ''
      done({ found: code !== 0, text: line.slice(0, 160) })
    })
  })
}
