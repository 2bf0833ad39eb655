import { ODD } from './scan.ts'

export const words = { true: Buffer.from('true'), false: Buffer.from('false'), null: Buffer.from('null') }

/** One of the words that JSON knows. */
export function passWord(bytes: Uint8Array, from: number, word: Uint8Array): number {
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return ODD
  return from + word.length
}
