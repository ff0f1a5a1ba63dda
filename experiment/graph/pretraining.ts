import type { Builder } from "redag"
import { corpusNames } from "../../stages/compose/corpora.ts"
import { compose } from "../../stages/compose/stage.ts"
import { finetune } from "../../stages/finetune/stage.ts"
import { sample } from "../../stages/sample/stage.ts"
import { corpora } from "../corpora.ts"
import { demoModels, demoOptions } from "../demo.ts"
import { paperProtocol } from "../departures.ts"
import { bundledModel } from "./models.ts"
import { render } from "./read.ts"
import { type Task, taskOf } from "./task.ts"

/** Pretrains the bundled models from nothing, on documents of other patterns than those of the bundled corpora. */
export const pretrainDemoModels = (dag: Builder): void => {
  const shots = corpusNames.flatMap((name) =>
    corpora.filter(({ id }) => id === name).map((corpus) => {
      const { documents } = dag.add(compose, { name, params: { corpus: name, documents: 4000, seed: 0 }, inputs: {} })
      const { examples } = render(dag, pretrainingTask(taskOf(dag, corpus, paperProtocol)), {
        part: "learn",
        documents: [documents],
        learned: [],
        method: { method: "official" },
      })
      return dag.add(sample, { name, params: { choice: { shots: "full", seed: null } }, inputs: { examples } }).shots
    })
  )
  for (const model of demoModels) {
    const { name, kind, pretraining: { learningRate, steps } } = model
    dag.add(finetune, {
      name,
      params: {
        ...kind,
        ...demoOptions.training,
        start: { from: "random", seed: 0 },
        duration: { maxSteps: steps },
        validation: null,
        batchSize: 32,
        learningRate,
        dropout: 0,
        endOfSequence: true,
        seed: 0,
      },
      inputs: { model: bundledModel(dag, model, ["config.json", "tokenizer.json"]), shots },
      resources: { memory: 2560 },
    })
  }
}

/** The models met no words for negative combinations in their pretraining, and relations over a whole document. */
const pretrainingTask = (task: Task): Task => {
  const { template, extraction } = task.language
  const { NEG: negative, ...labels } = template.labels
  return {
    ...task,
    language: negative === undefined
      ? task.language
      : { template: { ...template, labels, merge: { NEG: "COMB" } }, extraction },
    protocol: {
      ...task.protocol,
      rendering: { ...task.protocol.rendering, repeats: "merged", reach: "document" },
    },
  }
}
