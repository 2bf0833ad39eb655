/** How long an `extra` is: as long as brings its event to the average size, give or take a fifth. */
export interface ExtraSize {
  readonly least: number
  /** Lengths are `least` to `least + spread - 1`, or just `least` if 0. */
  readonly spread: number
}

export function extraSize(currentBytes: number, averageBytes: number): ExtraSize {
  if (currentBytes > averageBytes) return { least: 0, spread: 0 }
  const wanted = averageBytes - currentBytes
  const delta = Math.round(wanted * 0.2)
  return { least: wanted - delta, spread: 2 * delta }
}
