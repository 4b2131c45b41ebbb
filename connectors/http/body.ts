import type { Clock } from '../source.js'
import { after } from './clock.js'

/** Why a body could not be read to its end. */
export type BodyFault = 'too_large' | 'cut'

export interface BodyLimits {
  /** Longest silence between two chunks. */
  readonly idleMs: number
  readonly maxBytes: number
  readonly clock: Clock
  /** Ends the exchange when the body falls silent. */
  readonly stall: () => void
}

/** The whole body as text, or what went wrong. Rejects only with what the stream rejects with after an abort. */
export async function readText(response: Response, limits: BodyLimits): Promise<{ text: string } | { fault: BodyFault }> {
  if (!response.body) return { text: '' }
  const reader = response.body.getReader()
  // ignoreBOM false: a byte order mark is dropped, JSON.parse would refuse it
  const decoder = new TextDecoder('utf-8')
  const parts: string[] = []
  let bytes = 0
  for (;;) {
    const stop = after(limits.clock, limits.idleMs, limits.stall)
    try {
      const { done, value } = await reader.read()
      if (done) break
      bytes += value.byteLength
      if (bytes > limits.maxBytes) {
        await reader.cancel()
        return { fault: 'too_large' }
      }
      parts.push(decoder.decode(value, { stream: true }))
    } catch {
      return { fault: 'cut' }
    } finally {
      stop()
    }
  }
  parts.push(decoder.decode())
  return { text: parts.join('') }
}
