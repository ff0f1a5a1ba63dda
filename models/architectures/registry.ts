import type { Architecture } from "./architecture.ts"
import { bart } from "./bart.ts"
import { biogpt } from "./biogpt.ts"
import { UnsupportedConfig } from "./config.ts"
import { gptNeo } from "./gpt-neo.ts"
import { gpt2 } from "./gpt2.ts"
import { t5 } from "./t5.ts"

/** By `model_type`. */
const ARCHITECTURES: ReadonlyMap<unknown, (config: Readonly<Record<string, unknown>>) => Architecture> = new Map<
  string,
  (config: Readonly<Record<string, unknown>>) => Architecture
>([["t5", t5], ["bart", bart], ["gpt2", gpt2], ["gpt_neo", gptNeo], ["biogpt", biogpt]])

/** The architecture that a `config.json` asks for by its `model_type`. Throws `UnsupportedConfig`, which names the field. */
export const architectureOf = (config: Readonly<Record<string, unknown>>): Architecture => {
  const modelType = config["model_type"]
  const architecture = ARCHITECTURES.get(modelType)
  if (architecture !== undefined) return architecture(config)
  const is = modelType === undefined ? "is missing" : `is ${JSON.stringify(modelType)}`
  throw new UnsupportedConfig("model_type", `${is}; redag has ${[...ARCHITECTURES.keys()].join(", ")}`)
}
