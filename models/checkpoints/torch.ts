import { sizeOf } from "../ir/shape.ts"
import { TorchFileError } from "./errors.ts"
import { gather, isContiguous, spanOf } from "./layout.ts"
import {
  barePickle,
  bigEndian,
  entrySize,
  noEntry,
  notOfTorch,
  noZip,
  oldTorch,
  otherDtype,
  pickleTooLong,
  pointer,
  torchScript,
} from "./messages.ts"
import { type ByteSource, isPointer, readBytes } from "./source.ts"
import {
  BYTES_OF,
  checkLength,
  floatPieces,
  type FloatType,
  isFloat,
  PIECE,
  readFloats,
  type StoredTensor,
} from "./stored.ts"
import { readStateDict, type TorchTensor } from "./torch-state.ts"
import { readZip, type ZipEntry } from "./zip.ts"

// The format of `torch.save` since PyTorch 1.6: a zip archive with, in one folder of any name, `data.pkl`, `byteorder`
// and each storage as `data/<key>`.
// https://docs.pytorch.org/docs/stable/notes/serialization.html

// Room for a hundred thousand tensors.
const MAX_PICKLE = 2 ** 24
const PICKLE = "data.pkl"
const ZIP = [0x50, 0x4b]
const PROTOCOL = 0x80
// A pickle of protocol 2 that holds one long number, with which files before PyTorch 1.6 begin.
const OLD = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46]

/**
 * The tensors of a file of `torch.save(model.state_dict())`, in the order of the dict. Storages are held against their
 * CRC-32 when they are read. Throws `TorchFileError` where the file is cut off, damaged or of another kind,
 * `PickleError` where it holds anything but tensors.
 */
export const openTorch = (source: ByteSource): ReadonlyMap<string, StoredTensor> => {
  const fail = (reason: string): never => {
    throw new TorchFileError(source.name, reason)
  }
  checkKind(source, fail)
  const { names, open } = readZip(source)
  const pickles = [...names].filter((name) => /^[^/]+\/data\.pkl$/u.test(name))
  const folder = pickles[0]?.slice(0, -PICKLE.length) ?? ""
  const pickle = open(folder + PICKLE)
  if (pickle === undefined || pickles.length > 1) return fail(notOfTorch(PICKLE))
  if (names.has(`${folder}constants.pkl`)) {
    return fail(torchScript)
  }
  const order = open(`${folder}byteorder`)?.bytes()
  if (order !== undefined && new TextDecoder().decode(order) !== "little") return fail(bigEndian)
  if (pickle.size > MAX_PICKLE) return fail(pickleTooLong(pickle.size, MAX_PICKLE))
  const tensors = new Map<string, StoredTensor>()
  for (const [name, tensor] of readStateDict(source.name, pickle.bytes())) {
    const { key, dtype, elements } = tensor.storage
    const entry = open(`${folder}data/${key}`)
      ?? fail(noEntry(name, key))
    if (entry.size !== elements * BYTES_OF[dtype]) {
      return fail(
        entrySize(name, elements, dtype, entry.name, entry.size),
      )
    }
    tensors.set(name, storedTensor(source.name, name, tensor, entry))
  }
  return tensors
}

const checkKind = (source: ByteSource, fail: (reason: string) => never): void => {
  if (isPointer(source)) return fail(pointer)
  const head = readBytes(source, 0, Math.min(OLD.length, source.size))
  if (ZIP.every((byte, at) => head[at] === byte)) return
  if (OLD.every((byte, at) => head[at] === byte)) {
    return fail(oldTorch)
  }
  return fail(head[0] === PROTOCOL ? barePickle : noZip)
}

const storedTensor = (file: string, name: string, { storage, layout }: TorchTensor, entry: ZipEntry): StoredTensor => {
  const { dtype } = storage
  const { shape } = layout
  const elements = sizeOf(shape)
  const start = layout.offset * BYTES_OF[dtype]
  const isOrdered = isContiguous(layout)
  const bytesOf = (bytes: Uint8Array, offset: number): void => entry.read(bytes, start + offset)
  const checked = (): FloatType => {
    if (!isFloat(dtype)) throw new TorchFileError(file, otherDtype(name, dtype))
    // Reading all of a storage checks it on the way.
    if (elements > 0 && (elements < storage.elements || !isOrdered)) entry.check()
    return dtype
  }
  const read = (into: Float32Array): void => {
    checkLength(name, shape, into)
    const type = checked()
    if (elements === 0) return
    if (isOrdered) readFloats(type, into, bytesOf)
    else readStrided(type, into)
  }
  const pieces = function*(): Generator<Float32Array, void> {
    if (isOrdered) return yield* floatPieces(checked(), elements, bytesOf)
    const whole = new Float32Array(elements)
    read(whole)
    for (let at = 0; at < elements; at += PIECE) yield whole.subarray(at, at + PIECE)
  }
  const readStrided = (dtype: FloatType, into: Float32Array): void => {
    const span = entry.bytes(start, spanOf(layout) * BYTES_OF[dtype])
    const ordered = new Uint8Array(elements * BYTES_OF[dtype])
    if (dtype === "F32") gather(new Uint32Array(span.buffer), new Uint32Array(ordered.buffer), layout)
    else gather(new Uint16Array(span.buffer), new Uint16Array(ordered.buffer), layout)
    readFloats(dtype, into, (bytes, offset) => bytes.set(ordered.subarray(offset, offset + bytes.length)))
  }
  return { name, dtype, shape, file, read, pieces }
}
