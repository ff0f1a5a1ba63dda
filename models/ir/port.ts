import { EngineError, type Port, type TensorData } from "./program.ts"
import { sizeOf } from "./shape.ts"

/** The array bound to an input or output, which must fit it. Throws `EngineError` in the name of `engine`. */
export const boundTo = (engine: string, port: Port, data: TensorData | undefined): TensorData => {
  const { name, shape, dtype } = port
  const given = data instanceof Float32Array ? "float32" : "int32"
  if (data === undefined || given !== dtype || data.length !== sizeOf(shape)) {
    const got = data === undefined ? "nothing" : `${data.length} values of ${given}`
    throw new EngineError(engine, `${name} needs ${dtype} [${shape.join(",")}] and got ${got}`)
  }
  return data
}
