/** Auctions: three of 50 events, so that their columns are made a row at a time. */
import { type Column, DoubleColumn, field, Int32Column, Schema, Utf8Column } from '@millrace/algebra'
import { draw, draws, UNIT } from './draw.ts'
import type { EventKind, Making } from './event-kind.ts'
import { extraSize } from './extra.ts'
import { IdDraw, setPersons } from './ids.ts'
import type { NexmarkConfig } from './options.ts'
import { price } from './price.ts'
import { averageBytes, firstId, perEpoch } from './specification.ts'
import { eventTime } from './time.ts'
import { drawWindow, trimmed, type Windows, windows } from './windows.ts'

const CATEGORIES = 5
/** Six numbers of eight bytes. */
const FIXED_BYTES = 48
const NAME_BYTES = 20
const DESCRIPTION_BYTES = 100
const LEAST_BYTES = 3

export const auctionKind: EventKind = {
  name: 'auctions',
  schema: Schema.record([
    field('id', 'int32'),
    field('itemName', 'text'),
    field('description', 'text'),
    field('initialBid', 'int32'),
    field('reserve', 'int32'),
    field('dateTime', 'timestamp'),
    field('expires', 'timestamp'),
    field('seller', 'int32'),
    field('category', 'int32'),
    field('extra', 'text'),
  ]),
  first: perEpoch.persons,
  count: perEpoch.auctions,
  columns: {
    id: making => integers(making, (epoch, position) => firstId.auction + epoch * perEpoch.auctions + position),
    itemName: making => textColumn(names(making), making.texts.words),
    description: making => textColumn(descriptions(making), making.texts.words),
    initialBid(making) {
      const key = making.key(draws.auctionInitialBid)
      return integers(making, (epoch, position) => price(draw(key, epoch, position)))
    },
    reserve(making) {
      const initial = making.key(draws.auctionInitialBid)
      const key = making.key(draws.auctionReserve)
      return integers(
        making,
        (epoch, position) => price(draw(initial, epoch, position)) + price(draw(key, epoch, position)),
      )
    },
    dateTime: making => times(making, event => eventTime(making.config, event)),
    expires(making) {
      const key = making.key(draws.auctionExpires)
      return times(making, (event, epoch, position) => {
        const time = eventTime(making.config, event)
        return time + auctionLength(making.config, event, time, draw(key, epoch, position))
      })
    },
    seller(making) {
      const { hotSellersRatio, activePeople } = making.config
      const ids = new IdDraw(hotSellersRatio)
      const key = making.key(draws.auctionSeller)
      return integers(making, (epoch, position) => {
        setPersons(ids, epoch, activePeople, 0)
        return ids.id(draw(key, epoch, position))
      })
    },
    category(making) {
      const key = making.key(draws.auctionCategory)
      return integers(
        making,
        (epoch, position) => firstId.category + Math.floor(draw(key, epoch, position) * (CATEGORIES * UNIT)),
      )
    },
    extra(making) {
      const name = names(making)
      const description = descriptions(making)
      const key = making.key(draws.auctionExtra)
      const extra = windows(making, (epoch, position, row) => {
        const size = extraSize(FIXED_BYTES + name.lengths[row] + description.lengths[row], averageBytes.auction)
        return drawWindow(draw(key, epoch, position), size.least, size.spread)
      })
      return textColumn(extra, making.texts.letters)
    },
  },
}

/** So long that about as many auctions as wanted are open at a time: up to twice the time in which as many begin. */
function auctionLength(config: NexmarkConfig, event: number, time: number, bits: number): number {
  const eventsAhead = Math.floor((config.inFlightAuctions * perEpoch.events) / perEpoch.auctions)
  const horizonMs = eventTime(config, event + eventsAhead) - time
  return 1 + Math.floor(bits * UNIT * Math.max(horizonMs * 2, 1))
}

function names(making: Making): Windows {
  return making.shared('names', () => words(making, making.key(draws.auctionName), NAME_BYTES))
}

function descriptions(making: Making): Windows {
  return making.shared('descriptions', () => words(making, making.key(draws.auctionDescription), DESCRIPTION_BYTES))
}

/** Texts of 3 to `mostBytes` - 1 bytes, less the spaces at their ends. */
function words(making: Making, key: number, mostBytes: number): Windows {
  const pool = making.texts.words
  return windows(making, (epoch, position) =>
    trimmed(pool, drawWindow(draw(key, epoch, position), LEAST_BYTES, mostBytes - LEAST_BYTES)),
  )
}

function textColumn({ starts, lengths }: Windows, heap: Int32Array): Column {
  return new Utf8Column(starts, lengths, heap)
}

function integers(making: Making, value: (epoch: number, position: number) => number): Column {
  const values = new Int32Array(making.rows)
  making.fills.push((epoch, position, count, at) => {
    for (let i = 0; i < count; i++) values[at + i] = value(epoch, position + i)
  })
  return new Int32Column(values)
}

function times(making: Making, time: (event: number, epoch: number, position: number) => number): Column {
  const values = new Float64Array(making.rows)
  making.fills.push((epoch, position, count, at) => {
    const event = epoch * perEpoch.events + perEpoch.persons + position
    for (let i = 0; i < count; i++) values[at + i] = time(event + i, epoch, position + i)
  })
  return new DoubleColumn(values)
}
