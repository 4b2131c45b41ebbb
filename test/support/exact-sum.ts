/** Sums without any rounding but the last, in integers of 2^-1074: slow, and obviously right. */

const FRACTION_BITS = 52
const SMALLEST_EXPONENT = -1074

/** Every finite double is an integer multiple of 2^-1074. */
function asInteger(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const exponent = Number((bits >> BigInt(FRACTION_BITS)) & 0x7ffn)
  const fraction = bits & ((1n << BigInt(FRACTION_BITS)) - 1n)
  const magnitude = exponent === 0 ? fraction : (fraction | (1n << BigInt(FRACTION_BITS))) << BigInt(exponent - 1)
  return value < 0 ? -magnitude : magnitude
}

/** Numerator over denominator in units of 2^-1074, rounded once, half to even; ±Infinity where no double is large enough. */
function roundQuotient(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0
  const sign = numerator < 0n ? -1 : 1
  const top = numerator < 0n ? -numerator : numerator
  const excess = Math.max(0, top.toString(2).length - denominator.toString(2).length - FRACTION_BITS - 1)
  for (let shift = excess; ; shift++) {
    const scaled = denominator << BigInt(shift)
    let quotient = top / scaled
    const rest = 2n * (top - quotient * scaled)
    if (rest > scaled || (rest === scaled && (quotient & 1n) === 1n)) quotient += 1n
    if (quotient <= 1n << BigInt(FRACTION_BITS + 1)) {
      // two exact steps: the power alone would overflow for the largest doubles
      return sign * Number(quotient) * 2 ** Math.min(shift + SMALLEST_EXPONENT, 900) * 2 ** Math.max(0, shift + SMALLEST_EXPONENT - 900)
    }
  }
}

function total(values: readonly number[]): bigint {
  return values.reduce((sum, value) => sum + asInteger(value), 0n)
}

/** The double nearest to the true sum. */
export function exactSum(values: readonly number[]): number {
  return roundQuotient(total(values), 1n)
}

/** The double nearest to the true mean. */
export function exactMean(values: readonly number[]): number {
  return roundQuotient(total(values), BigInt(values.length))
}
