/** Persons: one of 50 events. */
import { Dictionary, DictionaryColumn, DoubleColumn, field, Int32Column, Schema, Utf8Column } from '@millrace/algebra'
import { draw, draws, scramble, UNIT } from './draw.ts'
import type { EventKind, Making } from './event-kind.ts'
import { extraSize } from './extra.ts'
import { averageBytes, firstId, perEpoch } from './specification.ts'
import { eventTime } from './time.ts'
import { drawWindow, windows } from './windows.ts'

const firstNames = ['Peter', 'Paul', 'Luke', 'John', 'Saul', 'Vicky', 'Kate', 'Julie', 'Sarah', 'Deiter', 'Walter']
const lastNames = ['Shultz', 'Abrams', 'Spencer', 'White', 'Bartels', 'Walton', 'Smith', 'Jones', 'Noris']
const names = new Dictionary(firstNames.flatMap(first => lastNames.map(last => `${first} ${last}`)))
const cities = new Dictionary(
  'Phoenix,Los Angeles,San Francisco,Boise,Portland,Bend,Redmond,Seattle,Kent,Cheyenne'.split(','),
)
const states = new Dictionary(['AZ', 'CA', 'ID', 'OR', 'WA', 'WY'])

const ID_BYTES = 8
/** Four groups of four digits with spaces between them. */
const CARD_BYTES = 19
/** The most that an address takes, in words: 6 letters, @, 4 letters, .com. */
const EMAIL_WORDS = 4
const CARD_WORDS = 5

export const personKind: EventKind = {
  name: 'persons',
  schema: Schema.record([
    field('id', 'int32'),
    field('name', 'text'),
    field('emailAddress', 'text'),
    field('creditCard', 'text'),
    field('city', 'text'),
    field('state', 'text'),
    field('dateTime', 'timestamp'),
    field('extra', 'text'),
  ]),
  first: 0,
  count: perEpoch.persons,
  columns: {
    id(making) {
      const values = new Int32Array(making.rows)
      making.fills.push((epoch, _position, _count, at) => {
        values[at] = firstId.person + epoch
      })
      return new Int32Column(values)
    },
    name: making => new DictionaryColumn(codes(making, draws.personName, names), names),
    emailAddress: making => emails(making),
    creditCard(making) {
      const key = making.key(draws.personCreditCard)
      return written(making, CARD_WORDS, (epoch, bytes, at) =>
        writeCard(bytes, at, draw(key, epoch, 0), draw(key, epoch, 1)),
      )
    },
    city: making => new DictionaryColumn(codes(making, draws.personCity, cities), cities),
    state: making => new DictionaryColumn(codes(making, draws.personState, states), states),
    dateTime(making) {
      const values = new Float64Array(making.rows)
      making.fills.push((epoch, _position, _count, at) => {
        values[at] = eventTime(making.config, epoch * perEpoch.events)
      })
      return new DoubleColumn(values)
    },
    extra(making) {
      const texts = [
        { codes: codes(making, draws.personName, names), dictionary: names },
        { codes: codes(making, draws.personCity, cities), dictionary: cities },
        { codes: codes(making, draws.personState, states), dictionary: states },
      ]
      const email = emails(making)
      const key = making.key(draws.personExtra)
      const { starts, lengths } = windows(making, (epoch, position, row) => {
        let current = ID_BYTES + email.lengths[row] + CARD_BYTES
        for (const { codes, dictionary } of texts) current += dictionary.values[codes[row]].length
        const size = extraSize(current, averageBytes.person)
        return drawWindow(draw(key, epoch, position), size.least, size.spread)
      })
      return new Utf8Column(starts, lengths, making.texts.letters)
    },
  },
}

/** Evenly drawn codes of a dictionary. */
function codes(making: Making, stream: number, { values }: Dictionary): Int32Array {
  return making.shared(`codes ${stream}`, () => {
    const drawn = new Int32Array(making.rows)
    const key = making.key(stream)
    making.fills.push((epoch, position, _count, at) => {
      drawn[at] = Math.floor(draw(key, epoch, position) * (values.length * UNIT))
    })
    return drawn
  })
}

function emails(making: Making): Utf8Column {
  return making.shared('emails', () => {
    const key = making.key(draws.personEmail)
    return written(making, EMAIL_WORDS, (epoch, bytes, at) => writeEmail(bytes, at, draw(key, epoch, 0)))
  })
}

/** A text column of which each row is written anew; `write` returns its length. */
function written(
  making: Making,
  words: number,
  write: (epoch: number, bytes: Uint8Array, at: number) => number,
): Utf8Column {
  const starts = new Int32Array(making.rows)
  const lengths = new Int32Array(making.rows)
  const heap = new Int32Array(making.rows * words)
  const bytes = new Uint8Array(heap.buffer)
  making.fills.push((epoch, _position, _count, at) => {
    starts[at] = at * words
    lengths[at] = write(epoch, bytes, at * words * 4)
  })
  return new Utf8Column(starts, lengths, heap)
}

/** 3 to 6 letters, @, 3 or 4 letters, .com. */
function writeEmail(bytes: Uint8Array, at: number, bits: number): number {
  const start = at
  let state = bits
  const letters = (count: number): void => {
    for (; count > 0; count--) {
      state = scramble(state + 1)
      bytes[at++] = 0x61 + Math.floor((state >>> 1) * (26 * UNIT))
    }
  }
  letters(3 + (bits >>> 29))
  bytes[at++] = 0x40
  letters(3 + ((bits >>> 28) & 1))
  for (const unit of DOT_COM) bytes[at++] = unit
  return at - start
}

const DOT_COM = [0x2e, 0x63, 0x6f, 0x6d]

/** `0000 0000 0000 0000`: eight digits of each draw. */
function writeCard(bytes: Uint8Array, at: number, first: number, second: number): number {
  const eight = 10 ** 8 * UNIT
  for (const [group, bits] of [first, first, second, second].entries()) {
    const digits = Math.floor(bits * eight)
    let four = group % 2 === 0 ? Math.floor(digits / 10_000) : digits % 10_000
    for (let place = 3; place >= 0; place--) {
      bytes[at + group * 5 + place] = 0x30 + (four % 10)
      four = Math.floor(four / 10)
    }
    if (group < 3) bytes[at + group * 5 + 4] = 0x20
  }
  return CARD_BYTES
}
