/** Buffers of plain data that are moved, not copied, when it is sent to another thread. */
export function buffersOf(data: unknown): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  collect(data, buffers)
  return [...buffers]
}

function collect(data: unknown, into: Set<ArrayBuffer>): void {
  if (typeof data !== 'object' || data === null) return
  if (ArrayBuffer.isView(data)) {
    if (data.buffer instanceof ArrayBuffer) into.add(data.buffer)
  } else if (data instanceof Map) {
    for (const value of data.values()) collect(value, into)
  } else for (const value of Object.values(data)) collect(value, into)
}
