import type { Builder, FileSet, Ref } from "redag"
import type { Document } from "../../schemas/documents.ts"
import type { Example } from "../../schemas/examples.ts"
import type { Split } from "../../schemas/splits.ts"
import { ingest } from "../../stages/ingest/stage.ts"
import { Language } from "../../stages/shared/language/language.ts"
import type { SplitMethod } from "../../stages/split/split.ts"
import { split } from "../../stages/split/stage.ts"
import { template } from "../../stages/template/stage.ts"
import { concerns, type DepartureName, departureNames, movesCeiling } from "../departures.ts"
import type { CorpusFiles, CorpusName, PortionFiles } from "../files.ts"
import { type Protocol, protocolOf } from "../protocol.ts"

/** The corpora, in the order of Table 1. */
export const corpora: ReadonlyArray<CorpusName> = ["cdr", "dce", "chemprot", "ddi"]

/** Corpora that the paper also learns from a few examples of. */
export const fewShotCorpora: ReadonlySet<CorpusName> = new Set(["cdr", "dce"])

/** "16-shot", "64-shot", or everything there is. */
export type Setting = "16" | "64" | "full"

/** How one corpus is treated: its words and its protocol. */
export interface Treatment {
  readonly language: (typeof Language)["Encoded"]
  readonly protocol: Protocol
}

/** The treatment of a corpus where the authors' code departs from the paper in these ways. */
export const treat = (dag: Builder, corpus: CorpusName, departs: ReadonlySet<DepartureName>): Treatment => ({
  language: dag.yaml(
    `stages/template/${corpus}${
      departs.has("merged-classes") && concerns("merged-classes", corpus) ? ".authors" : ""
    }.yaml`,
    Language,
  ),
  protocol: protocolOf(corpus, departs),
})

/** Documents of a corpus, each with its place in the experiment, and how they read. */
export interface Part {
  readonly documents: ReadonlyArray<Ref<Document>>
  readonly splits: Ref<Split>
  readonly examples: Ref<Example>
}

/** Splits and renders documents of one corpus. */
export const render = (dag: Builder, { name, documents, method, ids, language, protocol }: Treatment & {
  readonly name: string
  readonly documents: ReadonlyArray<Ref<Document>>
  readonly method: (typeof SplitMethod)["Encoded"]
  readonly ids?: FileSet | undefined
}): Part => {
  const { splits } = dag.add(split, {
    name,
    params: { method },
    inputs: { documents, ids: ids ?? { title: "no ids", base: dag.root, names: [] } },
  })
  const { examples } = dag.add(template, {
    name,
    params: { template: language.template, rendering: protocol.rendering },
    inputs: { documents, splits },
  })
  return { documents, splits, examples }
}

/** Reads a corpus and renders what there is to learn from and what there is to be tested on. */
export const readAndRender = (
  dag: Builder,
  corpus: CorpusName,
  { train, dev, test, unannotated, authorsSplit }: CorpusFiles,
  departs: ReadonlySet<DepartureName>,
): { readonly learn: Part; readonly test: Part; readonly annotated: ReadonlyArray<Ref<Document>> } => {
  const treatment = treat(dag, corpus, departs)
  const documents = (name: string, { portion, format, set }: PortionFiles) =>
    dag.add(ingest, { name: `${corpus}/${name}`, params: { format, portion }, inputs: { corpus: set } }).documents
  const ids = departs.has("authors-split") ? authorsSplit : undefined
  const more = departs.has("drugner-documents") ? unannotated : undefined
  const annotated = [documents("test", test)]
  return {
    // Where the publishers made no development set, a fifth of the training documents validates.
    learn: render(dag, {
      ...treatment,
      name: `${corpus}/learn`,
      documents: [documents("train", train), ...(dev === undefined ? [] : [documents("dev", dev)])],
      method: dev !== undefined
        ? { method: "official" }
        : ids === undefined
        ? { method: "fraction", fraction: 0.2, seed: 0 }
        : { method: "ids" },
      ids,
    }),
    test: render(dag, {
      ...treatment,
      name: `${corpus}/test`,
      documents: [...annotated, ...(more === undefined ? [] : [documents("test-drugner", more)])],
      method: { method: "official" },
    }),
    annotated,
  }
}

/** The protocols whose ceilings are worked out: the paper's, with each departure by itself, and with all of them. */
export const ceilingProtocols = (dag: Builder, corpus: CorpusName, encoder: boolean) => {
  const under = (departs: ReadonlySet<DepartureName>, by: "strict" | "official") => {
    const { language, protocol: { rendering, endOfSequence, decoding, prompt, matching } } = treat(dag, corpus, departs)
    const measure = by === "strict" ? { by, matching } : { by, corpus }
    return { ...language, rendering, endOfSequence, decoding, prompt, measure }
  }
  const single = departureNames.filter((name) => movesCeiling(name, corpus, encoder))
  return {
    "paper": under(new Set(), "strict"),
    ...Object.fromEntries(single.map((name) => [`paper + ${name}`, under(new Set([name]), "strict")])),
    "authors": under(new Set(departureNames), "strict"),
    "official": under(new Set(), "official"),
  }
}
