/** Columns that were read from files, the longest unused of them leaving first when there is no room. */
interface Entry {
  readonly value: unknown
  readonly bytes: number
}

export class ColumnCache {
  /** Bytes that may stay. */
  private limit = Infinity
  private readonly entries = new Map<object, Entry>()
  bytes = 0

  get capacity(): number { return this.limit }

  set capacity(bytes: number) {
    this.limit = bytes
    this.shrink()
  }

  /** What `key` stands for, read where it is not here. It stays usable after it has left. */
  get<T>(key: object, bytes: number, read: () => T): T {
    const entry = this.entries.get(key)
    if (entry === undefined) {
      const value = read()
      this.put(key, value, bytes)
      return value
    }
    this.entries.delete(key)
    this.entries.set(key, entry)
    return entry.value as T
  }

  put(key: object, value: unknown, bytes: number): void {
    this.drop(key)
    this.entries.set(key, { value, bytes })
    this.bytes += bytes
    this.shrink()
  }

  drop(key: object): void {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    this.bytes -= entry.bytes
    this.entries.delete(key)
  }

  private shrink(): void {
    if (this.bytes <= this.limit) return
    for (const key of this.entries.keys()) {
      this.drop(key)
      if (this.bytes <= this.limit) return
    }
  }
}
