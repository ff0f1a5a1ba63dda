import { notBound } from "./messages.ts"
import { EngineError, type Port, type TensorData } from "./program.ts"
import { type Shape, sizeOf } from "./shape.ts"

/** The array bound to an input or output, which must fit it. Throws `EngineError` in the name of `engine`. */
export const boundTo = (engine: string, port: Port, data: TensorData | undefined): TensorData => {
  const { name, shape, dtype, free } = port
  const given = data instanceof Float32Array ? "float32" : "int32"
  if (data === undefined || given !== dtype || data.length !== sizeOf(boundShape(port, data)) || data.length === 0) {
    const dims = shape.map((dim, axis) => axis === free ? "any" : dim)
    throw new EngineError(
      engine,
      notBound(name, dtype, dims, data === undefined ? null : { given, length: data.length }),
    )
  }
  return data
}

/** The shape that an input has with this array, which is as long along the free axis as its values allow. */
export const boundShape = ({ shape, free }: Port, data: TensorData): Shape =>
  free === undefined ? shape : shape.with(free, Math.floor(data.length / sizeOf(shape.with(free, 1))))
