import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire"
import type { NodeCurves } from "./curves.ts"

/**
 * Curves as a file of events, which TensorBoard shows: a scalar for each point, under the tag "output/column".
 *
 * The wall times are spread evenly between the beginning and the end of the execution, so that the same curves are the
 * same bytes. Values are float32 there. Source: tensorflow/core/util/event.proto and framework/summary.proto.
 */
export const tfevents = ({ curves, began, ended }: NodeCurves): Uint8Array => {
  const [from, to] = [Date.parse(began) / 1000, Date.parse(ended) / 1000]
  const last = curves.flatMap(({ points }) => points.map(({ x }) => x)).reduce((a, b) => Math.max(a, b), 0)
  const events = curves.flatMap(({ output, column, points }) =>
    points.map(({ x, y }) => ({ step: x, tag: `${output}/${column}`, value: y }))
  ).toSorted((one, other) => one.step - other.step)
  return Buffer.concat([
    framed(versionEvent(from)),
    ...events.map(({ step, tag, value }) =>
      framed(scalarEvent(last === 0 ? from : from + (to - from) * (step / last), step, tag, value))
    ),
  ])
}

/** Event { wall_time = 1, file_version = 3 }, the first of a file. */
const versionEvent = (time: number): Uint8Array =>
  new BinaryWriter().tag(1, WireType.Bit64).double(time).tag(3, WireType.LengthDelimited).string("brain.Event:2")
    .finish()

/** Event { wall_time = 1, step = 2, summary = 5 { value = 1 { tag = 1, simple_value = 2 } } }. */
const scalarEvent = (time: number, step: number, tag: string, value: number): Uint8Array =>
  new BinaryWriter()
    .tag(1, WireType.Bit64).double(time)
    .tag(2, WireType.Varint).int64(BigInt(Math.round(step)))
    .tag(5, WireType.LengthDelimited).fork()
    .tag(1, WireType.LengthDelimited).fork()
    .tag(1, WireType.LengthDelimited).string(tag)
    .tag(2, WireType.Bit32).float(value)
    .join()
    .join()
    .finish()

/** A record of a TFRecord file: its length, the length's checksum, its bytes, their checksum. */
const framed = (data: Uint8Array): Uint8Array => {
  const bytes = Buffer.alloc(16 + data.length)
  bytes.writeBigUInt64LE(BigInt(data.length), 0)
  bytes.writeUInt32LE(masked(crc32c(bytes.subarray(0, 8))), 8)
  bytes.set(data, 12)
  bytes.writeUInt32LE(masked(crc32c(data)), 12 + data.length)
  return bytes
}

/** What a TFRecord file holds of a checksum, which is not to be one of bytes that hold a checksum themselves. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value
})

/** The CRC-32C (Castagnoli) of bytes; Node has only the other polynomial. Source: RFC 3720, B.4. */
export const crc32c = (data: Uint8Array): number => {
  let crc = 0xffffffff
  for (const byte of data) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
