import { type Engine, EngineError } from "../../ir/program.ts"
import { EngineUnavailable } from "../errors.ts"
import { multipliesWrongly } from "../messages.ts"
import type { OnnxName } from "../names.ts"
import { isRight, smallProduct } from "../product.ts"
import { onnxEngineOn, type OnnxProvider, type Runtime } from "./engine.ts"

/** An engine that computes elsewhere than on the CPU, once it has multiplied rightly. Throws `EngineUnavailable`. */
export const triedEngine = async (
  name: OnnxName,
  provider: OnnxProvider,
  help: string,
  load?: () => Promise<Runtime>,
): Promise<Engine> => {
  const engine = onnxEngineOn(provider, load)
  const product = await smallProduct(engine).catch((cause: unknown) => {
    // onnxruntime puts the place in its source before some reasons.
    const [line = ""] = (cause instanceof EngineError ? cause.reason : String(cause)).split("\n")
    throw new EngineUnavailable(name, line.replace(/^.* was false\. /u, ""), help, { cause })
  })
  if (isRight(product)) return engine
  throw new EngineUnavailable(name, multipliesWrongly(product), help, { wrong: true })
}
