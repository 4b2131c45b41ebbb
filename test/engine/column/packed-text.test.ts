import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FREE, formOfLength, pack, unpack, UUID, widthOf } from '../../../engine/column/packed-text.js'

const encoder = new TextEncoder()

function packed(text: string): Uint8Array | null {
  const bytes = encoder.encode(`  ${text} `)
  const form = formOfLength(encoder.encode(text).length)
  if (form === FREE) return null
  const target = new Uint8Array(3 + widthOf(form))
  return pack(form, bytes, 2, target, 3) ? target.subarray(3) : null
}

function unpacked(form: number, bytes: Uint8Array): string {
  const target = new Uint8Array(form + 2)
  unpack(form, bytes, 0, target, 1)
  expect([target[0], target[form + 1]]).toEqual([0, 0])
  return new TextDecoder().decode(target.subarray(1, form + 1))
}

const digits = (length: number): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })

describe('identifiers of a fixed form', () => {
  it('are canonical UUIDs and runs of 16, 24, … 64 hexadecimal digits', () => {
    expect([...Array(80).keys()].filter(length => formOfLength(length) !== FREE)).toEqual([16, 24, 32, 36, 40, 48, 56, 64])
    expect(packed('00112233-4455-6677-8899-aabbccddeeff')).toEqual(Uint8Array.from({ length: 16 }, (_, i) => i * 17))
    expect(packed('0f1e2d3c4b5a6978')).toEqual(Uint8Array.of(0x0f, 0x1e, 0x2d, 0x3c, 0x4b, 0x5a, 0x69, 0x78))
    expect(widthOf(UUID)).toBe(16)
  })

  it('take half the bytes and come back as they were', () => {
    fc.assert(fc.property(fc.constantFrom(16, 24, 32, 40, 48, 56, 64).chain(digits), text => {
      const bytes = packed(text)!
      expect(bytes.length).toBe(text.length / 2)
      expect(Buffer.from(bytes).toString('hex')).toBe(text)
      expect(unpacked(text.length, bytes)).toBe(text)
    }), { seed: 1 })
    fc.assert(fc.property(fc.uuid(), text => {
      const bytes = packed(text)!
      expect(Buffer.from(bytes).toString('hex')).toBe(text.replaceAll('-', ''))
      expect(unpacked(UUID, bytes)).toBe(text)
    }), { seed: 2 })
  })

  it('are none with any other byte at any place', () => {
    for (const text of ['00112233-4455-6677-8899-aabbccddeeff', '0123456789abcdef0123456789abcdef']) {
      for (let i = 0; i < text.length; i++) {
        for (const other of ['A', 'F', 'g', '`', '/', ':', '-', ' ', '\0', '\u007f'].filter(byte => byte !== text[i])) {
          expect(packed(text.slice(0, i) + other + text.slice(i + 1)), `${other} at ${i}`).toBe(null)
        }
      }
    }
    expect(packed(`${'é'.repeat(8)}`)).toBe(null)
    expect(packed('0'.repeat(36))).toBe(null)
  })
})
