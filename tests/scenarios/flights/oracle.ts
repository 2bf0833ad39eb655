/**
 * The flights scenario as SQL: what the job must produce, asked of DuckDB over the same two files.
 *
 * A row's event time is its actual departure, `date` + `delay` minutes. Watermarks come from the source, before the
 * join, at fixed positions: after every 1024th row of the file the watermark is the newest event time so far, less
 * the disorder bound, less 1 ms. So the watermark in force for a row is made of the complete blocks of 1024 rows
 * before its own, and of the flights with an unknown airport too, which the join then drops.
 *
 * A window [start, start + size) is closed once the watermark reaches start + size - 1. A row is added to those of
 * its windows that are still open when it arrives; with none open it is late. What a window holds at the end is the
 * same however the rows are batched, and a final watermark closes them all.
 *
 * The file is in the order of `date` (`scheduleInversions` is 0), so its rows are taken as they lie.
 */
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'

export interface FlightsInput {
  /** Path of the Parquet file: date, delay (minutes), origin. */
  readonly flights: string
  /** Path of the CSV file: iata, state. */
  readonly airports: string
  readonly disorderMs: number
  /** Only the first rows of the flights; all of them by default. */
  readonly rows?: number
}

/** Windows of `sizeMs` that start at every multiple of `slideMs` since 1970 UTC; equal for tumbling ones. */
export interface WindowSpec {
  readonly sizeMs: number
  /** At most `sizeMs`. */
  readonly slideMs: number
}

/** One window of one state: its bounds in epoch milliseconds, its flights, their mean and longest delay in minutes. */
export interface DelayWindow {
  readonly state: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly departures: number
  readonly meanDelay: number
  readonly worstDelay: number
}

/** The rows the windows drop. Together the figures say which rows they are, not only how many. */
export interface LateRows {
  readonly rows: number
  /** Sum of their delays in minutes. */
  readonly delays: number
  /** Sum of their positions in the file, the first row's being 1. */
  readonly positions: number
}

const DAY_MS = 86_400_000

/** Tumbling days (UTC). */
export const daily: WindowSpec = { sizeMs: DAY_MS, slideMs: DAY_MS }

/** The windows of every state, by start and then by state. */
export async function delayWindows(input: FlightsInput, window: WindowSpec): Promise<DelayWindow[]> {
  const columns = await query(`${arrivals(input, window)}
    , member as (
        select state, delay, newest_start - lap.generate_series * ${window.slideMs} as start, time, watermark
        from arrival, generate_series(0, ${Math.ceil(window.sizeMs / window.slideMs) - 1}) as lap
      )
    select state, start::double, (start + ${window.sizeMs})::double, count(*)::double, avg(delay), max(delay)::double
    from member
    where time < start + ${window.sizeMs} and (watermark is null or watermark < start + ${window.sizeMs} - 1)
    group by state, start order by start, state`)
  const [states, starts, ends, counts, means, worsts] = columns as [string[], ...number[][]]
  return states.map((state, i) => ({
    state,
    windowStart: starts[i],
    windowEnd: ends[i],
    departures: counts[i],
    meanDelay: means[i],
    worstDelay: worsts[i],
  }))
}

/** The rows that came when all of their windows were closed. */
export async function lateRows(input: FlightsInput, window: WindowSpec): Promise<LateRows> {
  const [[rows], [delays], [positions]] = (await query(`${arrivals(input, window)}
    select count(*)::double, coalesce(sum(delay), 0)::double, coalesce(sum(position), 0)::double
    from arrival where watermark >= newest_start + ${window.sizeMs} - 1`)) as number[][]
  return { rows, delays, positions }
}

/** How many rows of the file are scheduled before the row in front of them. */
export async function scheduleInversions(input: Pick<FlightsInput, 'flights'>): Promise<number> {
  const [[inversions]] = (await query(`
    select count(*)::double
    from (select date, lag(date) over (order by file_row_number) as before
          from read_parquet(${literal(input.flights)}, file_row_number = true))
    where date < before`)) as number[][]
  return inversions
}

/** Joined rows with what the window operator knows when they arrive: `state, delay, position, time, watermark, newest_start`. */
function arrivals({ flights, airports, disorderMs, rows }: FlightsInput, { sizeMs, slideMs }: WindowSpec): string {
  if (!(slideMs > 0 && slideMs <= sizeMs)) throw new RangeError(`invalid slide: ${slideMs} (windows of ${sizeMs} ms)`)
  return `
    with flight as (
      select file_row_number + 1 as position, file_row_number // 1024 as block, origin, delay,
             epoch_ms(date) + delay * 60000 as time
      from read_parquet(${literal(flights)}, file_row_number = true)
      ${rows === undefined ? '' : `where file_row_number < ${rows}`}
    ), block as (
      select block, max(time) as newest from flight group by block
    ), mark as (
      select block, max(newest) over (order by block rows between unbounded preceding and 1 preceding)
                    - ${disorderMs} - 1 as watermark
      from block
    ), airport as (
      select iata, state
      from read_csv(${literal(airports)}, header = true, delim = ',', quote = '"', escape = '"', all_varchar = true)
    ), arrival as (
      select state, delay, position, time, watermark, time - time % ${slideMs} as newest_start
      from flight join airport on origin = iata join mark using (block)
    )`
}

/** The result's columns. */
async function query(sql: string): Promise<DuckDBValue[][]> {
  const instance = await DuckDBInstance.create(':memory:')
  let connection: DuckDBConnection | undefined
  try {
    connection = await instance.connect()
    return (await connection.runAndReadAll(sql)).getColumns()
  } finally {
    connection?.closeSync()
    instance.closeSync()
  }
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
