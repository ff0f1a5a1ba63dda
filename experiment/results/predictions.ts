import { Schema } from "effect"
import { readdirSync, statSync } from "node:fs"
import { basename, join } from "node:path"
import { counted, type Exported, type ExportSource, InputError } from "redag"
import { Document } from "../../schemas/documents.ts"
import { Extraction } from "../../schemas/relations.ts"
import type { Cell } from "../../schemas/scores.ts"
import * as ddiXml from "../../stages/ingest/ddi-xml.ts"
import { readCorpus } from "../../stages/ingest/formats.ts"
import type { OfficialEvaluation } from "../../stages/shared/measures/measures.ts"
import type { Annotation, Trace } from "../../stages/shared/measures/official/annotations.ts"
import * as cdr from "../../stages/shared/measures/official/biocreative-v-cdr.ts"
import * as chemprot from "../../stages/shared/measures/official/biocreative-vi-chemprot.ts"
import * as biored from "../../stages/shared/measures/official/biocreative-viii-biored.ts"
import * as dce from "../../stages/shared/measures/official/drug-combinations.ts"
import * as ddi from "../../stages/shared/measures/official/semeval-2013-ddi.ts"
import { type Predicted, sentenceIdOf, submissions } from "./submissions.ts"

const traces: Readonly<Record<OfficialEvaluation, Trace>> = {
  "biocreative-v-cdr": cdr.trace,
  "biocreative-vi-chemprot": chemprot.trace,
  "semeval-2013-ddi": ddi.trace,
  "drug-combinations": dce.trace,
  "biocreative-viii-biored": biored.trace,
}

const isDocument = Schema.is(Document)
const isExtraction = Schema.is(Extraction)

/** The XML files below a folder. Throws an InputError where there is no such folder, or no such file in it. */
const xmlFiles = (folder: string): ReadonlyArray<string> => {
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false
  const files = isFolder ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : []
  const named = files.filter((name) => name.endsWith(".xml") && !basename(name).startsWith(".")).toSorted()
  if (named.length > 0) return named
  throw new InputError({
    field: "--gold",
    message: isFolder ? `${folder} has no XML file` : `there is no folder ${folder}`,
    help: "name the folder with the XML files of the DDI task's test set",
  })
}

/** The documents of DDI's XML files, whose mentions have the publishers' ids. */
const xmlDocuments = (folder: string): ReadonlyMap<string, Document> => {
  const sources = xmlFiles(folder).map((name) => ({ name, path: join(folder, name) }))
  const { documents, problems } = readCorpus(ddiXml.read, "ddi-xml", sources, {
    corpus: "ddi",
    portion: "test",
    labels: ["advise", "effect", "int", "mechanism"],
    unusedLabels: [],
    conceptSeparator: "|",
    argumentTypes: [],
    keep: "all",
  })
  const wrong = problems.error()
  if (wrong !== undefined) throw wrong
  return new Map(documents.map((document) => [document.id, document] as const))
}

/** DDI's documents with the publishers' ids: BRAT has none of sentences, so that the XML form has to be there too. */
const numbered = (documents: ReadonlyArray<Document>, gold: string | undefined): ReadonlyArray<Document> => {
  const isNumbered = documents.every(({ mentions }) => mentions.every(({ id }) => sentenceIdOf(id) !== undefined))
  if (isNumbered) return documents
  const help = "name the folder with the XML files of the DDI task's test set: --gold FOLDER"
  if (gold === undefined) {
    throw new InputError({ message: "the DDI corpus was read from BRAT, which has no ids of sentences", help })
  }
  const byId = xmlDocuments(gold)
  const missing = documents.filter(({ id }) => !byId.has(id)).map(({ id }) => id)
  if (missing.length > 0) {
    throw new InputError({
      field: "--gold",
      message: `${gold} lacks ${counted(missing.length, "document")} of ${documents.length}, such as ${missing[0]}.xml`,
      help,
    })
  }
  return documents.flatMap(({ id }) => byId.get(id) ?? [])
}

/** Whether an annotation can be handed in: its label and all that it relates are the corpus's own. */
const canBeHandedIn = ({ label, arguments: ids }: Annotation): boolean =>
  !label.startsWith("?") && ids.length > 1 && !ids.some((id) => id.startsWith("?"))

/** Each distinct prediction once, and how many name nothing that the corpus annotates. */
const predictedIn = (
  document: Document,
  extraction: Extraction | undefined,
  trace: Trace,
): Predicted & { readonly leftOut: number } => {
  const traced = trace(document, extraction?.relations ?? [])
  const distinct = new Map(traced.map((annotation) => [JSON.stringify(annotation), annotation] as const))
  const annotations = [...distinct.values()].filter(canBeHandedIn)
  return { document, annotations, leftOut: distinct.size - annotations.length }
}

/** The predictions of a run, for the official program of its corpus. */
export const predictionsOf = (
  { model, corpus, setting, seed }: Cell,
  evaluation: OfficialEvaluation,
  { inputs, gold }: ExportSource,
): Exported => {
  const own = (inputs["documents"] ?? []).filter(isDocument)
  const documents = evaluation === "semeval-2013-ddi" ? numbered(own, gold) : own
  const extractions = new Map(
    (inputs["relations"] ?? []).filter(isExtraction).map((each) => [each.document, each] as const),
  )
  const predicted = documents.map((document) => predictedIn(document, extractions.get(document.id), traces[evaluation]))
  const leftOut = predicted.reduce((sum, each) => sum + each.leftOut, 0)
  const { name, write, without } = submissions[evaluation]
  const unplaced = without === undefined
    ? 0
    : predicted.flatMap(({ annotations }) => annotations).filter(without.isSo).length
  const folder = [model, corpus, setting, ...(seed === null ? [] : [`seed${seed}`])].join("/")
  // Only where DDI was read from BRAT are the publishers' own files needed.
  const isUnused = gold !== undefined && documents === own
  return {
    files: { [`${folder}/${name(model.replaceAll("_", "-"), (seed ?? 0) + 1)}`]: write(predicted) },
    notes: [
      ...(leftOut === 0 ? [] : [
        `${folder}: ${
          counted(leftOut, "prediction")
        } left out, which name nothing that is annotated; redag's own row counts them as wrong`,
      ]),
      ...(without === undefined || unplaced === 0
        ? []
        : [`${folder}: ${counted(unplaced, "prediction")} left out, ${without.why}`]),
      ...(isUnused ? [`--gold is not used for ${corpus}: its predictions need none of the publishers' files`] : []),
    ],
  }
}
