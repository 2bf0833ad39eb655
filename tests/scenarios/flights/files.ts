/** Where the records of the flights scenario lie: two files of the npm package `vega-datasets`. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

// The package exports its entry only, so its data folder is found from there.
const data = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data')

/** Three million US flights, January to June 2001, in the order of their schedule. */
export const FLIGHTS = join(data, 'flights-3m.parquet')

/** The airports they leave from. */
export const AIRPORTS = join(data, 'airports.csv')
