/** Widths with up to this many decimals give edges that print as they are meant: 0.3, not 0.30000000000000004. */
const MOST_DECIMALS = 9

/**
 * The lower edge of the bucket that holds a number, of buckets `width` wide of which one begins at `offset`.
 * An edge is the double nearest to its decimal value. Where buckets are narrower than doubles lie apart each number is its own.
 */
export function lowerEdgeOf(width: number, offset: number): (value: number) => number {
  const scale = scaleOf(width, offset)
  const [wide, from] = [width * scale, offset * scale].map(scale === 1 ? Number : Math.round)
  const edge = (n: number): number => (n * wide + from) / scale
  return value => {
    let n = Math.floor((value * scale - from) / wide)
    if (!Number.isSafeInteger(n)) return value
    if (edge(n) > value) n--
    else if (edge(n + 1) <= value && Math.abs(n + 1) * wide <= Number.MAX_SAFE_INTEGER) n++ // beyond, the next edge may be rounded down to the value
    const lower = edge(n)
    // Adding 0 turns -0 into 0: one number, one group.
    return Number.isFinite(lower) && lower <= value ? lower + 0 : value
  }
}

/** The power of ten that makes whole numbers of both; 1 where none does. */
function scaleOf(width: number, offset: number): number {
  for (let decimals = 0, scale = 1; decimals <= MOST_DECIMALS; decimals++, scale *= 10) {
    if (isDecimal(width, scale) && isDecimal(offset, scale)) return scale
  }
  return 1
}

function isDecimal(value: number, scale: number): boolean {
  const whole = Math.round(value * scale)
  return Number.isSafeInteger(whole) && whole / scale === value
}
