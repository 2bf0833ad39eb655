/** Which ids of a key column are the null key: nothing at all until there is one. */
import { bitmapBytes, setValid, type Validity } from '../column.ts'

export class NullMarks {
  #marks: Uint8Array | null = null
  #capacity = 0

  /** False: no id was ever null. */
  get any(): boolean {
    return this.#marks !== null
  }

  grow(capacity: number): void {
    this.#capacity = capacity
    if (this.#marks === null) return
    const larger = new Uint8Array(capacity)
    larger.set(this.#marks)
    this.#marks = larger
  }

  has(id: number): boolean {
    return this.#marks !== null && this.#marks[id] !== 0
  }

  set(id: number, isNull: boolean): void {
    if (this.#marks === null) {
      if (!isNull) return
      this.#marks = new Uint8Array(this.#capacity)
    }
    this.#marks[id] = isNull ? 1 : 0
  }

  gather(ids: Int32Array, length: number): Validity {
    const marks = this.#marks
    if (marks === null) return null
    const validity = new Uint8Array(bitmapBytes(length))
    let nulls = 0
    for (let i = 0; i < length; i++) {
      setValid(validity, i, marks[ids[i]] === 0)
      nulls += marks[ids[i]]
    }
    return nulls === 0 ? null : validity
  }
}
