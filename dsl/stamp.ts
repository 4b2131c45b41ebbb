/** Printing of instants. */
import { zoneOf } from './zone.js'

const SECOND = 1000
const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000
/** Days of 400 years, and from 0000-03-01 to 1970-01-01. */
const ERA = 146_097
const DAYS_BEFORE_1970 = 719_468

const pad2 = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'))
const pad3 = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'))

/**
 * ISO-8601 with milliseconds and the offset of that instant, e.g. `2019-01-01T00:00:00.000+02:00`; `Z` in UTC.
 * Offsets of old local times that are no whole minutes are printed with their seconds.
 */
export function stampFormatter(timeZone: string): (t: number) => string {
  const zone = zoneOf(timeZone)
  if (!zone) throw new RangeError(`unknown time zone: ${JSON.stringify(timeZone)}`)
  let day = NaN
  let date = ''
  let offset = NaN
  let suffix = ''
  return t => {
    const span = zone.spanAt(t)
    if (span.offset !== offset) {
      offset = span.offset
      suffix = zone.isUtc ? 'Z' : offsetText(offset)
    }
    const local = t + offset
    const localDay = Math.floor(local / DAY)
    if (localDay !== day) {
      day = localDay
      date = dateText(localDay)
    }
    const rest = local - day * DAY
    const hour = Math.floor(rest / HOUR)
    const minute = Math.floor(rest / MINUTE) % 60
    const second = Math.floor(rest / SECOND) % 60
    return `${date}T${pad2[hour]}:${pad2[minute]}:${pad2[second]}.${pad3[rest % SECOND]}${suffix}`
  }
}

/** `YYYY-MM-DD`; years outside 0..9999 with sign and six digits. */
function dateText(day: number): string {
  // Days since 0000-03-01, in eras of 400 years; years begin in March, so that the leap day is their last (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  const since = day + DAYS_BEFORE_1970
  const era = Math.floor(since / ERA)
  const ofEra = since - era * ERA
  const yearOfEra = Math.floor((ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365)
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const fromMarch = Math.floor((5 * ofYear + 2) / 153)
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${yearText(year)}-${pad2[month]}-${pad2[ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1]}`
}

function yearText(year: number): string {
  if (year >= 0 && year <= 9999) return pad2[Math.floor(year / 100)] + pad2[year % 100]
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`
}

function offsetText(offset: number): string {
  const size = Math.abs(offset)
  const text = `${offset < 0 ? '-' : '+'}${pad2[Math.floor(size / HOUR)]}:${pad2[Math.floor(size / MINUTE) % 60]}`
  const seconds = Math.floor(size / SECOND) % 60
  return seconds === 0 ? text : `${text}:${pad2[seconds]}`
}
