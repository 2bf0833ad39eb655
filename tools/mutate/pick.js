/** Some of many by a seed: the same seed, the same choice. Generator: splitmix32 (Steele, Lea, Flood 2014). */
export function pick(all, count, seed) {
  let state = seed | 0
  const below = limit => {
    state = (state + 0x9e3779b9) | 0
    let z = state ^ (state >>> 16)
    z = Math.imul(z, 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return Math.floor((((z ^ (z >>> 15)) >>> 0) / 2 ** 32) * limit)
  }
  const rest = [...all]
  const chosen = []
  while (chosen.length < count && rest.length > 0) chosen.push(...rest.splice(below(rest.length), 1))
  return chosen.sort((a, b) => a.start - b.start)
}
