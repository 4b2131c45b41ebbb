/** "Did you mean": the nearest of the known names. */

/** Longer names are not compared: the cost is quadratic. */
const MAX_LENGTH = 100

/** Words of Druid, SQL and other tools, in small letters and digits alone, and what they are here. */
const ALIENS: ReadonlyMap<string, readonly string[]> = new Map(Object.entries({
  where: ['filters', 'filter'], dimensions: ['group_by', 'dimension'], by: ['group_by'], groups: ['group_by'],
  metrics: ['aggregations'], measures: ['aggregations'], aggs: ['aggregations'], aggregates: ['aggregations'],
  sort: ['order_by'], sortby: ['order_by'], order: ['order_by'], limitspec: ['limit'], threshold: ['limit'], size: ['limit'], top: ['limit'],
  tz: ['time_zone', 'timeZone'], from: ['start'], since: ['start'], to: ['end'], until: ['end'],
  fieldname: ['fields', 'fieldName'], as: ['name'], alias: ['name'], outputname: ['name', 'outputName'],
  countdistinct: ['hyperUnique'], distinctcount: ['hyperUnique'], distinct: ['hyperUnique'], uniq: ['hyperUnique'], cardinality: ['hyperUnique'],
  thetasketch: ['hyperUnique'], mean: ['avg'], average: ['avg'], median: ['quantile'], percentile: ['quantile'], total: ['sum'],
  longsum: ['sum'], doublesum: ['sum'], floatsum: ['sum'], longmin: ['min'], doublemin: ['min'], longmax: ['max'], doublemax: ['max'],
  gt: ['lower'], gte: ['lower'], min: ['lower'], lt: ['upper'], lte: ['upper'], max: ['upper'], between: ['bound'],
  eq: ['selector'], is: ['selector'], match: ['selector'], contains: ['search'],
  daily: ['day'], hourly: ['hour'], weekly: ['week'], monthly: ['month'], yearly: ['year'], '1d': ['day'], '1h': ['hour'], '1w': ['week'], '1m': ['minute']
}))

/** The known name that is meant by another: the same but for case and underscores, a word of another tool's, or the nearest. */
export function meant(name: string, known: Iterable<string>): string | undefined {
  const names = [...known]
  const plain = plainOf(name)
  const same = plain === '' ? undefined : names.find(candidate => plainOf(candidate) === plain)
  return same ?? ALIENS.get(plain)?.find(candidate => names.includes(candidate)) ?? nearest(name, names)
}

function plainOf(name: string): string {
  return name.slice(0, MAX_LENGTH).toLowerCase().replaceAll(/[^a-z\d]/g, '')
}

/** The known name nearest to `name` in optimal string alignment distance, if it is near enough to be a slip. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  if (name.length > MAX_LENGTH) return undefined
  const wanted = name.toLowerCase()
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    if (candidate.length > MAX_LENGTH || Math.abs(candidate.length - name.length) >= bestDistance) continue
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let distance = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (isSwap) distance = Math.min(distance, beforeLast[j - 2]! + 1)
      row.push(distance)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
