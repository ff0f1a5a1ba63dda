import { assert, describe, it } from "@effect/vitest"
import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PickleError } from "../../../models/checkpoints/errors.ts"
import { readStateDict } from "../../../models/checkpoints/torch-state.ts"
import { openOne, referencePath } from "./support.ts"
import { joined, op, pickle, type PickledTensor, tensorOps, torchEntries, tuple, zipOf } from "./torch-file.ts"

const read = (bytes: Uint8Array) => readStateDict("model.bin", bytes)

const tensor: PickledTensor = {
  name: "a",
  storage: "FloatStorage",
  key: "0",
  elements: 1,
  offset: 0,
  shape: [],
  strides: [],
}

describe("a pickle that calls os.system", () => {
  it("is refused as torch.save wrote it", () => {
    assert.throws(
      () => openOne("pytorch_model.bin", referencePath("call.bin")),
      PickleError,
      /^pytorch_model\.bin: the pickle asks for posix\.system; only tensors are read, and no code was run/u,
    )
    assert.isFalse(existsSync("redag-pickle-ran"))
  })

  it("is refused wherever the call stands, and nothing runs", async () => {
    const folder = await mkdtemp(join(tmpdir(), "redag-pickle-"))
    try {
      const marker = join(folder, "ran")
      const command = op.text(`touch ${marker}`)
      const call = (module: string, name: string) => [
        ...op.global(module, name),
        ...tuple(command),
        ...op.reduce,
      ]
      const system = call("os", "system")
      const byStack = [...op.text("os"), ...op.text("system"), 0x93, ...tuple(command), ...op.reduce]
      const hostile: readonly (readonly [Uint8Array, RegExp])[] = [
        [pickle(system), /asks for os\.system/u],
        [pickle(byStack), /asks for os\.system/u],
        [pickle(call("builtins", "eval")), /asks for builtins\.eval/u],
        [pickle(call("torch", "load")), /asks for torch\.load/u],
        [
          pickle(call("torch._utils", "_rebuild_tensor_v2.__globals__")),
          /asks for torch\._utils\._rebuild_tensor_v2\./u,
        ],
        [pickle(call("__proto__", "constructor")), /asks for __proto__\.constructor/u],
        [pickle(op.emptyDict, op.text("a"), system, op.setItem), /asks for os\.system/u],
        [pickle(op.emptyDict, op.text("a"), tensorOps(tensor), op.setItem, system, [0x62]), /asks for os\.system/u],
        [
          pickle(op.emptyDict, op.text("a"), [...tensorOps(tensor), ...system, 0x30], op.setItem),
          /asks for os\.system/u,
        ],
        // The older ways to make an object: INST, OBJ and NEWOBJ.
        [pickle(op.mark, command, [0x69, ...new TextEncoder().encode("os\nsystem\n")]), /opcode 0x69/u],
        [pickle(op.mark, op.global("collections", "OrderedDict"), [0x6f]), /opcode 0x6f/u],
        [pickle(op.global("collections", "OrderedDict"), op.emptyTuple, [0x81]), /opcode 0x81/u],
        // Names that are allowed, used for something else.
        [pickle(op.global("torch", "FloatStorage"), tuple(command), op.reduce), /calls what is no function/u],
        [pickle(op.global("collections", "OrderedDict"), tuple(command), op.reduce), /OrderedDict with arguments/u],
        [pickle(op.global("torch._utils", "_rebuild_tensor_v2"), tuple(command), op.reduce), /makes a tensor of what/u],
        [pickle(op.global("torch._utils", "_rebuild_parameter"), tuple(command), op.reduce), /a parameter of what/u],
        [pickle(tensorOps(tensor), command, [0x62]), /attributes of something other than a dict/u],
        [pickle(command, op.persistent), /storage is not described by a tuple/u],
        [pickle(tuple(command), op.persistent), /storage lacks its type/u],
      ]
      for (const [bytes, reason] of hostile) {
        assert.throws(() => read(bytes), PickleError, reason)
        const file = joined(zipOf(torchEntries(bytes, { 0: new Uint8Array(4) })))
        assert.throws(() => openOne("pytorch_model.bin", file), PickleError, reason)
      }
      assert.isFalse(existsSync(marker))
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe("a pickle that would exhaust memory or never end", () => {
  it("is refused soon", () => {
    const hostile: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
      "steps without end": [new Uint8Array(2_000_000).fill(0x5d), /more than 1000000 steps/u],
      "a text longer than the file": [pickle([0x58, 255, 255, 255, 255]), /cut off/u],
      "a text of 2⁶⁴ bytes": [pickle([0x8d, 255, 255, 255, 255, 255, 255, 255, 255]), /cut off/u],
      "an integer of 255 bytes": [pickle([0x8a, 255], Array.from({ length: 255 }, () => 0x7f)), /more than 53 bits/u],
      "a frame at the end": [Uint8Array.of(0x95, 0), /cut off/u],
      "a name without end": [Uint8Array.of(0x63, 0x6f, 0x73), /cut off/u],
      "a value that is not there": [Uint8Array.of(0x30), /value that is not there/u],
      "an end without a value": [Uint8Array.of(0x2e), /value that is not there/u],
      "an end before its value is used": [pickle(op.emptyDict, op.emptyDict), /ends before/u],
      "a mark as a value": [pickle(op.mark), /value that is not there/u],
      "no mark": [pickle(op.emptyDict, op.setItems), /lacks a mark/u],
      "a key without a value": [pickle(op.emptyDict, op.mark, op.text("a"), op.setItems), /key has no value/u],
      "a key that is a list": [pickle(op.emptyDict, op.emptyList, op.emptyList, op.setItem), /neither text nor/u],
      "a value that was not kept": [pickle([0x68, 3]), /recalls a value/u],
      "text that is not UTF-8": [pickle([0x8c, 1, 0xff]), /not UTF-8/u],
      "protocol 0": [pickle(op.protocol(0)), /protocol 0, not 2 to 5/u],
      "an item of no dict": [pickle(op.emptyList, op.text("a"), op.text("b"), op.setItem), /no dict/u],
      "an element of no list": [pickle(op.emptyDict, op.text("a"), [0x61]), /no list/u],
    }
    for (const [name, [bytes, reason]] of Object.entries(hostile)) {
      assert.throws(() => read(bytes), PickleError, reason, name)
    }
  })

  it("may hold itself, which nobody follows", () => {
    // A dict that is kept as number 0, with itself as the item `a`.
    const endless = pickle(op.emptyDict, [0x71, 0], op.text("a"), [0x68, 0], op.setItem)
    assert.throws(() => read(endless), PickleError, /a is a dict, no tensor/u)
  })
})
