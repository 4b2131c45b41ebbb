/** Registers of finished sketches for the next ones. They are held weakly, so that memory needed elsewhere takes them. */

/** 32 MB: the days of a year, and some. */
const MOST_SPARE = 512

let spare = new WeakRef<Uint8Array<ArrayBuffer>[]>([])

/** `length` ranks of any value. */
export function takeRegisters(length: number): Uint8Array<ArrayBuffer> {
  return spare.deref()?.pop() ?? new Uint8Array(length)
}

/** All are of one length. The caller must not touch them any more. */
export function giveRegisters(registers: Uint8Array<ArrayBuffer>): void {
  let list = spare.deref()
  if (list === undefined) {
    list = []
    spare = new WeakRef(list)
  }
  if (list.length < MOST_SPARE) list.push(registers)
}
