/** Conviva's viewers: each at one place, with one provider and one device, watching several videos. */
import type { Device, Place, View } from '../conviva.js'
import { seeded, type Random } from '../random.js'
import { EVENING, lasting, regular, startIn, weighted, type Weighted } from './habits.js'

type Provider = View['isp']
type Lively = Pick<View, 'client' | 'viewer' | 'start' | 'end' | 'place' | 'device' | 'isp' | 'asset' | 'live' | 'failure' | 'startTime' | 'bitrate'>

const VIEWERS = 3_000
const MINUTE = 60_000
const HELSINKI: Place = ['Helsinki', 'Uusimaa', 'FI-18', 'Finland', 'FI', '00100']
const FINNISH: Weighted<Provider> = [[['Elisa Oyj', 719], 42], [['Telia Finland Oyj', 1759], 30], [['DNA Oyj', 16086], 28]]
const SWEDISH: Weighted<Provider> = [[['Telia Company AB', 3301], 60], [['Bredband2 AB', 29518], 40]]
const GERMAN: Weighted<Provider> = [[['Deutsche Telekom AG', 3320], 1]]
const AMERICAN: Weighted<Provider> = [[['Comcast Cable', 7922], 1]]

const HOMES: Weighted<readonly [Place, Weighted<Provider>]> = [
  [[HELSINKI, FINNISH], 34], [[['Tampere', 'Pirkanmaa', 'FI-11', 'Finland', 'FI', '33100'], FINNISH], 17],
  [[['Oulu', 'North Ostrobothnia', 'FI-14', 'Finland', 'FI', '90100'], FINNISH], 11],
  [[['Stockholm', 'Stockholm County', 'SE-AB', 'Sweden', 'SE', '11120'], SWEDISH], 15],
  [[['Umeå', 'Västerbotten', 'SE-AC', 'Sweden', 'SE', '90325'], SWEDISH], 6],
  [[['München', 'Bayern', 'DE-BY', 'Germany', 'DE', '80331'], GERMAN], 9], [[['San José', 'California', 'US-CA', 'United States', 'US', '95110'], AMERICAN], 8]
]
const DEVICES: Weighted<Device> = [
  [['Mobile Phone', 'mobile', 'iOS', '17.4', null, null], 22], [['Mobile Phone', 'mobile', 'Android', '14', null, null], 16],
  [['Smart TV', 'smart tv', 'Tizen', '7.0', null, null], 26], [['PC', 'desktop', 'Windows', '11', 'Chrome', '120.0'], 18],
  [['Desktop', 'desktop', 'macOS', '14.3', 'Safari', '17.2'], 6], [['Tablet', 'tablet', 'iPadOS', '17.2', null, null], 9],
  [['Set Top Box', 'set top box', 'Linux', '5.10', null, null], 3]
]
/** Minutes that a video is watched on it, on average. */
const MINUTES: Readonly<Record<string, number>> = { 'smart tv': 38, 'set top box': 41, desktop: 19, tablet: 22, mobile: 9 }
/** This provider has trouble; with all others little fails. */
const TROUBLED = 'DNA Oyj'
const FAILURE_RATE = { troubled: 0.17, usual: 0.015 }
const EPISODES = 60

/** One that began and ended between `from` and `to`. */
export function livelyView(random: Random, from: number, to: number): Lively {
  const person = regular(random, VIEWERS)
  // what belongs to the person is the same whenever they watch
  const own = seeded(person)
  const [place, providers] = weighted(own, HOMES)
  const device = weighted(own, DEVICES)
  const isp = weighted(own, providers)
  const client = `c${person}.${own.hex(6)}`
  const viewer = own.chance(0.4) ? null : `viewer-${person}`
  const start = startIn(random, EVENING, from, to)
  const fails = random.chance(isp[0] === TROUBLED ? FAILURE_RATE.troubled : FAILURE_RATE.usual)
  const failure = fails ? random.pick(['start', 'start', 'playback', 'exit'] as const) : null
  const watched = failure === 'start' || failure === 'exit' ? 2_000 : MINUTE / 4 + lasting(random, (MINUTES[device[1]] ?? 15) * MINUTE)
  return {
    client, viewer, place, device, isp, start, failure,
    // Conviva lists what has ended, and the demo shows all that was seeded
    end: Math.min(to, start + Math.floor(watched)),
    asset: `Episode ${1 + regular(random, EPISODES)}`,
    live: random.chance(0.2),
    startTime: Math.floor(300 + lasting(random, isp[0] === TROUBLED ? 2_600 : 900)),
    bitrate: Math.floor(isp[0] === TROUBLED ? random.int(900, 3_500) : random.int(2_500, 8_000))
  }
}
