/** The kernels in plain TypeScript, for where there is no WebAssembly; twins of engine/kernels/assembly. */
import type { Codes } from '../column/codes.js'
import { unpack, widthOf } from '../column/packed-text.js'
import { couponOfBytes } from '../sketch/hash.js'
import { LEAST_RUN, LOW_RANKS, MAX_RUN, MAX_SPAN, MID_RANKS, type Kernels } from './contract.js'
import { binOf } from '../sketch/histogram.js'

const SLOT_MASK = 0xffff
const RANK_SHIFT = 26
const RANKS = 64
/** Twice the most that `distinct` finds, and then more than half of it is free. */
const PLACES = 65_536
/** 2³² over the golden ratio: spreads neighbouring values, its top bits choose the place. */
const SPREAD = 0x9e3779b1
const PLACE_SHIFT = 16

const placeTable = new Uint32Array(PLACES)
const NOWHERE = new Uint32Array(0)
const taken = new Uint32Array(PLACES / 2)

export const plainKernels: Kernels = {
  name: 'plain',

  testCode(codes, code, from, n, mask) {
    for (let i = 0; i < n; i++) mask[i] = codes[from + i] === code ? 1 : 0
  },

  testCodes(codes, table, from, n, mask) {
    for (let i = 0; i < n; i++) mask[i] = table[codes[from + i]]
  },

  testItems(offsets, items: Codes, table, missing, from, n, mask) {
    for (let i = 0; i < n; i++) {
      const end = offsets[from + i + 1]
      let item = offsets[from + i]
      let match = item === end ? missing : 0
      while (match === 0 && item < end) match = table[items[item++]]
      mask[i] = match
    }
  },

  testRange(values, low, high, from, n, mask) {
    for (let i = 0; i < n; i++) {
      const value = values[from + i]
      mask[i] = value >= low && value <= high ? 1 : 0
    }
  },

  andMasks(mask, other, n) {
    let ones = 0
    for (let i = 0; i < n; i++) {
      const both = mask[i] & other[i]
      mask[i] = both
      ones += both
    }
    return ones
  },

  orMasks(mask, other, n) {
    for (let i = 0; i < n; i++) mask[i] |= other[i]
  },

  compact(mask, from, n, out) {
    let count = 0
    // Without a branch, because it would be guessed wrong.
    for (let i = 0; i < n; i++) {
      out[count] = from + i
      count += mask[i]
    }
    return count
  },

  joinRegisters(registers, others) {
    for (let slot = 0; slot < registers.length; slot++) if (registers[slot] < others[slot]) registers[slot] = others[slot]
  },

  raiseRegisters(registers, coupons, from, to) {
    for (let i = from; i < to; i++) {
      const coupon = coupons[i]
      const slot = coupon & SLOT_MASK
      const rank = coupon >>> RANK_SHIFT
      if (registers[slot] < rank) registers[slot] = rank
    }
  },

  startRegisters(registers, coupons, from, to) {
    let filled = 0
    registers.fill(0)
    for (let i = from; i < to; i++) {
      const coupon = coupons[i]
      const slot = coupon & SLOT_MASK
      const rank = coupon >>> RANK_SHIFT
      const before = registers[slot]
      if (before >= rank) continue
      if (before === 0) filled++
      registers[slot] = rank
    }
    return filled
  },

  fixedSums() {
    return null
  },

  codeBins() {
    return null
  },

  sumRanksOf(runs, sums) {
    const registers = new Uint8Array(SLOT_MASK + 1)
    for (const run of runs) plainKernels.raiseRegisters(registers, run, 0, run.length)
    plainKernels.sumRanks(registers, sums)
  },

  sumRanks(registers, sums) {
    // Four histograms: neighbours often hold the same rank, and counting it twice in one place would wait for itself.
    const parts = new Uint32Array(RANKS * 4)
    for (let slot = 0; slot < registers.length; slot += 4) {
      parts[registers[slot]]++
      parts[RANKS + registers[slot + 1]]++
      parts[RANKS * 2 + registers[slot + 2]]++
      parts[RANKS * 3 + registers[slot + 3]]++
    }
    sums.fill(0)
    for (let rank = 0; rank < RANKS; rank++) {
      const count = parts[rank] + parts[RANKS + rank] + parts[RANKS * 2 + rank] + parts[RANKS * 3 + rank]
      if (rank === 0 || rank > MID_RANKS) sums[rank] = count
      else if (rank <= LOW_RANKS) sums[1] += count * 2 ** (LOW_RANKS - rank)
      else sums[2] += count * 2 ** (MID_RANKS - rank)
    }
  },

  distinct(input, from, to, limit, out) {
    let count = 0
    for (let i = from; i < to && count <= limit; i++) {
      const value = input[i]
      if (value === 0) continue
      let place = Math.imul(value, SPREAD) >>> PLACE_SHIFT
      let held = placeTable[place]
      while (held !== 0 && held !== value) {
        place = place + 1 & PLACES - 1
        held = placeTable[place]
      }
      if (held === value) continue
      placeTable[place] = value
      if (count < out.length) out[count] = value
      taken[count++] = place
    }
    for (let i = 0; i < count; i++) placeTable[taken[i]] = 0
    return count
  },

  distinctRuns(items, ends, runs, counts) {
    let from = 0
    for (let run = 0; run < runs; run++) {
      if (ends[run] - from <= MAX_RUN) counts[run] = plainKernels.distinct(items, from, ends[run], MAX_RUN, NOWHERE)
      from = ends[run]
    }
  },

  partitionPairs(groups, items, n, shift, pairs, ends) {
    ends.fill(0)
    for (let i = 0; i < n; i++) ends[groups[i] >>> shift]++
    accumulate(ends)
    for (let i = 0; i < n; i++) {
      const place = ends[groups[i] >>> shift]++
      pairs[2 * place] = groups[i]
      pairs[2 * place + 1] = items[i]
    }
  },

  partitionGroups(groups, n, shift, out, ends) {
    ends.fill(0)
    for (let i = 0; i < n; i++) ends[groups[i] >>> shift]++
    accumulate(ends)
    for (let i = 0; i < n; i++) out[ends[groups[i] >>> shift]++] = groups[i]
  },

  sortPairs(parts, shift, items, ends) {
    const mask = 2 ** shift - 1
    ends.fill(0)
    for (const pairs of parts) for (let i = 0; i < pairs.length; i += 2) ends[pairs[i] & mask]++
    accumulate(ends)
    for (const pairs of parts) for (let i = 0; i < pairs.length; i += 2) items[ends[pairs[i] & mask]++] = pairs[i + 1]
  },

  countPairs(parts, shift, items, ends, counts) {
    plainKernels.sortPairs(parts, shift, items, ends)
    plainKernels.distinctRuns(items, ends, 2 ** shift, counts)
  },

  couponsOfTexts(bytes, first, ends, n, out, at) {
    for (let i = 0; i < n; i++) out[at + i] = couponOfBytes(bytes, i === 0 ? first : ends[i - 1], ends[i])
  },

  couponsOfPacked(bytes, form, n, out, at) {
    const text = new Uint8Array(form)
    for (let i = 0; i < n; i++) {
      unpack(form, bytes, i * widthOf(form), text, 0)
      out[at + i] = couponOfBytes(text, 0, form)
    }
  },

  sumPieces(values, from, to, magics, out) {
    const [magicHigh, magicLow] = magics
    if (magics.length === 2) {
      let high = 0
      let middle = 0
      let low = 0
      for (let i = from; i < to; i++) {
        const value = values[i]
        const top = value + magicHigh - magicHigh
        const rest = value - top
        const next = rest + magicLow - magicLow
        high += top
        middle += next
        low += rest - next
      }
      out[0] += high
      out[1] += middle
      out[2] += low
    } else if (magics.length === 1) {
      let high = 0
      let low = 0
      for (let i = from; i < to; i++) {
        const piece = values[i] + magicHigh - magicHigh
        high += piece
        low += values[i] - piece
      }
      out[0] += high
      out[1] += low
    } else {
      let sum = 0
      for (let i = from; i < to; i++) sum += values[i]
      out[0] += sum
    }
  },

  explode(ids, offsets, items, from, n, size, outIds, outRows) {
    let at = 0
    for (let i = 0; i < n; i++) {
      const base = ids[i] * size
      const end = offsets[from + i + 1]
      let item = offsets[from + i]
      if (item === end) {
        outIds[at] = base
        outRows[at++] = from + i
      }
      for (; item < end; item++) {
        outIds[at] = base + items[item]
        outRows[at++] = from + i
      }
    }
    return at
  },

  combine(ids, codes, from, n, size) {
    for (let i = 0; i < n; i++) ids[i] = Math.imul(ids[i], size) + codes[from + i]
  },

  countCodes(codes, from, to, _size, counts, at) {
    for (let i = from; i < to; i++) counts[at + codes[i] | 0]++
  },

  countEmpty(offsets, from, to) {
    let empty = 0
    for (let row = from; row < to; row++) if (offsets[row] === offsets[row + 1]) empty++
    return empty
  },

  sortCodes(codes, from, n, base, into) {
    return plainKernels.sortGroups(Uint32Array.from(codes.subarray(from, from + n), code => base + code), n, into)
  },

  sortGroups(ids, n, into) {
    let lowest = ids[0]
    let highest = ids[0]
    for (let i = 1; i < n; i++) {
      if (ids[i] < lowest) lowest = ids[i]
      else if (ids[i] > highest) highest = ids[i]
    }
    if (highest - lowest >= MAX_SPAN) return false
    const span = highest - lowest + 1
    const counts = new Uint32Array(span)
    for (let i = 0; i < n; i++) counts[ids[i] - lowest]++
    const { groups, ends, places } = into
    let runs = 0
    let first = 0
    for (let group = 0; group < span; group++) {
      const count = counts[group]
      if (count === 0) continue
      counts[group] = first
      first += count
      if (runs * LEAST_RUN >= n) return false
      groups[runs] = lowest + group
      ends[runs++] = first
    }
    if (runs * LEAST_RUN > n) return false
    for (let i = 0; i < n; i++) places[counts[ids[i] - lowest]++] = i
    into.runs = runs
    into.stamp = 0
    return true
  },

  pickItems(items, from, { runs, ends, places }, out) {
    const n = runs === 0 ? 0 : ends[runs - 1]
    for (let i = 0; i < n; i++) out[i] = items[from + places[i]]
  },

  sumRuns(values, from, { runs, ends, places }, magics, out) {
    const pieces = magics.length + 1
    out.fill(0, 0, runs * pieces)
    for (let run = 0, at = 0; run < runs; run++) {
      for (; at < ends[run]; at++) {
        let rest = values[from + places[at]]
        for (let p = 0; p < magics.length; p++) {
          const piece = rest + magics[p] - magics[p]
          out[run * pieces + p] += piece
          rest -= piece
        }
        out[run * pieces + magics.length] += rest
      }
    }
  },

  binRuns(values, from, { runs, ends, places }, into) {
    const { bins } = into
    let lowest = Infinity
    let highest = -Infinity
    for (let run = 0, at = 0; run < runs; run++) {
      let least = Infinity
      let largest = -Infinity
      let fractional = 0
      for (; at < ends[run]; at++) {
        const value = values[from + places[at]]
        bins[at] = binOf(value)
        if (value < least) least = value
        if (value > largest) largest = value
        if (value !== Math.floor(value)) fractional = 1
      }
      into.least[run] = least
      into.largest[run] = largest
      into.fractional[run] = fractional
      if (least < lowest) lowest = least
      if (largest > highest) highest = largest
    }
    into.lowest = binOf(lowest)
    into.highest = binOf(highest)
  }
}

/** Each count becomes the sum of those before it. */
function accumulate(counts: Uint32Array): void {
  let first = 0
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]
    counts[i] = first
    first += count
  }
}
