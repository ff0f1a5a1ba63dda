import { architectureOf } from "../../test/models/reading.ts"
/** Times batches of generation by redag: `node generate.ts JOB`, which bench/generate.ts starts. */
import { initialise } from "../../models/architectures/weights.ts"
import { onnxEngine } from "../../models/engines/onnx/engine.ts"
import { GREEDY } from "../../models/generation/decoding.ts"
import { generateEncoded } from "../../models/generation/generate.ts"
import type { Measured } from "../processes.ts"
import { randomIds } from "./random-ids.ts"

/** Batches of one shape, after one more. */
export interface GenerationJob {
  readonly config: Readonly<Record<string, unknown> & { readonly vocab_size: number }>
  readonly batch: number
  readonly beams: number
  /** New tokens of each row. */
  readonly tokens: number
  readonly source: number
  readonly rounds: number
  readonly threads: number
}

const job = JSON.parse(process.argv[2] ?? "") as GenerationJob
const { config, batch, tokens, source, rounds } = job
const known = architectureOf(config)
const weights = initialise(known.parameters, 1)
// No token is this EOS: every row is as long as it may be.
const architecture = { ...known, eosId: -1 }
const draw = randomIds(config.vocab_size)
const generation = generateEncoded({
  model: { architecture, weights },
  sources: Array.from({ length: batch * (1 + rounds) }, () => draw(source)),
  batchSize: batch,
  maxNewTokens: tokens,
  maxSourceTokens: source,
  decoding: { ...GREEDY, numBeams: job.beams },
  engine: onnxEngine,
  threads: job.threads,
})
const seconds: number[] = []
let start = performance.now()
let next = await generation.next()
while (next.done !== true) {
  const now = performance.now()
  seconds.push((now - start) / 1000)
  start = now
  next = await generation.next()
}
if (next.value.some((row) => row.length !== tokens)) throw new Error(`not every row has ${tokens} tokens`)
const [warmUp = 0, ...timed] = seconds
const measured: Measured = { seconds: timed, warmUp, peak: process.resourceUsage().maxRSS * 1024 }
process.stdout.write(`${JSON.stringify(measured)}\n`)
