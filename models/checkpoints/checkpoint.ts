import type { Architecture } from "../architectures/architecture.ts"
import type { ModelWeights } from "../architectures/weights.ts"
import { CONFIG, type Described } from "./description.ts"
import { safetensorsPieces } from "./safetensors-writer.ts"

/** A language model that reads and writes text. */
export interface Checkpoint extends Described<Architecture> {
  readonly weights: ModelWeights
}

/** A checkpoint's files by name, each in parts; the same checkpoint always gives the same bytes. */
export const checkpointFiles = (
  { weights, tokenizer, described }: Pick<Checkpoint, "weights" | "tokenizer" | "described">,
): ReadonlyMap<string, readonly Uint8Array[]> => {
  const files = new Map<string, readonly Uint8Array[]>()
  for (const [name, content] of described) files.set(name, [name === CONFIG ? asFloat32(content) : content])
  for (const [name, content] of tokenizer.saved()) files.set(name, [content])
  // transformers reads no file without this entry.
  return files.set("model.safetensors", safetensorsPieces(weights.tensors, { format: "pt" }).pieces)
}

/** A configuration whose weights are float32: transformers would round them to the type that it names. */
const asFloat32 = (config: Uint8Array): Uint8Array =>
  // As text, since `1.0` parsed and written again would be `1`, which transformers 5 refuses.
  new TextEncoder().encode(
    new TextDecoder().decode(config).replace(/"((?:torch_)?dtype)"(\s*:\s*)"(?:b?float16)"/gu, "\"$1\"$2\"float32\""),
  )
