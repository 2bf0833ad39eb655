/**
 * The channels that bids come through and their addresses: four hot ones, then 10,000 others. One code names both, so that the
 * two columns of a bid share their codes.
 */
import { Dictionary } from '@millrace/algebra'
import { scramble } from './draw.ts'

const HOT_CHANNELS = ['Google', 'Facebook', 'Baidu', 'Apple'] as const
const CHANNELS = 10_000

export interface Channels {
  readonly names: Dictionary
  readonly urls: Dictionary
}

/** `stream` is the key of the draws that addresses are made of. */
export function makeChannels(stream: number): Channels {
  const names: string[] = [...HOT_CHANNELS]
  const urls: string[] = []
  let state = stream
  /** 0 to limit - 1. */
  const below = (limit: number): number => {
    state = (state + 1) | 0
    return Math.floor((scramble(state) >>> 0) * (limit / 2 ** 32))
  }
  const word = (): string => {
    let text = ''
    for (let length = 3 + below(2); length > 0; length--)
      text += below(13) === 0 ? '_' : String.fromCharCode(0x61 + below(26))
    return text
  }
  const url = (): string => `https://www.nexmark.com/${word()}/${word()}/${word()}/item.htm?query=1`
  for (const _ of HOT_CHANNELS) urls.push(url())
  for (let i = 0; i < CHANNELS; i++) {
    names.push(`channel-${i}`)
    urls.push(below(10) > 0 ? `${url()}&channel_id=${Math.abs(reverse(i))}` : url())
  }
  return { names: new Dictionary(names), urls: new Dictionary(urls) }
}

/** The bits of an int32 in the opposite order. */
function reverse(word: number): number {
  let reversed = 0
  for (let bit = 0; bit < 32; bit++) reversed |= ((word >>> bit) & 1) << (31 - bit)
  return reversed
}
