import { describe, expect, it } from 'vitest'
import { stretchText } from '../../connectors/stretch.js'

const text = (from: string, to: string) => stretchText(Date.parse(from), Date.parse(to))

describe('a stretch of time in a progress line', () => {
  it('is as exact as it needs to be', () => {
    expect(text('2025-01-01', '2025-06-30')).toBe('2025-01-01 .. 2025-06-30')
    expect(text('2025-01-01T03:00:02.7Z', '2025-01-01T06:00:02.7Z')).toBe('2025-01-01 03:00 .. 06:00')
    expect(text('2025-01-01T23:00Z', '2025-01-02T02:00Z')).toBe('2025-01-01 23:00 .. 2025-01-02 02:00')
    expect(text('2025-01-01T03:00:00.001Z', '2025-01-01T03:00:00.002Z')).toBe('2025-01-01 03:00:00.001 .. 03:00:00.002')
  })
})
