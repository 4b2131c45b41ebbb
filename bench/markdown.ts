/** Tables and figures as Markdown. */

export const DASH = '–'

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

export function table(head: readonly string[], lines: readonly (readonly string[])[]): string[] {
  return [row(head), row(head.map((_, i) => i === 0 ? '---' : '--:')), ...lines.map(row)]
}

export const milliseconds = (ms: number): string => ms.toFixed(ms < 1 ? 3 : ms < 10 ? 2 : ms < 100 ? 1 : 0)
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0)} MB`
export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`
export const count = (value: number): string => value.toLocaleString('en-US')
export const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 2 : 0)} %`
