/** The process of one contender: `child.js NAME THREADS FOLDER` of questions, built and started by ContenderProcess. */
import type { Contender } from './contenders/contender.js'
import { CONTENDERS } from './contenders/registry.js'
import { memory } from './memory.js'
import type { Description, Request, Response, Timing } from './protocol.js'
import { questions, type Question } from './suite.js'

const open = CONTENDERS.get(process.argv[2] ?? '')
if (open === undefined) throw new Error(`no contender ${process.argv[2]}; there are ${[...CONTENDERS.keys()].join(', ')}`)
const contender = await (await open()).open(Number(process.argv[3]))
const asked = new Map(questions([], process.argv[4]).asked.map(question => [question.name, question]))

process.on('message', (request: Request) => {
  respond(request).then(
    value => send({ value }),
    (error: unknown) => send({ error: error instanceof Error ? error.stack ?? error.message : String(error) })
  )
})
process.on('disconnect', () => process.exit())

function send(response: Response): void {
  process.send!(response)
}

async function respond({ operation, argument }: Request): Promise<unknown> {
  switch (operation) {
    case 'describe': return { name: contender.name, version: contender.version, maxThreads: contender.maxThreads, isFixed: contender.isFixed === true } satisfies Description
    case 'load': return contender.load(String(argument))
    case 'prepare': return contender.prepare?.()
    case 'threads': return contender.setThreads?.(Number(argument))
    case 'memory': return memory()
    case 'close': return contender.close()
    case 'choose': return await contender.choose?.(questionOf(argument)) ?? ''
    case 'answer': return (await contender.run(questionOf(argument)))()
    case 'time': return time(contender, questionOf(argument))
    case 'exact': return await contender.exact?.(questionOf(argument)) ?? null
    case 'planBytes': return contender.planBytes?.(questionOf(argument)) ?? null
  }
}

function questionOf(argument: Request['argument']): Question {
  const question = asked.get(String(argument))
  if (question === undefined) throw new Error(`no question ${argument}`)
  return question
}

async function time(timed: Contender, question: Question): Promise<Timing> {
  const cpu = process.cpuUsage()
  const started = performance.now()
  const handOver = await timed.run(question)
  const answered = performance.now()
  await handOver()
  const handedOver = performance.now()
  const { user, system } = process.cpuUsage(cpu)
  return { ms: answered - started, handOverMs: handedOver - answered, cpuMs: (user + system) / 1000 }
}
