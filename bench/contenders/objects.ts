/** Plain JavaScript objects: an array of sessions, Map and Set, as one would write it by hand. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Question } from '../suite.js'
import type { Contender, HandOver, Rows } from './contender.js'
import { ANSWERS, type Visit } from './objects-answers.js'

export async function open(): Promise<Contender> {
  const visits: Visit[] = []
  return {
    name: 'objects',
    version: process.version,
    maxThreads: 1,
    async load(path: string): Promise<number> {
      for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) visits.push(visitOf(line))
      return visits.length
    },
    async run(question: Question): Promise<HandOver> {
      const answer = ANSWERS.get(question.name)
      if (answer === undefined) throw new Error(`nobody wrote ${question.name} by hand`)
      const rows = answer(visits)
      return (): Rows => rows
    },
    async close(): Promise<void> {
      visits.length = 0
    }
  }
}

/** The session of one line, its time as a number: what every question needs first. */
export function visitOf(line: string): Visit {
  const visit = JSON.parse(line) as Omit<Visit, 'started_at'> & { started_at: string }
  return Object.assign(visit, { started_at: Date.parse(visit.started_at) })
}
