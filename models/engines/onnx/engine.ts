import type { InferenceSession, Tensor } from "onnxruntime-node"
import { boundShape, boundTo } from "../../ir/port.ts"
import { type Binding, type Engine, EngineError, type Port, type Session, type TensorData } from "../../ir/program.ts"
import { otherSession } from "../messages.ts"
import { emit, outputName, UNREADABLE } from "./emit.ts"
import { encodeModel } from "./protobuf.ts"

/** The library itself. */
export type Runtime = typeof import("onnxruntime-node")

/** Where onnxruntime computes. */
export type OnnxProvider = "cpu" | "webgpu" | "cuda"

/**
 * How threads wait. Those that spin, up to a second by themselves, steal the cores of others: on two busy cores steps
 * took 1.7 times as long. So many microseconds bridge the ops of a step between two products, and no more.
 */
const [SLEEPS, SPINS_BRIEFLY] = [{ allow_spinning: "0" }, { allow_spinning: "1", spin_duration_us: "50" }]

/** How onnxruntime-node's error begins when it comes to an output that is no tensor. */
const CANNOT_GIVE_BACK = "Non tensor type"

/** Inputs and outputs as onnxruntime tensors over the caller's own arrays. */
class OnnxBinding implements Binding {
  readonly session: Session
  readonly feeds: Record<string, Tensor>
  readonly fetches: Record<string, Tensor | null>

  constructor(session: Session, feeds: Record<string, Tensor>, fetches: Record<string, Tensor | null>) {
    this.session = session
    this.feeds = feeds
    this.fetches = fetches
  }
}

class OnnxSession implements Session {
  readonly #engine: string
  readonly #runtime: Runtime
  readonly #session: InferenceSession
  readonly #inputs: readonly Port[]
  readonly #outputs: readonly Port[]
  /**
   * onnxruntime-node 1.30 writes outputs into the arrays it was given and then copies each of them into a new one that
   * nobody asked for: with gradients as outputs that is another model in memory, and one more pass over it. It does so
   * after the run and gives up at an output that is no tensor, so one stands before the others. Later versions no longer
   * copy.
   */
  readonly #withoutCopies: boolean

  constructor(
    engine: string,
    runtime: Runtime,
    session: InferenceSession,
    inputs: readonly Port[],
    outputs: readonly Port[],
    withoutCopies: boolean,
  ) {
    this.#engine = engine
    this.#runtime = runtime
    this.#session = session
    this.#inputs = inputs
    this.#outputs = outputs
    this.#withoutCopies = withoutCopies
  }

  bind(inputs: ReadonlyMap<string, TensorData>, outputs: ReadonlyMap<string, TensorData>): Binding {
    const tensors = (ports: readonly Port[], data: ReadonlyMap<string, TensorData>, name: (port: Port) => string) =>
      Object.fromEntries(ports.map((port) => [name(port), this.#tensor(port, data.get(port.name))]))
    return new OnnxBinding(this, tensors(this.#inputs, inputs, (port) => port.name), {
      ...this.#withoutCopies ? { [UNREADABLE]: null } : {},
      ...tensors(this.#outputs, outputs, (port) => outputName(port.name)),
    })
  }

  async run(binding: Binding): Promise<void> {
    if (!(binding instanceof OnnxBinding) || binding.session !== this) {
      throw new EngineError(this.#engine, otherSession)
    }
    try {
      await this.#session.run(binding.feeds, binding.fetches)
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      // See `#withoutCopies`: the run is over and everything stands in the caller's arrays.
      if (this.#withoutCopies && message.startsWith(CANNOT_GIVE_BACK)) return
      throw new EngineError(this.#engine, message, cause)
    }
  }

  async release(): Promise<void> {
    await this.#session.release()
  }

  #tensor(port: Port, data: TensorData | undefined): Tensor {
    const bound = boundTo(this.#engine, port, data)
    return new this.#runtime.Tensor(port.dtype, bound, [...boundShape(port, bound)])
  }
}

/**
 * Runs programs on one of onnxruntime's providers, op after op in one order, so that on the CPU the same inputs give
 * the same bits for a given number of threads. `run` blocks the event loop. The library is loaded by the first
 * `compile`, and a provider that this machine cannot offer is an error of `compile`.
 */
export const onnxEngineOn = (
  provider: OnnxProvider,
  load: () => Promise<Runtime> = () => import("onnxruntime-node"),
): Engine => {
  const name = provider === "cpu" ? "onnxruntime" : `onnxruntime-${provider}`
  return {
    name,
    compile: async (program, { threads, latency }) => {
      // Read by NVIDIA's libraries: products would otherwise keep 10 bits of the mantissa of float32. What the user set is
      // overruled, since no key holds it.
      if (provider === "cuda") process.env["NVIDIA_TF32_OVERRIDE"] = "0"
      const runtime = await load()
      // An error is thrown as well; the log would show it a second time.
      runtime.env.logLevel = "fatal"
      const withoutCopies = provider === "cpu"
      const { model, external, inputs, outputs } = emit(program, {
        // On WebGPU onnxruntime 1.30 gives the mean of a row where its root mean square is asked for.
        normGivesInverseRms: provider !== "webgpu",
        unreadable: withoutCopies,
      })
      try {
        const session = await runtime.InferenceSession.create(encodeModel(model), {
          executionProviders: [provider],
          executionMode: "sequential",
          // A plan of the whole memory is laid out in one block beside what the first run took: twice as much in all.
          enableMemPattern: false,
          intraOpNumThreads: threads,
          interOpNumThreads: 1,
          logSeverityLevel: 3,
          extra: { session: { intra_op: latency === "low" ? SPINS_BRIEFLY : SLEEPS } },
          externalData: [...external].map(([path, { buffer, byteOffset, byteLength }]) => ({
            path,
            data: new Uint8Array(buffer, byteOffset, byteLength),
          })),
        })
        return new OnnxSession(name, runtime, session, inputs, outputs, withoutCopies)
      } catch (cause) {
        throw new EngineError(name, cause instanceof Error ? cause.message : String(cause), cause)
      }
    },
  }
}

/** Programs on the CPU. */
export const onnxEngine: Engine = onnxEngineOn("cpu")
