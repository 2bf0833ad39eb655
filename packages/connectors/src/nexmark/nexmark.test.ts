import type { Source } from '@millrace/runtime'
import { readSource } from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import type { NexmarkOptions } from './options.ts'
import type { Auction, Bid, Person } from './rows.ts'
import { auctions, bids, persons } from './source.ts'

// The twin: one event at a time, as objects, from the written definition. It shares no code with the generator.

/** a * b modulo 2^32, by halves. */
const times = (a: number, b: number) => (((((a >>> 16) * b) % 65536) * 65536 + (a & 65535) * b) % 2 ** 32) >>> 0
const plus = (a: number, b: number) => (a + b) >>> 0
function half(word: number): number {
  const once = times((word ^ (word >>> 16)) >>> 0, 0x21f0aaad)
  return times((once ^ (once >>> 15)) >>> 0, 0x735a2d97)
}
function mixed(word: number): number {
  const twice = half(word)
  return (twice ^ (twice >>> 15)) >>> 0
}
const low = (seed: number, column: number) => mixed(plus(seed >>> 0, times(column, 0x9e3779b9)))
const stream = (seed: number, column: number) =>
  mixed((low(seed, column) ^ times(Math.floor(seed / 2 ** 32) >>> 0, 0x21f0aaad)) >>> 0)
const unit = (word: number) => (word >>> 1) / 2 ** 31
/** In [0, 1). */
function draw(seed: number, column: number, epoch: number, position: number): number {
  const key = mixed((stream(seed, column) ^ times(epoch + 1, 0x9e3779b9)) >>> 0)
  return unit(half(plus(key, times(position + 1, 0x9e3779b9))))
}
const pools = new Map<string, string>()
function pool(seed: number, column: 21 | 22): string {
  let made = pools.get(`${seed} ${column}`) ?? ''
  for (const key = stream(seed, column); made.length < 2 ** 18; ) {
    const bits = mixed(plus(key, made.length))
    const space = column === 22 && made.length % 4 > 0 && Math.floor(unit(mixed(bits)) * 13) === 0
    made += space ? ' ' : 'abcdefghijklmnopqrstuvwxyz'[Math.floor(unit(bits) * 26)]
  }
  pools.set(`${seed} ${column}`, made)
  return made
}
function text(seed: number, column: 21 | 22, word: number, length: number): string {
  const made = pool(seed, column).slice(word * 4, word * 4 + length)
  return column === 22 ? made.trimEnd() : made
}
function window(u: number, least: number, spread: number): [word: number, length: number] {
  const scaled = u * Math.max(spread, 1)
  const places = 65536 - Math.floor((least + spread + 3) / 4)
  return [Math.floor((scaled - Math.floor(scaled)) * places), least + Math.floor(scaled)]
}
function extra(seed: number, u: number, current: number, average: number): string {
  const wanted = Math.max(average - current, 0)
  const delta = Math.round(wanted * 0.2)
  return text(seed, 21, ...window(u, wanted - delta, 2 * delta))
}
const price = (u: number) => {
  const bits = Math.floor(u * 2 ** 20)
  return Math.round(10 ** ((6 * bits) / 2 ** 20) * 100)
}

class Twin {
  readonly seed: number
  readonly options: NexmarkOptions
  constructor(options: NexmarkOptions) {
    this.seed = options.seed ?? 1
    this.options = options
  }
  draw(column: number, epoch: number, position: number): number {
    return draw(this.seed, column, epoch, position)
  }
  time(event: number): number {
    const us = Math.floor(event * (1e6 / (this.options.eventsPerSecond ?? 10_000)))
    return (this.options.baseTime ?? Date.UTC(2015, 6, 15)) + Math.floor(us / 1000)
  }
  /** The newest persons of an epoch, hot ones all but once in `ratio` times. */
  personOf(u: number, epoch: number, ratio: number, hot: number): number {
    if (u * ratio >= 1) return 1000 + Math.floor(epoch / 100) * 100 + hot
    const active = Math.min(epoch + 1, this.options.activePeople ?? 1000)
    return 1000 + epoch + 1 - active + Math.floor(u * ratio * (active + 10))
  }
  auctionOf(u: number, epoch: number): number {
    const { auctions, inFlightAuctions = 100, hotAuctionRatio: ratio = 2 } = this.options
    if (auctions !== undefined) return 1000 + Math.floor(u * auctions)
    const last = epoch * 3 + 2
    if (u * ratio >= 1) return 1000 + Math.floor(last / 100) * 100
    const first = Math.max(last - inFlightAuctions, 0)
    return 1000 + first + Math.floor(u * ratio * (last - first + 1 + 10))
  }
  bid(epoch: number, position: number): Omit<Bid, 'url'> {
    const { bidders, hotBiddersRatio = 4 } = this.options
    const bidder = this.draw(2, epoch, position)
    const channel = this.draw(4, epoch, position)
    return {
      auction: this.auctionOf(this.draw(1, epoch, position), epoch),
      bidder:
        bidders === undefined ? this.personOf(bidder, epoch, hotBiddersRatio, 1) : 1000 + Math.floor(bidder * bidders),
      price: price(this.draw(3, epoch, position)),
      channel:
        channel < 0.5
          ? `channel-${Math.floor(channel * 20_000)}`
          : (['Google', 'Facebook', 'Baidu', 'Apple'][Math.floor(channel * 8) % 4] as string),
      dateTime: this.time(epoch * 50 + 4 + position),
      extra: extra(this.seed, this.draw(5, epoch, position), 32, 100),
    }
  }
  auction(epoch: number, position: number): Auction {
    const itemName = text(this.seed, 22, ...window(this.draw(6, epoch, position), 3, 17))
    const description = text(this.seed, 22, ...window(this.draw(7, epoch, position), 3, 97))
    const event = epoch * 50 + 1 + position
    const initialBid = price(this.draw(8, epoch, position))
    const ahead = Math.floor(((this.options.inFlightAuctions ?? 100) * 50) / 3)
    const horizon = this.time(event + ahead) - this.time(event)
    return {
      id: 1000 + epoch * 3 + position,
      itemName,
      description,
      initialBid,
      reserve: initialBid + price(this.draw(9, epoch, position)),
      dateTime: this.time(event),
      expires: this.time(event) + 1 + Math.floor(this.draw(10, epoch, position) * Math.max(horizon * 2, 1)),
      seller: this.personOf(this.draw(11, epoch, position), epoch, this.options.hotSellersRatio ?? 4, 0),
      category: 10 + Math.floor(this.draw(12, epoch, position) * 5),
      extra: extra(this.seed, this.draw(13, epoch, position), 48 + itemName.length + description.length, 500),
    }
  }
  person(epoch: number): Omit<Person, 'emailAddress' | 'extra'> {
    const first = 'Peter,Paul,Luke,John,Saul,Vicky,Kate,Julie,Sarah,Deiter,Walter'.split(',')
    const last = 'Shultz,Abrams,Spencer,White,Bartels,Walton,Smith,Jones,Noris'.split(',')
    const names = first.flatMap(f => last.map(l => `${f} ${l}`))
    const cities = 'Phoenix,Los Angeles,San Francisco,Boise,Portland,Bend,Redmond,Seattle,Kent,Cheyenne'.split(',')
    const of = (list: string[], column: number) => list[Math.floor(this.draw(column, epoch, 0) * list.length)] as string
    const digits = [0, 1].map(p => `${Math.floor(this.draw(16, epoch, p) * 1e8)}`.padStart(8, '0')).join('')
    return {
      id: 1000 + epoch,
      name: of(names, 14),
      creditCard: (digits.match(/..../g) as string[]).join(' '),
      city: of(cities, 17),
      state: of('AZ,CA,ID,OR,WA,WY'.split(','), 18),
      dateTime: this.time(epoch * 50),
    }
  }
  all<T>(count: number, events: number, first: number, make: (epoch: number, position: number) => T): T[] {
    const rows: T[] = []
    for (let n = 0; n < events; n++) {
      const position = (n % 50) - first
      if (position >= 0 && position < count) rows.push(make(Math.floor(n / 50), position))
    }
    return rows
  }
}

const variants: NexmarkOptions[] = [
  {},
  { seed: -7, eventsPerSecond: 1_000_000, baseTime: 0 },
  { seed: 2 ** 40 + 5, hotAuctionRatio: 1, hotBiddersRatio: 100, hotSellersRatio: 1, eventsPerSecond: 3 },
  { seed: 3, activePeople: 10, inFlightAuctions: 7, eventsPerSecond: 777 },
  { seed: 4, bidders: 130_000, auctions: 1000 },
]
const events = 2_030

describe.each(variants)('nexmark %j', options => {
  const twin = new Twin(options)
  const all = async <T>(source: Source<T>) => (await readSource(source)).rows as T[]

  it('makes the bids of the definition', async () => {
    const made = await all(bids({ ...options, events }))
    expect(made.map(({ url, ...bid }) => bid)).toEqual(twin.all(46, events, 4, (e, p) => twin.bid(e, p)))
    for (const { url } of made)
      expect(url).toMatch(/^https:\/\/www\.nexmark\.com(\/[a-z_]{3,4}){3}\/item\.htm\?query=1/)
  })
  it('makes the auctions of the definition', async () => {
    const made = await all(auctions({ ...options, events }))
    expect(made).toEqual(twin.all(3, events, 1, (e, p) => twin.auction(e, p)))
  })
  it('makes the persons of the definition', async () => {
    const made = await all(persons({ ...options, events }))
    expect(made.map(({ emailAddress, extra, ...person }) => person)).toEqual(
      twin.all(1, events, 0, e => twin.person(e)),
    )
    for (const [epoch, person] of made.entries()) {
      expect(person.emailAddress).toMatch(/^[a-z]{3,6}@[a-z]{3,4}\.com$/)
      const { name, emailAddress, city, state } = person
      const current = 8 + name.length + emailAddress.length + 19 + city.length + state.length
      expect(person.extra).toBe(extra(twin.seed, twin.draw(19, epoch, 0), current, 200))
    }
  })
})
