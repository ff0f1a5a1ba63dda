import type { Builder } from "redag"
import { ceiling } from "../../stages/ceiling/stage.ts"
import type { Corpus } from "../corpora.ts"
import { authorsProtocol, departureNames, type Departures, movesCeiling, paperProtocol } from "../departures.ts"
import { sharedTokensOf, type Tokenizing } from "./models.ts"
import type { TestPart } from "./read.ts"
import { taskOf } from "./task.ts"

/** Works out what the best possible generator scores on a corpus, with the tokenizer and limits of each model. */
export const addCeilings = (
  dag: Builder,
  corpus: Corpus,
  test: TestPart,
  models: ReadonlyArray<Tokenizing>,
): void => {
  for (const model of models) {
    const { name, kind, checkpoint, training, maxNewTokens } = model
    const { maxSourceTokens, maxTargetTokens } = training
    dag.add(ceiling, {
      name: `${corpus.id}/${name}`,
      params: {
        ...kind,
        corpus: corpus.id,
        model: name,
        partition: "test",
        maxSourceTokens,
        maxTargetTokens: Math.min(maxTargetTokens, maxNewTokens),
        protocols: protocolsOf(dag, corpus, model),
      },
      inputs: {
        documents: test.documents,
        splits: test.splits,
        model: checkpoint,
        warnings: test.testWarnings,
      },
    })
  }
}

/** The paper's protocol, the same with each departure by itself, with all of them, and the publishers' evaluation. */
const protocolsOf = (dag: Builder, corpus: Corpus, model: Tokenizing) => {
  const under = (name: string, departures: Departures) => {
    const { language, protocol: { matching, counters: _, lengths, ...protocol } } = taskOf(dag, corpus, departures)
    const sharedTokens = sharedTokensOf(model, { lengths })
    return { name, ...language, ...protocol, sharedTokens, measure: { by: "strict" as const, matching } }
  }
  const { evaluation } = corpus
  return [
    under("paper", paperProtocol),
    ...departureNames.filter((name) => movesCeiling(name, corpus, model.encoder))
      .map((name) => under(`paper + ${name}`, new Set([name]))),
    under("authors", authorsProtocol),
    ...(evaluation === null
      ? []
      : [{ ...under("official", paperProtocol), measure: { by: "official" as const, evaluation } }]),
  ]
}
