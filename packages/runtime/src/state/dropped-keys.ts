/**
 * Ids of keys of which some state has dropped what it held, in the order in which that happened. When the operator's
 * call is over, the keys that no other state holds are freed. An id may be in it more than once.
 */
export class DroppedKeys {
  ids = new Int32Array(64)
  length = 0
  /** Some state has dropped all that it held at once, of whatever keys. */
  all = false
  /** Is told before something changes of a key that is not in the operator's batch. */
  beforeChange: (id: number) => void = () => {}
  /** Is told before a state drops all that it holds. */
  beforeAll: () => void = () => {}

  add(id: number): void {
    if (this.length === this.ids.length) {
      const larger = new Int32Array(this.length * 2)
      larger.set(this.ids)
      this.ids = larger
    }
    this.ids[this.length++] = id
  }
}
