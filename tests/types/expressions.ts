/** The values of expressions: null goes through, bigints stay bigints. */
import { int32, literal, text, when } from 'millrace'
import { flights, payments, rows } from './rows.ts'

rows<{ sum: number; product: number; big: bigint; maybe: number | null; sure: number; whole: number }>()(
  payments.select(c => ({
    sum: c.time.plus(1).minus(2).negate().abs(),
    product: c.time.times(c.time).divide(3).modulo(7).floor().ceil().round(2),
    big: c.amount.plus(1n).times(c.amount),
    maybe: c.time.minus(c.discount),
    sure: c.discount.orElse(0).plus(1),
    whole: c.discount.orElse(0).as(int32),
  })),
  true,
)
rows<{
  up: string
  tail: string | null
  letters: number
  chars: number | null
  like: boolean
  maybe: boolean | null
}>()(
  flights.select(c => ({
    up: c.origin.upper().lower().concat('!').concat(c.destination),
    tail: c.tail.upper(),
    letters: c.origin.length(),
    chars: c.tail.length(),
    like: c.origin.like('S%'),
    maybe: c.tail.like('N%').or(c.origin.eq('SEA')),
  })),
  true,
)
rows<{ eq: boolean; ne: boolean | null; lt: boolean; in: boolean; known: boolean; not: boolean | null }>()(
  flights.select(c => ({
    eq: c.origin.eq(c.destination),
    ne: c.origin.ne(c.tail),
    lt: c.delay.lt(10).and(c.delay.ge(1)),
    in: c.origin.in(['SEA', 'SFO']),
    known: c.tail.isNull().not(),
    not: c.tail.eq('N1').not(),
  })),
  true,
)
rows<{ verdict: 'late' | 'on time'; source: 'radar'; code: string; none: number | null }>()(
  flights.select(c => ({
    verdict: when(c.delay.gt(15), 'late', 'on time'),
    source: literal('radar'),
    code: c.delay.as(text),
    none: when(c.delay.gt(15), c.delay, null),
  })),
  true,
)
flights.where(c => c.tail.like('N%'))
flights.select(c => ({ ...c, hours: c.delay.divide(60) })).where(c => c.hours.gt(1).and(c.origin.ne('SEA')))
