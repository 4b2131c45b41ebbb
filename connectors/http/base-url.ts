import { SourceError } from '../errors.js'
import { parseUrl } from './url.js'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * Checks the `base_url` of a source: https (http on this machine or with `allow_http: true`), no user or password, query or fragment.
 * Gives it back without a slash at the end. Throws SourceError invalid_config.
 */
export function checkBaseUrl(source: string, value: string, allowHttp: boolean, key = 'base_url'): string {
  const url = parseUrl(value)
  if (!url) throw invalid(source, key, 'is not a URL; write it as https://host/path')
  if (url.username || url.password) throw invalid(source, key, 'holds a user name or password; give credentials by their own keys')
  if (url.search || url.hash) throw invalid(source, key, 'has a query or fragment; give the address of the system alone')
  if (url.protocol === 'http:' && !allowHttp && !LOOPBACK.test(url.hostname)) {
    throw invalid(source, key, 'would send credentials unencrypted; use https, or set "allow_http": true if that is meant')
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw invalid(source, key, `has the scheme ${url.protocol} instead of https:`)
  return url.href.replace(/\/+$/, '')
}

function invalid(source: string, key: string, problem: string): SourceError {
  return new SourceError('invalid_config', source, `"${key}" ${problem}.`)
}
