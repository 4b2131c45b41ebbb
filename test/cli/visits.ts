/** The example of giosg's documents, and sessions that answer it. */

const DAY = '2019-01-01T'

export const VISITS = [
  {
    session_id: 's1', visitor_id: 'anna', started_at: `${DAY}00:00:00.000+02:00`, country: 'Finland',
    city: 'Helsinki', device_type: 'mobile', session_duration_secs: 10, rooms: ['sales', 'support']
  },
  {
    session_id: 's2', visitor_id: 'bo', started_at: `${DAY}12:00:00.000+02:00`, country: 'Finland',
    city: 'Helsinki', device_type: 'desktop', session_duration_secs: 20, rooms: ['sales']
  },
  {
    session_id: 's3', visitor_id: 'anna', started_at: `${DAY}23:59:59.998+02:00`, country: 'Finland',
    city: 'Helsinki', device_type: 'desktop', session_duration_secs: 45, rooms: []
  },
  {
    session_id: 's4', visitor_id: 'cy', started_at: `${DAY}12:00:00.000+02:00`, country: 'Finland',
    city: 'Espoo', device_type: null, session_duration_secs: null, rooms: ['support']
  },
  {
    session_id: 's5', visitor_id: 'di', started_at: '2019-01-02T00:00:00.000+02:00',
    country: 'Finland', city: 'Helsinki', device_type: 'mobile', session_duration_secs: 1, rooms: []
  }
]

export function ndjson(sessions: readonly object[]): string {
  return sessions.map(session => `${JSON.stringify(session)}\n`).join('')
}

const INTERVAL = { start: `${DAY}00:00:00.000+02:00`, end: `${DAY}23:59:59.999+02:00`, time_zone: 'Europe/Helsinki' }

/** DSL.md's first example, byte for byte as giosg documents it. */
export const EXAMPLE = `{
  "interval": { "start": "2019-01-01T00:00:00.000+02:00", "end": "2019-01-01T23:59:59.999+02:00", "time_zone": "Europe/Helsinki" },
  "granularity": "all",
  "group_by": [],
  "aggregations": [ { "type": "hyperUnique", "fields": ["visitor_id"] } ],
  "filters": { "type": "and", "fields": [
      { "type": "selector", "dimension": "country", "value": "Finland" },
      { "type": "selector", "dimension": "city", "value": "Helsinki" } ] }
}
`

export const EXAMPLE_ANSWER = '{"fields":[{"name":"timestamp","type":"dimension"},{"name":"visitor_id_hyper_unique","type":"metric"}],'
  + '"data":[["2019-01-01T00:00:00.000+02:00",2]]}\n'

export const COUNT = { interval: INTERVAL, granularity: 'all', aggregations: [{ type: 'count' }] }

export const BY_DEVICE = {
  interval: INTERVAL,
  granularity: 'all',
  group_by: ['device_type'],
  aggregations: [{ type: 'count' }, { type: 'avg', fields: ['session_duration_secs'] }]
}
