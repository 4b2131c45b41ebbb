import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { requestJson } from '../../connectors/http/request.js'
import { proxyFor } from '../../connectors/http/proxy.js'

const VARIABLES = ['http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'].flatMap(name => [name, name.toUpperCase()])
const QUICK = { attempts: 2, connectAttempts: 2, lateAttempts: 1, baseMs: 1, capMs: 1 }

let system: Server
let proxy: Server
let proxyPort: number
/** What the proxy was asked for: target and credentials. */
let tunnels: string[]
let refusal: string | null
const saved = new Map(VARIABLES.map(name => [name, process.env[name]]))

beforeAll(async () => {
  system = createServer((request, response) => response.end(JSON.stringify({ host: request.headers.host, path: request.url })))
  await new Promise<void>(resolve => { system.listen(0, '127.0.0.1', resolve) })
  const { port } = system.address() as AddressInfo
  proxy = createServer()
  // every name is this machine's system: what a company's proxy does for names that only it can resolve
  proxy.on('connect', (request: IncomingMessage, client: Socket) => {
    tunnels.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim())
    client.on('error', () => undefined)
    if (refusal !== null) return client.end(`HTTP/1.1 ${refusal}\r\n\r\n`)
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      upstream.pipe(client).pipe(upstream)
    })
    upstream.on('error', () => client.destroy())
  })
  await new Promise<void>(resolve => { proxy.listen(0, '127.0.0.1', resolve) })
  proxyPort = (proxy.address() as AddressInfo).port
})

afterAll(() => {
  for (const server of [system, proxy]) {
    server.closeAllConnections()
    server.close()
  }
})

beforeEach(() => {
  tunnels = []
  refusal = null
  for (const name of VARIABLES) delete process.env[name]
})

afterEach(() => {
  for (const [name, value] of saved) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
})

function ask(url: string): Promise<unknown> {
  return requestJson({ source: 'web', url, retry: QUICK }).then(({ body }) => body, (error: unknown) => error)
}

describe('a proxy of the environment', () => {
  it('is tunnelled through, with its credentials', async () => {
    process.env['HTTP_PROXY'] = `http://me:s%40cret@127.0.0.1:${proxyPort}`
    expect(await ask('http://api.example.test/a?b=1')).toEqual({ host: 'api.example.test', path: '/a?b=1' })
    expect(tunnels).toEqual([`api.example.test:80 Basic ${Buffer.from('me:s@cret').toString('base64')}`])
  })

  it('is chosen by scheme', async () => {
    process.env['https_proxy'] = `127.0.0.1:${proxyPort}`
    const error = await ask('https://api.example.test/') as Error
    expect(tunnels[0]).toBe('api.example.test:443')
    // what answers behind the tunnel speaks no TLS
    expect(error.message).toContain(`through the proxy http://127.0.0.1:${proxyPort}:`)
    expect(error).toMatchObject({ code: 'source_unreachable' })
  })

  it('is not used for this machine', async () => {
    process.env['HTTP_PROXY'] = `http://127.0.0.1:${proxyPort}`
    const { port } = system.address() as AddressInfo
    expect(await ask(`http://127.0.0.1:${port}/x`)).toEqual({ host: `127.0.0.1:${port}`, path: '/x' })
    expect(tunnels).toEqual([])
  })

  it('that refuses is named without its password', async () => {
    process.env['HTTP_PROXY'] = `http://me:hunter22@127.0.0.1:${proxyPort}`
    refusal = '407 Proxy Authentication Required'
    const error = await ask('http://api.example.test/') as Error
    expect(error.message).toBe(`source "web": GET http://api.example.test/: the proxy http://127.0.0.1:${proxyPort} does not accept `
      + 'its user name and password (407); check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.')
    expect(tunnels).toHaveLength(1)
    refusal = '403 Forbidden'
    expect((await ask('http://api.example.test/') as Error).message).toContain(`the proxy http://127.0.0.1:${proxyPort} answers 403 instead of connecting`)
    expect(JSON.stringify(await ask('http://api.example.test/'), ['message', 'stack'])).not.toContain('hunter22')
  })

  it('that is not there, or is no address, is told', async () => {
    process.env['HTTP_PROXY'] = 'http://127.0.0.1:9'
    expect((await ask('http://api.example.test/') as Error).message).toContain('the proxy http://127.0.0.1:9 cannot be reached (ECONNREFUSED)')
    process.env['HTTP_PROXY'] = 'socks5://me:hunter22@127.0.0.1:9'
    const { message } = await ask('http://api.example.test/') as Error
    expect(message).toContain('the address of HTTP_PROXY is no http or https URL')
    expect(message).not.toContain('hunter22')
  })
})

describe('which proxy', () => {
  const env = { HTTPS_PROXY: 'http://secure:1', http_proxy: 'http://plain:2', HTTP_PROXY: 'http://other:3' }
  it.each([
    ['https://a.example/', {}, 'http://secure:1/'],
    ['http://a.example/', {}, 'http://plain:2/'],
    ['https://a.example/', { HTTPS_PROXY: '', ALL_PROXY: 'http://all:4' }, 'http://all:4/'],
    ['https://a.example/', { NO_PROXY: '*' }, undefined],
    ['https://a.example/', { NO_PROXY: 'example' }, undefined],
    ['https://a.example/', { NO_PROXY: 'b.example, .a.example' }, undefined],
    ['https://a.example/', { NO_PROXY: '*.EXAMPLE' }, undefined],
    ['https://a.example/', { NO_PROXY: 'a.example:443' }, undefined],
    ['https://a.example/', { NO_PROXY: 'a.example:8443' }, 'http://secure:1/'],
    ['https://ba.example/', { NO_PROXY: 'a.example' }, 'http://secure:1/'],
    ['https://a.example/', { no_proxy: 'x', NO_PROXY: '*' }, 'http://secure:1/'],
    ['https://localhost:1/', {}, undefined],
    ['https://api.localhost/', {}, undefined],
    ['https://127.8.0.1/', {}, undefined],
    ['https://[::1]/', {}, undefined]
  ])('%s with %j', (url, more, expected) => {
    expect(proxyFor(new URL(url), { ...env, ...more })?.href).toBe(expected)
  })
})
