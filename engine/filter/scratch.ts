/** An array that is made once and used for segment after segment. One element more than asked for: a branchless loop writes there. */
export class Scratch<T extends Uint8Array | Uint32Array | Float64Array> {
  private readonly type: new (length: number) => T
  private array: T

  constructor(type: new (length: number) => T) {
    this.type = type
    this.array = new type(0)
  }

  of(length: number): T {
    if (this.array.length <= length) this.array = new this.type(length + 1)
    return this.array
  }
}
