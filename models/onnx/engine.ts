import type { InferenceSession, Tensor } from "onnxruntime-node"
import { type Binding, type Engine, EngineError, type Port, type Session, type TensorData } from "../ir/program.ts"
import { sizeOf } from "../ir/shape.ts"
import { emit, outputName } from "./emit.ts"
import { encodeModel } from "./protobuf.ts"

type Runtime = typeof import("onnxruntime-node")

const NAME = "onnxruntime"

/** Inputs and outputs as onnxruntime tensors over the caller's own arrays. */
class OnnxBinding implements Binding {
  readonly session: Session
  readonly feeds: Record<string, Tensor>
  readonly fetches: Record<string, Tensor>

  constructor(session: Session, feeds: Record<string, Tensor>, fetches: Record<string, Tensor>) {
    this.session = session
    this.feeds = feeds
    this.fetches = fetches
  }
}

class OnnxSession implements Session {
  readonly #runtime: Runtime
  readonly #session: InferenceSession
  readonly #inputs: readonly Port[]
  readonly #outputs: readonly Port[]

  constructor(runtime: Runtime, session: InferenceSession, inputs: readonly Port[], outputs: readonly Port[]) {
    this.#runtime = runtime
    this.#session = session
    this.#inputs = inputs
    this.#outputs = outputs
  }

  bind(inputs: ReadonlyMap<string, TensorData>, outputs: ReadonlyMap<string, TensorData>): Binding {
    const tensors = (ports: readonly Port[], data: ReadonlyMap<string, TensorData>, name: (port: Port) => string) =>
      Object.fromEntries(ports.map((port) => [name(port), this.#tensor(port, data.get(port.name))]))
    return new OnnxBinding(
      this,
      tensors(this.#inputs, inputs, (port) => port.name),
      tensors(this.#outputs, outputs, (port) => outputName(port.name)),
    )
  }

  async run(binding: Binding): Promise<void> {
    if (!(binding instanceof OnnxBinding) || binding.session !== this) {
      throw new EngineError(NAME, "the binding was made by another session")
    }
    try {
      await this.#session.run(binding.feeds, binding.fetches)
    } catch (cause) {
      throw new EngineError(NAME, cause instanceof Error ? cause.message : String(cause), cause)
    }
  }

  async release(): Promise<void> {
    await this.#session.release()
  }

  #tensor(port: Port, data: TensorData | undefined): Tensor {
    const { name, shape, dtype } = port
    const given = data instanceof Float32Array ? "float32" : "int32"
    if (data === undefined || given !== dtype || data.length !== sizeOf(shape)) {
      const got = data === undefined ? "nothing" : `${data.length} values of ${given}`
      throw new EngineError(NAME, `${name} needs ${dtype} [${shape.join(",")}] and got ${got}`)
    }
    return new this.#runtime.Tensor(dtype, data, [...shape])
  }
}

/**
 * Runs programs on onnxruntime's CPU provider, op after op in one order, so that the same inputs give the same bits
 * for a given number of threads. `run` blocks the event loop. The library is loaded by the first `compile`.
 */
export const onnxEngine: Engine = {
  name: NAME,
  compile: async (program, { threads }) => {
    const runtime = await import("onnxruntime-node")
    const { model, external, inputs, outputs } = emit(program)
    try {
      const session = await runtime.InferenceSession.create(encodeModel(model), {
        executionProviders: ["cpu"],
        executionMode: "sequential",
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
        // Threads that spin while they wait steal the cores of others: on two busy cores steps took 1.7 times as long.
        extra: { session: { intra_op: { allow_spinning: "0" } } },
        externalData: [...external].map(([path, { buffer, byteOffset, byteLength }]) => ({
          path,
          data: new Uint8Array(buffer, byteOffset, byteLength),
        })),
      })
      return new OnnxSession(runtime, session, inputs, outputs)
    } catch (cause) {
      throw new EngineError(NAME, cause instanceof Error ? cause.message : String(cause), cause)
    }
  },
}
