/** Codes of the table by those of another dictionary, in which they come one after the other; 0 stays 0. */
const FIRST_CODES = 64

export class CodeList {
  private codes = new Uint32Array(FIRST_CODES)
  private size = 1

  /** The next `count` codes of the other stand for these. */
  add(codes: Uint32Array, count: number): void {
    if (this.size + count > this.codes.length) {
      const larger = new Uint32Array(Math.max(this.codes.length * 2, this.size + count))
      larger.set(this.codes)
      this.codes = larger
    }
    this.codes.set(codes.subarray(0, count), this.size)
    this.size += count
  }

  /** Writes what the first `count` of `others` stand for. */
  translate(others: Uint32Array, into: Uint32Array, count: number): void {
    const { codes } = this
    for (let i = 0; i < count; i++) into[i] = codes[others[i]]
  }
}
