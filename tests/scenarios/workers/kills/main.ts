/** What `npm run kills` runs: jobs from the first seed on, until processes were killed at so many moments; or one seed. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bag } from '../results.ts'
import { Sql, writeTables } from '../tables.ts'
import type { KilledCase } from './cases.ts'
import { killedJob } from './killed-job.ts'
import { Totals } from './totals.ts'

/** Then it ends: there is enough to look at. */
const MOST_WRONG = 10

const [folder, first, moments] = process.argv.slice(2) as [string, string, string]
const tables = join(folder, 'tables')
mkdirSync(tables)
writeTables(tables)
const sql = await Sql.open(tables)
const known = new Map<string, Promise<readonly string[]>>()
const expected = (of: KilledCase, name: string): Promise<readonly string[]> => {
  const text = of.queries[name]!
  if (!known.has(text)) known.set(text, sql.rows(text).then(bag))
  return known.get(text)!
}

const totals = new Totals()
for (let seed = Number(first); totals.moments < Math.max(1, Number(moments)); seed++) {
  const job = await killedJob(seed, { folder, tables, expected })
  totals.add(job)
  if (job.problem !== undefined)
    console.log(`seed ${seed} (${job.program}, workers ${job.workers.join(', ')}): ${job.problem}`)
  if (totals.jobs % 10 === 0) console.log(totals.text())
  if (Number(moments) === 0 || totals.wrong === MOST_WRONG) break
}
console.log(totals.text())
sql.close()
process.exit(totals.wrong === 0 ? 0 : 1)
