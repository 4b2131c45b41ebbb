/**
 * The URL, or null where the text is none. Not URL.canParse: in Node 20, once compiled, it refuses
 * non-ASCII Latin-1 text, such as https://läden.example, that `new URL` reads.
 */
export function parseUrl(text: string, base?: string | URL): URL | null {
  try {
    return new URL(text, base)
  } catch {
    return null
  }
}
