/** Bucket boundaries published with Apache Druid (Apache-2.0), and others derived from the tz database. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { bucketStarts, bucketer } from '../../dsl/buckets.js'
import { NAMED_PERIODS } from '../../dsl/period.js'
import type { Granularity } from '../../dsl/query.js'
import { stampFormatter } from '../../dsl/stamp.js'

interface BucketCase {
  readonly id: string
  readonly kind: 'iterate' | 'truncate'
  readonly granularity: string | null
  readonly period?: string
  readonly origin?: string
  readonly time_zone: string
  readonly interval?: { readonly start: string, readonly end: string }
  readonly expected_bucket_starts?: readonly string[]
  readonly timestamp?: string
  readonly expected_bucket_start?: string
}

const cases = JSON.parse(readFileSync(new URL('../conformance/druid/bucket-cases.json', import.meta.url), 'utf8')) as BucketCase[]

function granularityOf({ granularity, period, origin, time_zone: timeZone }: BucketCase): Granularity {
  if (granularity === 'all') return { type: 'all' }
  return {
    type: 'period',
    period: period ?? NAMED_PERIODS.get(granularity!)!,
    timeZone,
    origin: origin === undefined ? null : Date.parse(origin)
  }
}

describe('bucket cases of Druid', () => {
  test('there are 56', () => {
    expect(cases.length).toBe(56)
  })

  test.each(cases.map(bucketCase => [bucketCase.id, bucketCase] as const))('%s', (_id, bucketCase) => {
    const granularity = granularityOf(bucketCase)
    const stamp = stampFormatter(bucketCase.time_zone)
    if (bucketCase.kind === 'iterate') {
      const { start, end } = bucketCase.interval!
      const interval = { start: Date.parse(start), end: Date.parse(end), timeZone: bucketCase.time_zone }
      const starts = bucketStarts(granularity, interval, 1000)
      expect([...starts].map(stamp)).toEqual(bucketCase.expected_bucket_starts)
    } else {
      const interval = { start: 0, end: 1, timeZone: bucketCase.time_zone }
      const start = bucketer(granularity, interval).floor(Date.parse(bucketCase.timestamp!))
      expect(stamp(start)).toBe(bucketCase.expected_bucket_start)
    }
  })
})
