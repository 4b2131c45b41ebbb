/** Visitors of a web site with giosg's chat. */
import type { Visit } from '../giosg.js'
import { seeded, type Random } from '../random.js'
import { lasting, OFFICE, regular, some, startIn, weighted, type Weighted } from './habits.js'

type Browser = readonly [browser: string, version: string | null, os: string]
type Lively = Omit<Visit, 'session_id'>

const VISITORS = 4_200
const SITE = 'https://shop.example'
const HOMES: Weighted<readonly [city: string | null, country: string | null]> = [
  [['Helsinki', 'Finland'], 30], [['Espoo', 'Finland'], 13], [['Tampere', 'Finland'], 11], [['Turku', 'Finland'], 8], [['Oulu', 'Finland'], 7],
  [['Stockholm', 'Sweden'], 11], [['Göteborg', 'Sweden'], 5], [['Tallinn', 'Estonia'], 7], [[null, 'Norway'], 3], [['Berlin', 'Germany'], 3], [[null, null], 2]
]
const DEVICES: Weighted<string> = [['desktop', 56], ['mobile', 37], ['tablet', 7]]
const BROWSERS: Readonly<Record<string, Weighted<Browser>>> = {
  desktop: [[['Chrome', '120.0', 'Windows'], 58], [['Edge', '120.0', 'Windows'], 20], [['Safari', '17.2', 'macOS'], 14], [['Firefox', '121', 'Linux'], 8]],
  mobile: [[['Safari', '17.2', 'iOS'], 52], [['Chrome', '120.0', 'Android'], 48]],
  tablet: [[['Safari', '17.2', 'iPadOS'], 70], [['Chrome', '119.0', 'Android'], 30]]
}
/** Seconds that a session lasts on it, on average. */
const SECONDS: Readonly<Record<string, number>> = { desktop: 420, mobile: 150, tablet: 260 }
const ORGANIZATIONS: Weighted<string | null> = [
  ['Elisa Oyj', 30], ['Telia Finland Oyj', 24], ['DNA Oyj', 20], ['University of Helsinki', 6], ['City of Espoo', 4], [null, 16]
]
const ROOMS: Weighted<string> = [['Sales', 0.24], ['Customer service', 0.16], ['Delivery', 0.09], ['Booking', 0.05], ['Careers', 0.01]]
const PAGES: Weighted<string> = [['/', 30], ['/offers', 22], ['/shoes', 16], ['/coats', 12], ['/delivery', 9], ['/stores', 6], ['/returns', 4], ['/careers', 1]]
const REFERRERS: Weighted<string> = [['https://search.example/', 0.35], ['https://news.example/', 0.06], ['https://social.example/', 0.12]]
const TERMS: Weighted<string> = [['winter coat', 0.12], ['running shoes', 0.08], ['opening hours', 0.05], ['return', 0.03]]
const MAX_PAGES = 8

export function livelyVisit(random: Random, from: number, to: number): Lively {
  const person = regular(random, VISITORS)
  // what belongs to the person is the same at every visit
  const own = seeded(person)
  const [city, country] = weighted(own, HOMES)
  const device = weighted(own, DEVICES)
  const [browser, version, os] = weighted(own, BROWSERS[device] ?? [])
  const pages = Math.min(MAX_PAGES, 1 + Math.floor(lasting(random, 2)))
  const urls = [...new Set(Array.from({ length: pages }, () => SITE + weighted(random, PAGES)))]
  const referrers = some(random, REFERRERS).slice(0, 1)
  return {
    start: startIn(random, OFFICE, from, to),
    visitor_id: `v${person}`,
    browser_name: browser,
    browser_version: version,
    city,
    country,
    device_type: device,
    ip_organization: weighted(own, ORGANIZATIONS),
    os_name: os,
    session_duration_secs: Math.floor(5 + lasting(random, SECONDS[device] ?? 200) * (0.4 + urls.length / 4)),
    distinct_visited_urls_count: urls.length,
    distinct_visited_urls: urls,
    distinct_landing_urls: urls.slice(0, 1),
    distinct_referrer_urls: referrers,
    distinct_search_terms: referrers.some(url => url.includes('search')) ? some(random, TERMS).slice(0, 1) : [],
    rooms: some(random, ROOMS)
  }
}
