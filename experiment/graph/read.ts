import type { Builder, FileSet, Ref } from "redag"
import type { Document } from "../../schemas/documents.ts"
import type { Example } from "../../schemas/examples.ts"
import type { Split } from "../../schemas/splits.ts"
import type { Warning } from "../../schemas/warnings.ts"
import { ingest } from "../../stages/ingest/stage.ts"
import type { SplitMethod } from "../../stages/split/split.ts"
import { split } from "../../stages/split/stage.ts"
import { template } from "../../stages/template/stage.ts"
import type { CorpusFiles, PortionFiles } from "../files.ts"
import type { Task } from "./task.ts"

/** Documents of a corpus, each with its place in the experiment, and how they read. */
export interface Part {
  readonly documents: ReadonlyArray<Ref<Document>>
  readonly splits: Ref<Split>
  readonly examples: Ref<Example>
}

/** What models are tested on. */
export interface TestPart extends Part {
  /** Those of the documents in which relations were annotated. */
  readonly annotated: ReadonlyArray<Ref<Document>>
  /** About all that is learned from and tested on. */
  readonly warnings: ReadonlyArray<Ref<Warning>>
  /** About the test documents alone, whatever is learned from. */
  readonly testWarnings: ReadonlyArray<Ref<Warning>>
}

/** Splits and renders documents of a corpus. */
export const render = (dag: Builder, { corpus, language, protocol }: Task, { part, documents, learned, method, ids }: {
  readonly part: "learn" | "test"
  readonly documents: ReadonlyArray<Ref<Document>>
  /** Documents that models learn from, which test documents may not be. */
  readonly learned: ReadonlyArray<Ref<Document>>
  readonly method: (typeof SplitMethod)["Encoded"]
  readonly ids?: FileSet | undefined
}): Part & { readonly warnings: Ref<Warning> } => {
  const name = `${corpus.id}/${part}`
  const { splits, warnings } = dag.add(split, {
    name,
    params: { method },
    inputs: { documents, learned, ids: ids ?? { title: "no ids", base: dag.root, names: [] } },
  })
  const { examples } = dag.add(template, {
    name,
    params: { template: language.template, rendering: protocol.rendering },
    inputs: { documents, splits },
  })
  return { documents, splits, examples, warnings }
}

/** Reads a corpus and renders what there is to learn from and what there is to be tested on. */
export const readCorpus = (
  dag: Builder,
  task: Task,
  { train, dev, test, unannotated, authorsSplit }: CorpusFiles,
): { readonly learn: Part; readonly test: TestPart } => {
  const documents = (name: string, { portion, format, keep, lenient, published, set }: PortionFiles) =>
    dag.add(ingest, {
      name: `${task.corpus.id}/${name}`,
      params: { format, portion, keep, lenient, published, ...describe(task) },
      inputs: { corpus: set },
    })
  const ids = task.departures.has("authors-split") ? authorsSplit : undefined
  const more = task.departures.has("drugner-documents") ? unannotated : undefined
  const annotated = [documents("test", test)]
  const unlabelled = more === undefined ? [] : [documents("test-drugner", more)]
  const testing = [...annotated, ...unlabelled]
  const learning = [documents("train", train), ...(dev === undefined ? [] : [documents("dev", dev)])]
  const learn = render(dag, task, {
    part: "learn",
    documents: learning.map(({ documents }) => documents),
    learned: [],
    method: methodOf(dev, ids),
    ids,
  })
  const tested = render(dag, task, {
    part: "test",
    documents: testing.map(({ documents }) => documents),
    learned: learn.documents,
    method: { method: "official" },
  })
  const testWarnings = testing.map(({ warnings }) => warnings)
  return {
    learn,
    test: {
      ...tested,
      annotated: annotated.map(({ documents }) => documents),
      warnings: [...testWarnings, ...learning.map(({ warnings }) => warnings), tested.warnings],
      testWarnings,
    },
  }
}

/** What the files of a corpus cannot say of themselves; its labels are those of its template. */
const describe = ({ corpus, language: { template } }: Task) => {
  const { id, unusedLabels, conceptSeparator, argumentTypes, qualifier, infons } = corpus
  return {
    corpus: id,
    labels: [...new Set(Object.keys({ ...template.labels, ...template.merge }))].toSorted(),
    ...(unusedLabels === undefined ? {} : { unusedLabels }),
    ...(conceptSeparator === undefined ? {} : { conceptSeparator }),
    ...(argumentTypes === undefined ? {} : { argumentTypes }),
    ...(qualifier === undefined ? {} : { qualifier }),
    ...(infons === undefined ? {} : { infons }),
  }
}

/** Where the publishers made no development set, a fifth of the training documents validates. */
const methodOf = (dev: PortionFiles | undefined, ids: FileSet | undefined): (typeof SplitMethod)["Encoded"] =>
  dev !== undefined
    ? { method: "official" }
    : ids === undefined
    ? { method: "fraction", fraction: 0.2, seed: 0 }
    : { method: "ids" }
