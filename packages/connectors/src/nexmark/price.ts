/**
 * Prices: 10^(6u) * 100 for uniform u, from 100 to just under 10^8, rounded to integers.
 *
 * u has 20 bits. 10^(6u) is the product of a factor for the upper ten and one for the lower ten, from two tables that
 * fit the first-level cache: a third of the cost of `**`. Their entries are cut to fifteen digits, because the last bits
 * of `**` differ between engines.
 */
export interface PriceTables {
  readonly coarse: Float64Array
  readonly fine: Float64Array
}

let tables: PriceTables | undefined

/** Made when they are first asked for. */
export function priceTables(): PriceTables {
  return (tables ??= { coarse: powers(100, 6 / 2 ** 10), fine: powers(1, 6 / 2 ** 20) })
}

function powers(scale: number, exponent: number): Float64Array {
  return Float64Array.from({ length: 1024 }, (_, i) => Number((scale * 10 ** (i * exponent)).toPrecision(15)))
}

/** The price that 31 random bits stand for. */
export function price(bits: number): number {
  const { coarse, fine } = priceTables()
  return Math.floor(coarse[bits >>> 21] * fine[(bits >>> 11) & 1023] + 0.5)
}
