import { parsed, passNested } from './nested.ts'
import { passNumber } from './pass-number.ts'
import { passWord, words } from './pass-word.ts'
import { ODD, passString } from './scan.ts'

const QUOTE = 34

/** A value of any kind that is not wanted; lists and objects are checked by `JSON.parse`. */
export function passValue(bytes: Uint8Array, from: number): number {
  switch (bytes[from]) {
    case QUOTE: {
      const behind = passString(bytes, from)
      return behind === ODD ? behindParsed(bytes, from) : behind
    }
    case 0x7b:
    case 0x5b:
      return behindParsed(bytes, from)
    case 0x74:
      return passWord(bytes, from, words.true)
    case 0x66:
      return passWord(bytes, from, words.false)
    case 0x6e:
      return passWord(bytes, from, words.null)
    default:
      return passNumber(bytes, from)
  }
}

function behindParsed(bytes: Uint8Array, from: number): number {
  const behind = passNested(bytes, from)
  return behind === ODD || parsed(bytes, from, behind) === undefined ? ODD : behind
}
