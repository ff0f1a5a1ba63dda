/**
 * What constrained decoding costs: time per new token with and without it, for the demo's models, and for a T5 and a
 * GPT-2 of the published vocabularies where their tokenizer files stand beside the checkout. Weights are random.
 *
 * Run as `npm run bench:constrained`; it takes a minute of processor time. `--rounds N` timed rounds of each
 * side, which take turns after a first one of both; `--threads N`, of the model; `--model TEXT` for those whose name
 * holds it. With the constraint no text is ended before the limit has it end; without it, texts end where they did with
 * it, so that both sides take the same steps. Time begins with the first source read: compiling is left out; what the
 * constraint takes before, once for a vocabulary, is told as "before".
 * Ends with status 1 where the constraint costs more than a tenth.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import type { Config } from "../models/architectures/architecture.ts"
import { initialise } from "../models/architectures/weights.ts"
import { onnxEngine } from "../models/engines/onnx/engine.ts"
import { observedEngine } from "../models/generation/constraints/engine.ts"
import { generateConstrained } from "../models/generation/constraints/generate.ts"
import { GREEDY } from "../models/generation/decoding.ts"
import { generate, type GenerateOptions, type Generation } from "../models/generation/generate.ts"
import type { Engine } from "../models/ir/program.ts"
import type { Files } from "../models/tokenizers/files.ts"
import { encodeSource } from "../models/training/batches.ts"
import { readYaml } from "../pipeline/graph/yaml.ts"
import { namesOf } from "../stages/generate/constrained.ts"
import { grammarOf } from "../stages/generate/grammar.ts"
import { Language } from "../stages/shared/language/language.ts"
import { inverted } from "../stages/shared/language/template.ts"
import type { ConstraintParam } from "../stages/shared/params/constraint.ts"
import { architectureOf, readTokenizer } from "../test/models/reading.ts"
import { circumstances, median, table, toldCircumstances } from "./report.ts"

const GOAL = 0.1
const root = join(import.meta.dirname, "..")
const shared = join(root, "../shared/data")
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    threads: { type: "string", default: "1" },
    model: { type: "string", default: "" },
  },
})
const [rounds, threads] = [Number(values.rounds), Number(values.threads)]

/** A model of the bench: a configuration, a folder of tokenizer files, and a file of CDR's documents. */
interface Subject {
  readonly name: string
  readonly config: Config
  readonly tokenizer: string
  readonly corpus: string
  readonly maxSourceTokens: number
  /** Greedily; a quarter of them with beams. */
  readonly documents: number
  /** Templates and numbers of beams. */
  readonly ways: readonly (readonly [corpus: string, beams: number])[]
}

const GREEDILY = [["cdr", 1]] as const
const MINIS = ["bart", "biogpt", "gpt-neo", "gpt2", "t5"]
const BUNDLED = join(root, "bundled/corpora/cdr/CDR_TestSet.PubTator.txt")
const WHOLE = join(shared, "cdr/CDR_TestSet.PubTator.txt")
const PUBLISHED: readonly (readonly [name: string, folder: string, config: Config])[] = [
  ["t5, 4 layers of 256", "t5", {
    model_type: "t5",
    vocab_size: 32128,
    d_model: 256,
    d_kv: 32,
    d_ff: 1024,
    num_layers: 4,
    num_heads: 8,
    pad_token_id: 0,
    eos_token_id: 1,
    decoder_start_token_id: 0,
  }],
  ["gpt2, 4 layers of 256", "gpt2", {
    model_type: "gpt2",
    vocab_size: 50257,
    n_embd: 256,
    n_layer: 4,
    n_head: 8,
    n_positions: 1024,
    bos_token_id: 50256,
    eos_token_id: 50256,
  }],
]
const subjects: readonly Subject[] = [
  ...MINIS.map((name): Subject => {
    const tokenizer = join(root, "bundled/models", name)
    const config = JSON.parse(readFileSync(join(tokenizer, "config.json"), "utf8")) as Config
    return {
      name: `${name}-mini`,
      config,
      tokenizer,
      corpus: BUNDLED,
      maxSourceTokens: 256,
      documents: 32,
      ways: name === "t5" ? [...GREEDILY, ["dce", 1], ["cdr", 4]] : GREEDILY,
    }
  }),
  ...PUBLISHED.map(([name, folder, config]): Subject => ({
    name,
    config,
    tokenizer: join(shared, "tokenizers", folder),
    corpus: existsSync(WHOLE) ? WHOLE : BUNDLED,
    maxSourceTokens: 512,
    documents: 8,
    ways: folder === "t5" ? [...GREEDILY, ["cdr", 4]] : GREEDILY,
  })),
]

/** The titles and abstracts of a PubTator file. */
const textsOf = (file: string): readonly string[] => {
  const texts = new Map<string, string[]>()
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [, id = "", text = ""] = /^(\d+)\|[ta]\|(.*)$/u.exec(line) ?? []
    if (id !== "") texts.set(id, [...texts.get(id) ?? [], text])
  }
  return [...texts.values()].map((parts) => parts.join(" "))
}

const constraintOf = (corpus: string): ConstraintParam => {
  const { template, extraction } = readYaml(root, `stages/template/${corpus}.yaml`, Language)
  return { template: { ...inverted(template), source: template.source }, extraction }
}

interface Taken {
  readonly wall: number
  readonly processor: number
  /** Seconds before the first source was read. */
  readonly start: number
}

const now = (): Pick<Taken, "wall" | "processor"> => {
  const { user, system } = process.cpuUsage()
  return { wall: performance.now() / 1000, processor: (user + system) / 1e6 }
}

/** An engine that notes when the first source is about to be read. */
const timedEngine = (engine: Engine): { readonly engine: Engine; readonly begun: () => ReturnType<typeof now> } => {
  let begun: ReturnType<typeof now> | undefined
  return {
    engine: {
      name: engine.name,
      compile: async (program, options) => {
        const session = await engine.compile(program, options)
        return {
          bind: (inputs, outputs) => session.bind(inputs, outputs),
          run: (binding) => {
            begun ??= now()
            return session.run(binding)
          },
          release: () => session.release(),
        }
      },
    },
    begun: () => begun ?? now(),
  }
}

/** An engine under which no text is ended before it must be. */
const unendingEngine = (engine: Engine, ids: readonly number[]): Engine =>
  observedEngine(engine, {
    begin: () => {},
    step: (read, _, scores) => {
      const vocabulary = scores.length / read.length
      for (let row = 0; row < read.length; row++) for (const id of ids) scores[row * vocabulary + id] = -1e4
    },
  })

/** An engine under which the output of each source ends after so many tokens; the order is that of the batches. */
const endingEngine = (engine: Engine, eosId: number, batchSize: number, lengths: readonly number[]): Engine => {
  let [batch, step] = [-1, 0]
  return observedEngine(engine, {
    begin: () => [batch, step] = [batch + 1, 0],
    step: (ids, _, scores) => {
      step++
      const vocabulary = scores.length / ids.length
      const beams = ids.length / Math.min(batchSize, lengths.length)
      for (let row = 0; row < ids.length; row++) {
        const length = lengths[batch * batchSize + Math.floor(row / beams)] ?? 1
        scores[row * vocabulary + eosId] = step < length ? -Infinity : 1e9
      }
    },
  })
}

interface Line {
  readonly cells: readonly string[]
  readonly cost: number
}

const measure = async (subject: Subject, corpus: string, beams: number): Promise<Line> => {
  const files: Files = new Map(
    readdirSync(subject.tokenizer).filter((file) => /\.(json|txt)$/u.test(file)).map((file) =>
      [file, new Uint8Array(readFileSync(join(subject.tokenizer, file)))] as const
    ),
  )
  const architecture = architectureOf(subject.config)
  const tokenizer = readTokenizer(files, String(subject.config["model_type"]))
  const { template, extraction } = constraintOf(corpus)
  const documents = beams === 1 ? subject.documents : subject.documents / 4
  const sources = textsOf(subject.corpus).slice(0, documents).map((text) => template.source.replace("{text}", text))
  const batchSize = beams === 1 ? 8 : 1
  const options: GenerateOptions = {
    checkpoint: { architecture, tokenizer, weights: initialise(architecture.parameters, 1) },
    sources,
    batchSize,
    maxNewTokens: 64,
    maxSourceTokens: subject.maxSourceTokens,
    sharedTokens: null,
    decoding: { ...GREEDY, numBeams: beams },
    engine: onnxEngine,
    threads,
  }
  const lengthOf = (source: string): number => encodeSource(architecture, tokenizer, source, options).ids.length
  const order = sources.map((source, index) => ({ index, length: lengthOf(source) }))
    .toSorted((a, b) => b.length - a.length || a.index - b.index).map(({ index }) => index)

  const take = async (
    run: (engine: Engine) => AsyncGenerator<unknown, readonly Generation[], void>,
  ): Promise<Taken & { readonly outputs: readonly Generation[] }> => {
    const called = now()
    const { engine, begun } = timedEngine(onnxEngine)
    const generation = run(engine)
    let next = await generation.next()
    while (next.done !== true) next = await generation.next()
    const [first, end] = [begun(), now()]
    return {
      wall: end.wall - first.wall,
      processor: end.processor - first.processor,
      start: first.wall - called.wall,
      outputs: next.value,
    }
  }
  const ids = Array.from({ length: tokenizer.size }, (_, id) => id)
  const ends = ids.filter((id) => [".", ";."].includes(tokenizer.decode([id]).trim()))
  const constrained = () =>
    take((engine) =>
      generateConstrained({ ...options, engine: unendingEngine(engine, ends) }, {
        grammar: grammarOf({ template, extraction }),
        names: sources.map((source) => namesOf(source, { template, extraction })),
      })
    )
  const { outputs } = await constrained()
  // Of beams, the likeliest one says how long all are.
  const lengths = order.map((index) => outputs[index]?.tokens ?? 1)
  const free = () =>
    take((engine) => generate({ ...options, engine: endingEngine(engine, architecture.eosId, batchSize, lengths) }))
  const tokens = lengths.reduce((sum, length) => sum + length, 0)
  const unlike = (await free()).outputs.filter(({ tokens: length }, index) => length !== outputs[index]?.tokens).length
  if (unlike > 0) process.stderr.write(`${subject.name}: ${unlike} outputs are of other lengths\n`)
  const [withIt, without]: [Taken[], Taken[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const turns = [async () => withIt.push(await constrained()), async () => without.push(await free())]
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn()
  }
  const of = (taken: readonly Taken[], what: keyof Taken): number => median(taken.map((each) => each[what]))
  const cost = of(withIt, "processor") / of(without, "processor") - 1
  const speed = (seconds: number): string => (tokens / seconds).toFixed(0)
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
  return {
    cost,
    cells: [
      `${subject.name}, ${corpus}`,
      beams === 1 ? `greedy, batch ${batchSize}` : `beam ${beams}, batch 1`,
      String(tokenizer.size),
      (tokens / documents).toFixed(0),
      speed(of(without, "wall")),
      speed(of(withIt, "wall")),
      percent(of(withIt, "wall") / of(without, "wall") - 1),
      speed(of(without, "processor")),
      speed(of(withIt, "processor")),
      `${percent(cost)}${cost > GOAL ? " missed" : ""}`,
      `${(of(withIt, "start") - of(without, "start")).toFixed(2)} s`,
    ],
  }
}

process.stdout.write(`${toldCircumstances(circumstances(threads))}\n`)
const lines: Line[] = []
for (const subject of subjects.filter(({ name }) => name.includes(values.model))) {
  if (!existsSync(subject.tokenizer)) {
    process.stdout.write(`${subject.name}: no tokenizer at ${subject.tokenizer}\n`)
    continue
  }
  for (const [corpus, beams] of subject.ways) {
    const line = await measure(subject, corpus, beams)
    lines.push(line)
    process.stderr.write(`${line.cells[0]}, ${line.cells[1]}: ${(100 * line.cost).toFixed(1)} %\n`)
  }
}
process.stdout.write(`\ntokens a second, medians of ${rounds} rounds\n`)
process.stdout.write(table([
  [
    "model, template",
    "",
    "vocabulary",
    "tokens each",
    "wall: without",
    "with",
    "cost",
    "processor: without",
    "with",
    "cost",
    "before",
  ],
  ...lines.map(({ cells }) => cells),
]))
if (lines.some(({ cost }) => cost > GOAL)) process.exitCode = 1
