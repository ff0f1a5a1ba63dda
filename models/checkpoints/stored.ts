import { type Shape, sizeOf } from "../ir/shape.ts"
import { widen } from "./half.ts"
import { otherLength } from "./messages.ts"

/** Bytes of an element by the names that safetensors has for dtypes. */
export const BYTES_OF = {
  F32: 4,
  F16: 2,
  BF16: 2,
  F64: 8,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  C64: 8,
} as const

/** More axes than any tensor has; PyTorch has the same limit. */
export const MAX_RANK = 64

/** A dtype that a file can hold. */
export type StoredType = keyof typeof BYTES_OF

/** A dtype that weights can be read from. */
export type FloatType = "F32" | "F16" | "BF16"

/** Whether weights can be read from the dtype. */
export const isFloat = (dtype: StoredType): dtype is FloatType => dtype === "F32" || dtype === "F16" || dtype === "BF16"

/**
 * A tensor in a file: its name, dtype and shape are known, its data is still there. Old checkpoints hold buffers of
 * integers and booleans too, which an architecture ignores by name; they are an error only when read.
 */
export interface StoredTensor {
  readonly name: string
  readonly dtype: StoredType
  readonly shape: Shape
  /** The name of the file that holds it. */
  readonly file: string
  /**
   * Fills `into`, row-major, with the values as float32. Throws `SafetensorsError` or `TorchFileError` where the dtype
   * is no `FloatType` or the data is damaged, `WeightFilesError` where the disk fails, `RangeError` where `into` has
   * another length than the shape.
   */
  read(into: Float32Array): void
  /**
   * The values, row-major, in pieces of at most `PIECE` that share one array: for a look at a tensor that memory need
   * not hold. Throws as `read` does.
   */
  pieces(): Iterable<Float32Array>
}

/** The tensors of a model's weight files, in the order of the files. */
export interface WeightFiles {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  /** Closes the files; nothing can be read afterwards. */
  readonly close: () => void
}

/** Throws `RangeError` where `into` does not have the tensor's number of elements. */
export const checkLength = (name: string, shape: Shape, into: Float32Array): void => {
  const elements = sizeOf(shape)
  if (into.length !== elements) {
    throw new RangeError(otherLength(name, elements, into.length))
  }
}

/** Elements that are read at once: few enough to stay in the processor's cache until they are widened or summed. */
export const PIECE = 2 ** 18

/** Fills `into` from stored elements that lie one after another from byte `start` on. */
const readPiece = (
  dtype: FloatType,
  into: Float32Array,
  start: number,
  read: (bytes: Uint8Array, offset: number) => void,
): void => {
  // Narrow elements go to the end of the piece, from where they are widened towards its front.
  const length = into.length * BYTES_OF[dtype]
  read(new Uint8Array(into.buffer, into.byteOffset + into.byteLength - length, length), start)
  if (dtype !== "F32") widen(dtype, into)
}

/**
 * Fills `into` from stored elements that lie one after another; `read(bytes, offset)` gets those from byte `offset` on.
 * The reads go on from each other, and straight into `into`.
 */
export const readFloats = (
  dtype: FloatType,
  into: Float32Array,
  read: (bytes: Uint8Array, offset: number) => void,
): void => {
  for (let start = 0; start < into.length; start += PIECE) {
    readPiece(dtype, into.subarray(start, start + PIECE), start * BYTES_OF[dtype], read)
  }
}

/** The floats of `elements` stored elements, piece after piece in one array; `read` as of `readFloats`. */
export function* floatPieces(
  dtype: FloatType,
  elements: number,
  read: (bytes: Uint8Array, offset: number) => void,
): Generator<Float32Array, void> {
  const array = new Float32Array(Math.min(PIECE, elements))
  for (let start = 0; start < elements; start += PIECE) {
    const piece = array.subarray(0, elements - start)
    readPiece(dtype, piece, start * BYTES_OF[dtype], read)
    yield piece
  }
}
