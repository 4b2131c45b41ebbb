/** Values of the command line. */

/** A fault of the command line: told in one sentence, without a stack. */
export class OptionError extends Error {}

export function wholeNumber(name: string, value: string, least: number): number {
  const number = Number(value)
  if (!/^\d+$/u.test(value) || !Number.isSafeInteger(number) || number < least) {
    throw new OptionError(`--${name} is ${JSON.stringify(value)}; expected a whole number of at least ${least}`)
  }
  return number
}

export const commaSeparated = (text: string): string[] => text.split(',').filter(part => part !== '')

/** Runs a bench and sets the exit code: 2 for a fault of the command line. */
export async function runMain(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main()
  } catch (error) {
    if (!(error instanceof OptionError) && !(error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 2
  }
}
