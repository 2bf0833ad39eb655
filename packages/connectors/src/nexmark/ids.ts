/**
 * Which persons and auctions exist when an epoch's auctions and bids are made, and which of them are hot.
 *
 * With ratio R, all but one draw in R fall on the hot id: the first (of auctions and sellers) or second (of bidders, so
 * that the two do not collide) in the current run of a hundred. The others are spread evenly over the newest ids and
 * a few that are yet to come.
 */
import { firstId, ID_LEAD, perEpoch } from './specification.ts'

/** Of every so many people or auctions in a row, one is hot. */
const HOT_STRIDE = 100

/** Draws y of 31 bits: `y <= coldMost` means `coldFirst + floor(y * coldScale)`, else `hot`. Reused from epoch to epoch. */
export class IdDraw {
  hot = 0
  coldFirst = 0
  coldScale = 0
  readonly coldMost: number
  readonly #ratio: number

  constructor(ratio: number) {
    this.#ratio = ratio
    this.coldMost = Math.ceil(2 ** 31 / ratio) - 1
  }

  set(hot: number, coldFirst: number, coldCount: number): void {
    this.hot = hot
    this.coldFirst = coldFirst
    this.coldScale = (this.#ratio * coldCount) / 2 ** 31
  }

  id(bits: number): number {
    return bits <= this.coldMost ? this.coldFirst + Math.floor(bits * this.coldScale) : this.hot
  }
}

/** The last auction that bids of an epoch can see, counted from 0. */
export function lastAuction(epoch: number): number {
  return epoch * perEpoch.auctions + perEpoch.auctions - 1
}

export function setAuctions(draw: IdDraw, epoch: number, inFlight: number): void {
  const last = lastAuction(epoch)
  const first = Math.max(last - inFlight, 0)
  draw.set(firstId.auction + floorTo(last), firstId.auction + first, last - first + 1 + ID_LEAD)
}

/** `hotOffset`: 0 for sellers, 1 for bidders. */
export function setPersons(draw: IdDraw, epoch: number, activePeople: number, hotOffset: number): void {
  const people = epoch + 1
  const active = Math.min(people, activePeople)
  draw.set(firstId.person + floorTo(epoch) + hotOffset, firstId.person + people - active, active + ID_LEAD)
}

function floorTo(id: number): number {
  return Math.floor(id / HOT_STRIDE) * HOT_STRIDE
}
