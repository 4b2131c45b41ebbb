/** Changes to a query that make it another, mostly a faulty one. */
import type { Random } from '../support/random.js'

const KEYS = ['__proto__', 'constructor', 'type', 'toString', '', 'group_by', 'filters', 'interval', 'limit', 'a/b~c', '\ud800', 'queryType']

const VALUES: readonly unknown[] = [
  null, true, -1, 0, 1.5, 1e308, -1e-320, 2 ** 53, 4_294_967_296, '', '__proto__', '\u0000', '\ud800', '𝒳'.repeat(50), 'x'.repeat(5000), [], {}, [[]], [null],
  { type: 'and', fields: [] }, { type: 'not' }, { type: '__proto__' }, { length: 1e9 }, 'P99999999D', '+999999-01-01', '1e999', Infinity, NaN
]

type Place = { readonly holder: Record<string, unknown> | unknown[], readonly key: string | number }

/** The value after some changes: it is changed itself. */
export function mutate(query: unknown, random: Random): unknown {
  let root = query
  for (let changes = random.between(1, 3); changes > 0; changes--) {
    const places = placesOf(root)
    if (places.length === 0 || random.chance(0.02)) root = anything(random)
    else change(random.pick(places), random, places)
  }
  return root
}

function change({ holder, key }: Place, random: Random, places: readonly Place[]): void {
  const kind = random.between(0, 5)
  if (kind === 0) set(holder, key, anything(random))
  else if (kind === 1) remove(holder, key)
  else if (kind === 2) set(holder, random.pick(KEYS), anything(random))
  else if (kind === 3) {
    const other = random.pick(places)
    set(holder, key, structuredClone(get(other)))
  } else if (kind === 4) set(holder, key, nested(get({ holder, key }), random))
  else set(holder, key, [get({ holder, key }), get({ holder, key })])
}

/** A copy, because what is put in is changed further. */
function anything(random: Random): unknown {
  return structuredClone(random.pick(VALUES))
}

function nested(value: unknown, random: Random): unknown {
  const levels = random.pick([1, 3, 60, 200])
  let outer = value
  for (let level = 0; level < levels; level++) outer = random.chance(0.9) ? { type: 'not', field: outer } : [outer]
  return outer
}

function placesOf(root: unknown): Place[] {
  const places: Place[] = []
  const open = [root]
  // Deeply nested queries are cut there: their upper levels are enough to change.
  while (open.length > 0 && places.length < 500) {
    const holder = open.pop()
    if (typeof holder !== 'object' || holder === null) continue
    for (const key of Object.keys(holder)) {
      const place: Place = { holder: holder as Record<string, unknown>, key }
      places.push(place)
      open.push(get(place))
    }
  }
  return places
}

function get({ holder, key }: Place): unknown {
  return (holder as Record<string | number, unknown>)[key]
}

function set(holder: Place['holder'], key: string | number, value: unknown): void {
  Object.defineProperty(holder, key === 'length' && Array.isArray(holder) ? 0 : key, { value, enumerable: true, configurable: true, writable: true })
}

function remove(holder: Place['holder'], key: string | number): void {
  // Not by splice, which an element named `constructor` breaks.
  if (!Array.isArray(holder)) delete holder[key]
  else if (Number.isInteger(Number(key))) {
    holder.copyWithin(Number(key), Number(key) + 1)
    holder.length = Math.max(0, holder.length - 1)
  }
}

const SNIPPETS = ['{', '}', '[', ']', '"', '\\', ',', ':', '\\u', '\\ud800', 'null', '1e999', '-', '0x1', "'", '//', '\u0000', '\ufeff', '\ud800', '𝒳', '"type"', '9'.repeat(400)]

/** The text with some of its characters changed, cut, moved or doubled. */
export function mutateText(text: string, random: Random): string {
  let result = text
  for (let changes = random.between(1, 4); changes > 0; changes--) {
    const from = random.between(0, result.length)
    const to = Math.min(result.length, from + random.pick([0, 1, 1, 2, 10, 100]))
    const cut = result.slice(from, to)
    const inserted = random.pick(['', cut + cut, random.pick(SNIPPETS), String.fromCharCode(random.between(0, 0xffff)), random.pick(SNIPPETS).repeat(random.pick([1, 3, 150]))])
    result = result.slice(0, from) + inserted + result.slice(to)
  }
  return result
}
