import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire"

// Field numbers and enum values are those of onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).

/** Element types of `TensorProto.DataType` that redag emits. */
export const TensorType = { float32: 1, int32: 6, int64: 7 } as const

/** One of the element types that redag emits. */
export type TensorType = keyof typeof TensorType

/** The dimension of an axis that may be of any length. */
export const ANY_LENGTH = -1

/** The name, element type and dimensions of a graph input or output. */
export interface ValueInfo {
  readonly name: string
  readonly type: TensorType
  readonly dims: readonly number[]
}

/** The name of an output that is a sequence of float32 tensors. */
export interface SequenceInfo {
  readonly sequence: string
}

/** Constant data inside a model: held in the protobuf, or outside it in a named buffer that is handed to the session. */
export interface Initializer extends ValueInfo {
  readonly data: { readonly inline: Uint8Array } | { readonly external: string; readonly bytes: number }
}

/** An attribute value: a plain number is written as an ONNX int, `{ float }` as an ONNX float. */
export type Attribute = number | string | readonly number[] | { readonly float: number }

/** One operator call. */
export interface OnnxNode {
  readonly type: string
  readonly domain?: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, Attribute>>
}

/** A whole ONNX graph, before serialisation. */
export interface OnnxModel {
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly (ValueInfo | SequenceInfo)[]
  readonly initializers: readonly Initializer[]
  readonly nodes: readonly OnnxNode[]
}

/** The ONNX operator set that the emitted nodes follow. */
export const OPSET = 20

/** The domain of onnxruntime's own operators. */
export const MICROSOFT = "com.microsoft"

const IR_VERSION = 10
const EXTERNAL = 1

const message = (writer: BinaryWriter, field: number, write: (writer: BinaryWriter) => void): void => {
  writer.tag(field, WireType.LengthDelimited).fork()
  write(writer)
  writer.join()
}

const text = (writer: BinaryWriter, field: number, value: string): void => {
  writer.tag(field, WireType.LengthDelimited).string(value)
}

const integer = (writer: BinaryWriter, field: number, value: number): void => {
  writer.tag(field, WireType.Varint).int64(value)
}

const valueInfo = (value: ValueInfo | SequenceInfo) => (writer: BinaryWriter): void => {
  if ("sequence" in value) {
    text(writer, 1, value.sequence)
    message(
      writer,
      2,
      (type) =>
        message(
          type,
          4,
          (sequence) =>
            message(sequence, 1, (element) => message(element, 1, (tensor) => integer(tensor, 1, TensorType.float32))),
        ),
    )
    return
  }
  text(writer, 1, value.name)
  message(writer, 2, (type) =>
    message(type, 1, (tensor) => {
      integer(tensor, 1, TensorType[value.type])
      message(tensor, 2, (shape) => {
        for (const dim of value.dims) {
          message(shape, 1, (dimension) => dim === ANY_LENGTH ? undefined : integer(dimension, 1, dim))
        }
      })
    }))
}

const initializer = (value: Initializer) => (writer: BinaryWriter): void => {
  for (const dim of value.dims) integer(writer, 1, dim)
  integer(writer, 2, TensorType[value.type])
  text(writer, 8, value.name)
  const { data } = value
  if ("inline" in data) {
    writer.tag(9, WireType.LengthDelimited).bytes(data.inline)
    return
  }
  const entries = { location: data.external, offset: "0", length: String(data.bytes) }
  for (const [key, entry] of Object.entries(entries)) {
    message(writer, 13, (pair) => {
      text(pair, 1, key)
      text(pair, 2, entry)
    })
  }
  integer(writer, 14, EXTERNAL)
}

const attribute = (name: string, value: Attribute) => (writer: BinaryWriter): void => {
  text(writer, 1, name)
  if (typeof value === "number") {
    integer(writer, 3, value)
    integer(writer, 20, 2)
  } else if (typeof value === "string") {
    text(writer, 4, value)
    integer(writer, 20, 3)
  } else if ("float" in value) {
    writer.tag(2, WireType.Bit32).float(value.float)
    integer(writer, 20, 1)
  } else {
    for (const item of value) integer(writer, 8, item)
    integer(writer, 20, 7)
  }
}

const node = (value: OnnxNode) => (writer: BinaryWriter): void => {
  for (const input of value.inputs) text(writer, 1, input)
  for (const output of value.outputs) text(writer, 2, output)
  text(writer, 3, value.name)
  text(writer, 4, value.type)
  for (const [name, item] of Object.entries(value.attributes ?? {})) message(writer, 5, attribute(name, item))
  if (value.domain !== undefined) text(writer, 7, value.domain)
}

/** Serialises a model as an ONNX `ModelProto`; the same model always gives the same bytes. */
export const encodeModel = (model: OnnxModel): Uint8Array => {
  const writer = new BinaryWriter()
  integer(writer, 1, IR_VERSION)
  text(writer, 2, "redag")
  message(writer, 7, (graph) => {
    for (const value of model.nodes) message(graph, 1, node(value))
    text(graph, 2, "redag")
    for (const value of model.initializers) message(graph, 5, initializer(value))
    for (const value of model.inputs) message(graph, 11, valueInfo(value))
    for (const value of model.outputs) message(graph, 12, valueInfo(value))
  })
  for (const [domain, version] of [["", OPSET], [MICROSOFT, 1]] as const) {
    message(writer, 8, (opset) => {
      text(opset, 1, domain)
      integer(opset, 2, version)
    })
  }
  return writer.finish()
}
