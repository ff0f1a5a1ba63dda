import type { Builder, Ref } from "redag"
import type { CheckpointFile } from "../../schemas/checkpoints.ts"
import type { Generation } from "../../schemas/generations.ts"
import type { Shot } from "../../schemas/shots.ts"
import type { Endpoint } from "../../stages/ask/endpoint.ts"
import { ask } from "../../stages/ask/stage.ts"
import { extract } from "../../stages/extract/stage.ts"
import { generate } from "../../stages/generate/stage.ts"
import { prompt } from "../../stages/prompt/stage.ts"
import { inverted } from "../../stages/shared/language/template.ts"
import { type EndpointRow, type InContext, isEndpoint, type ModelRow } from "../in-context.ts"
import type { Learner } from "./models.ts"
import type { Part, TestPart } from "./read.ts"
import { type Selection, selectionName } from "./run.ts"
import { scoreCell, type Scored } from "./score.ts"
import type { Task } from "./task.ts"

/** What rows in context are prompted with and about. */
export interface Asked {
  readonly task: Task
  readonly selection: Selection
  readonly shots: Ref<Shot>
  readonly learn: Part
  readonly test: TestPart
  /** How many test documents there are, where that is known. */
  readonly documents: number | undefined
  /** The models of the grid, of which some are prompted as they were pretrained. */
  readonly learners: ReadonlyArray<Learner>
  readonly seeds: ReadonlyArray<number>
}

/** Prompts models with the examples that the models of the grid learn from, and scores what they write. */
export const addInContext = (
  dag: Builder,
  rows: ReadonlyArray<InContext>,
  asked: Asked,
): ReadonlyArray<Scored> => {
  const { task: { corpus }, selection: { setting, seed }, learners, seeds } = asked
  return rows.filter((row) =>
    row.setting === setting.id
    && (row.corpora === undefined || row.corpora.some((id) => id === corpus.id))
    && seed !== null && seeds.slice(0, row.seeds).includes(seed)
  ).flatMap((row) => {
    const writer = isEndpoint(row) ? endpointWriter(row) : modelWriter(row, learners)
    return writer === undefined ? [] : writeAndScore(dag, row, writer, asked)
  })
}

/** Who answers prompts, and what of a prompt depends on who does. */
interface Writer {
  readonly maxPromptTokens: number
  readonly counting: (typeof prompt.params)["Encoded"]["counting"]
  /** The model whose tokenizer counts. */
  readonly checkpoints: ReadonlyArray<Ref<CheckpointFile>>
  readonly stop: ReadonlyArray<string>
  readonly write: (dag: Builder, name: string, prompts: ReturnType<typeof addPrompts>, asked: Asked) => Ref<Generation>
}

const addPrompts = (dag: Builder, name: string, row: InContext, writer: Writer, { shots, test }: Asked) =>
  dag.add(prompt, {
    name,
    params: {
      partition: "test",
      // A source ends as the target is to begin behind it, for models that are finetuned too.
      layout: { joint: "", between: row.between },
      maxTokens: writer.maxPromptTokens,
      counting: writer.counting,
    },
    inputs: { shots, examples: test.examples, model: writer.checkpoints },
  })

const writeAndScore = (dag: Builder, row: InContext, writer: Writer, asked: Asked): ReadonlyArray<Scored> => {
  const { task, selection, shots, learn, test } = asked
  const { corpus, language: { template, extraction }, protocol: { reading } } = task
  const name = `${row.name}/${selectionName(corpus, selection)}`
  const generations = writer.write(dag, name, addPrompts(dag, name, row, writer, asked), asked)
  const stop = row.stop ?? [...writer.stop, ...firstWords(template.source)]
  const relations = dag.add(extract, {
    name,
    params: { template: inverted(template), extraction, reading, prompt: "dropped", stop },
    inputs: { generations },
  }).relations
  const cell = { model: row.name, corpus: corpus.id, setting: selection.setting.id, seed: selection.seed }
  return scoreCell(dag, task, { name, cell, relations, test, shots: [shots], learnable: [learn.examples] })
}

/** The first words of every source: whoever writes them has begun an example of its own. */
const firstWords = (source: string): ReadonlyArray<string> => {
  const [before = ""] = source.split("{text}")
  const words = before.trim().split(/\s+/u).slice(0, 4).join(" ")
  return words === "" ? [] : [words]
}

/** What a model writes that goes on to an example of its own. */
const endOf = (between: string): string => (between.trim() === "" ? "\n\n" : between.trim())

/** A model of the grid as it was pretrained; undefined where the profile is without it. */
const modelWriter = (
  { model, engine, maxPromptTokens, between }: ModelRow,
  learners: ReadonlyArray<Learner>,
): Writer | undefined => {
  const learner = learners.find(({ name }) => name === model)
  if (learner === undefined) return undefined
  const { kind, checkpoint, training, generationBatch: batchSize, maxNewTokens, memory } = learner
  const most = maxPromptTokens ?? training.maxSourceTokens
  return {
    maxPromptTokens: most,
    counting: { by: "tokenizer", ...kind },
    checkpoints: [checkpoint],
    stop: [endOf(between)],
    write: (dag, name, { examples }, { task: { protocol: { decoding } } }) =>
      dag.add(generate, {
        name,
        params: {
          ...kind,
          partition: "test",
          batchSize,
          maxNewTokens,
          maxSourceTokens: most,
          sharedTokens: null,
          decoding,
          engine: engine ?? training.engine,
          threads: training.threads,
        },
        inputs: { checkpoint, examples },
        resources: { memory: memory.generate },
      }).generations,
  }
}

/** A model behind an endpoint, whose tokens are estimated. */
const endpointWriter = (row: EndpointRow): Writer => {
  const { address, api, model, system, parameters, maxNewTokens, limit, account, price, maxCost } = row
  const { requestsPerMinute, tokensPerMinute, concurrency, timeout } = row
  const endpoint: Endpoint = {
    address,
    api,
    model,
    system,
    parameters,
    maxNewTokens,
    limit,
    account,
    price,
    maxCost,
    requestsPerMinute,
    tokensPerMinute,
    concurrency,
    timeout,
  }
  return {
    maxPromptTokens: row.maxPromptTokens,
    counting: { by: "characters", perToken: row.charactersPerToken },
    checkpoints: [],
    // A chat ends its answers itself.
    stop: api === "chat" ? [] : [endOf(row.between)],
    write: (dag, name, { examples, prompts }, { documents }) =>
      dag.add(ask, {
        name,
        params: { partition: "test", endpoint },
        inputs: { examples, prompts },
        ...(documents === undefined ? {} : { expected: { rows: documents } }),
      }).generations,
  }
}
