import { readFileSync } from 'node:fs'
import type { Memory } from './protocol.js'

/**
 * Linux keeps both figures per process image. The rusage of a child would not do: it begins with the memory of its parent.
 */
export function memory(): Memory {
  globalThis.gc?.()
  try {
    const status = readFileSync('/proc/self/status', 'utf8')
    return { resident: field(status, 'VmRSS'), peak: field(status, 'VmHWM') }
  } catch {
    return { resident: process.memoryUsage.rss(), peak: process.resourceUsage().maxRSS * 1024 }
  }
}

function field(status: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'mu').exec(status)
  if (found === null) throw new Error(`no ${name} in the status of the process`)
  return Number(found[1]) * 1024
}
