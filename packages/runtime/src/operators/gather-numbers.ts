/** Weights and times of rows picked by index: `gather` for what is no column. */

export function gatherInts(values: Int32Array | null, rows: Int32Array): Int32Array | null {
  if (values === null) return null
  const out = new Int32Array(rows.length)
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]]
  return out
}

export function gatherDoubles(values: Float64Array | null, rows: Int32Array): Float64Array | null {
  if (values === null) return null
  const out = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]]
  return out
}
