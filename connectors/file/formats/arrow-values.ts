import { TimeUnit, Type, type DataType } from '@uwdata/flechette'
import { bytesValue, clockText, dateText, decimalValue, floatValue, integerValue, plainValue, timeText } from './values.js'

type Convert = (value: unknown) => unknown

const PER_SECOND = new Map<number, number>([
  [TimeUnit.SECOND, 1], [TimeUnit.MILLISECOND, 1e3], [TimeUnit.MICROSECOND, 1e6], [TimeUnit.NANOSECOND, 1e9]
])
const DAY_MS = 86_400_000

/** How a value of a column becomes one of a session. Throws Error for types that no session can hold. */
export function arrowConverter(type: DataType): Convert {
  switch (type.typeId) {
    case Type.Null: case Type.Utf8: case Type.LargeUtf8: case Type.Utf8View: case Type.Bool: return value => value
    case Type.Int: return value => integerValue(value as number | bigint)
    case Type.Float: return value => floatValue(value as number)
    case Type.Decimal: return value => decimalValue(BigInt(value as number | bigint), type.scale)
    case Type.Date: return value => dateText(Math.floor(Number(value) / DAY_MS))
    case Type.Time: return value => clockText(value as number | bigint, PER_SECOND.get(type.unit)!)
    case Type.Timestamp: return value => timeText(value as number)
    case Type.Binary: case Type.LargeBinary: case Type.BinaryView: case Type.FixedSizeBinary: return value => bytesValue(value as Uint8Array)
    case Type.Dictionary: return arrowConverter(type.dictionary)
    case Type.RunEndEncoded: return arrowConverter(type.children[1]!.type)
    case Type.List: case Type.LargeList: case Type.FixedSizeList: case Type.ListView: case Type.LargeListView: return listConverter(type.children[0]!.type)
    case Type.Struct: case Type.Map: case Type.Duration: return plainValue
    default: throw new Error(`columns of the Arrow type ${type.typeId} hold nothing that a session can`)
  }
}

function listConverter(type: DataType): Convert {
  const convert = arrowConverter(type)
  return list => Array.from(list as Iterable<unknown>, value => value === null || value === undefined ? null : convert(value))
}
