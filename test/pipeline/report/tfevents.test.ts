import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { NodeCurves } from "../../../pipeline/report/curves.ts"
import { crc32c, tfevents } from "../../../pipeline/report/tfevents.ts"
import { tensorboardPython } from "./tensorboard.ts"

const curves: NodeCurves = {
  node: "finetune/a",
  stage: "finetune",
  params: {},
  state: { _tag: "Done" },
  began: "2026-11-28T10:00:00.000Z",
  ended: "2026-11-28T10:00:40.000Z",
  tables: [],
  curves: [
    {
      output: "training",
      column: "loss",
      title: "loss",
      over: "step",
      points: [{ x: 1, y: 2.5 }, { x: 2, y: 0.1 }, { x: 300, y: -1e-7 }],
    },
    { output: "evaluations", column: "f1", title: "F1", over: "step", points: [{ x: 2, y: 0.75 }] },
  ],
}

/** What must be read back; values are float32 in the file. */
const expected = [
  { tag: "training/loss", step: 1, value: 2.5, time: 1795860000 + 40 / 300 },
  { tag: "training/loss", step: 2, value: Math.fround(0.1), time: 1795860000 + 80 / 300 },
  { tag: "evaluations/f1", step: 2, value: 0.75, time: 1795860000 + 80 / 300 },
  { tag: "training/loss", step: 300, value: Math.fround(-1e-7), time: 1795860040 },
]

/** The fields of a protobuf message, read by hand: the number, and the bytes of each. */
const fieldsOf = (message: Buffer): ReadonlyArray<readonly [field: number, bytes: Buffer]> => {
  const fields: Array<readonly [number, Buffer]> = []
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 1;; shift *= 128) {
      const byte = message[at++] ?? assert.fail("a message ends within a number")
      value += (byte & 127) * shift
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const key = varint()
    const start = at
    const kind = key & 7
    const length = kind === 1 ? 8 : kind === 5 ? 4 : kind === 2 ? varint() : (varint(), 0)
    const from = kind === 0 ? start : at
    at = kind === 0 ? at : at + length
    fields.push([key >>> 3, message.subarray(from, at)])
  }
  return fields
}

/** A checksum bit by bit, as its definition has it, and masked as TFRecord files have it. */
const maskedCrc = (bytes: Buffer): number => {
  let crc = 0xffffffffn
  for (const byte of bytes) {
    crc ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n
  }
  crc ^= 0xffffffffn
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn)
}

const recordsOf = (file: Buffer): ReadonlyArray<Buffer> => {
  const records: Array<Buffer> = []
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at))
    assert.strictEqual(file.readUInt32LE(at + 8), maskedCrc(file.subarray(at, at + 8)))
    const data = file.subarray(at + 12, at + 12 + length)
    assert.strictEqual(file.readUInt32LE(at + 12 + length), maskedCrc(data))
    records.push(data)
    at += 16 + length
  }
  return records
}

const numberIn = (varint: Buffer): number => varint.reduceRight((sum, byte) => sum * 128 + (byte & 127), 0)

describe("curves as TensorBoard's event files", () => {
  it("have the checksums of RFC 3720", () => {
    assert.strictEqual(crc32c(Buffer.alloc(32)), 0x8a9136aa)
    assert.strictEqual(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43)
    assert.strictEqual(crc32c(Buffer.from("123456789")), 0xe3069283)
  })

  it("hold a version and every point, with tag, step, value and time", () => {
    const [version, ...events] = recordsOf(Buffer.from(tfevents(curves)))
    const first = new Map(fieldsOf(version ?? Buffer.alloc(0)))
    assert.strictEqual(first.get(3)?.toString(), "brain.Event:2")
    const read = events.map((event) => {
      const fields = new Map(fieldsOf(event))
      const value = new Map(fieldsOf(new Map(fieldsOf(fields.get(5) ?? Buffer.alloc(0))).get(1) ?? Buffer.alloc(0)))
      return {
        tag: value.get(1)?.toString(),
        step: numberIn(fields.get(2) ?? Buffer.alloc(0)),
        value: value.get(2)?.readFloatLE(),
        time: fields.get(1)?.readDoubleLE(),
      }
    })
    assert.deepStrictEqual(read, expected)
    assert.deepStrictEqual(tfevents(curves), tfevents(curves))
  })

  const python = tensorboardPython()
  it.skipIf(python === undefined)(
    "are read by TensorBoard itself (skipped where node test/pipeline/report/tensorboard.ts did not install it)",
    () => {
      const folder = mkdtempSync(join(tmpdir(), "redag-tensorboard-"))
      try {
        writeFileSync(join(folder, "events.out.tfevents.redag"), tfevents(curves))
        const program = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.io_wrapper import IsTensorFlowEventsFile
assert IsTensorFlowEventsFile("events.out.tfevents.redag")
events = EventAccumulator(sys.argv[1], size_guidance={"tensors": 0, "scalars": 0}).Reload()
print(json.dumps([dict(tag=tag, step=e.step, value=e.value, time=e.wall_time)
  for tag in events.Tags()["scalars"] for e in events.Scalars(tag)]))`
        const output = execFileSync(python ?? "", ["-c", program, folder], { encoding: "utf8" })
        const read = JSON.parse(output) as typeof expected
        assert.sameDeepMembers(read, expected)
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  )
})
