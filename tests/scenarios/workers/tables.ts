/** The tables of the scenarios, made of nothing but a counter, and SQL over them: DuckDB says what a program must give. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

/** As many as make several batches of every file. */
const FILES = 5
const ROWS_OF_FILE = 1300

/**
 * Writes into the folder `flights/` (five files, one behind the other in `id` and in `date`), `marks.jsonl`, `empty.csv` and
 * `airports.csv`. Not every origin has an airport, and one has two.
 */
export function writeTables(folder: string): void {
  mkdirSync(join(folder, 'flights'), { recursive: true })
  const all: string[] = []
  for (let file = 0; file < FILES; file++) {
    const lines = Array.from({ length: ROWS_OF_FILE }, (_, i) => flight(file * ROWS_OF_FILE + i, file))
    writeFileSync(join(folder, 'flights', `${file}.csv`), `id,file,date,delay,origin,tail\n${lines.join('\n')}\n`)
    all.push(...lines)
  }
  writeFileSync(join(folder, 'empty.csv'), 'id,file,date,delay,origin,tail\n')
  const marked = all.filter((_, i) => i % 50 === 0).map(line => ({ id: Number(line.split(',')[0]), mark: 'some' }))
  writeFileSync(join(folder, 'marks.jsonl'), `${marked.map(row => JSON.stringify(row)).join('\n')}\n`)
  const airports = Array.from({ length: 40 }, (_, i) => `O${i},S${i % 7}`)
  writeFileSync(join(folder, 'airports.csv'), `iata,state\n${[...airports, 'O3,S9', 'XXX,S1'].join('\n')}\n`)
}

/** Row `id`: its time grows with it, and is less than a second out of order. */
function flight(id: number, file: number): string {
  const shuffled = (id * 7919) % 104_729
  const date = new Date(Date.UTC(2001, 0, 1) + id * 1000 - (shuffled % 900)).toISOString()
  const tail = shuffled % 11 === 0 ? '' : `N${shuffled % 5}`
  return [id, file, date, (shuffled % 91) - 30, `O${shuffled % 47}`, tail].join(',')
}

/** SQL over the tables. */
export class Sql {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance
    this.#connection = connection
  }

  static async open(folder: string): Promise<Sql> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
    const connection = await instance.connect()
    const at = (file: string) => `'${join(folder, file)}'`
    const columns = `{id: 'INT', file: 'INT', date: 'TIMESTAMP', delay: 'INT', origin: 'VARCHAR', tail: 'VARCHAR'}`
    await connection.run(`
      create table flights as select * replace (epoch_ms(date) as date)
        from read_csv(${at('flights/*.csv')}, header = true, columns = ${columns}, nullstr = '');
      create table airports as select * from read_csv(${at('airports.csv')}, header = true, all_varchar = true);
      create table marks as select * from read_json(${at('marks.jsonl')}, columns = {id: 'INT', mark: 'VARCHAR'});`)
    return new Sql(instance, connection)
  }

  /** Rows of a result, as objects. */
  async rows(sql: string): Promise<Record<string, unknown>[]> {
    return (await this.#connection.runAndReadAll(sql)).getRowObjectsJS()
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }
}
