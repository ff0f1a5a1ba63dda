import type { Document } from "../../schemas/documents.ts"
import { sentenceStarts } from "../../stages/shared/language/sentences.ts"
import type { OfficialEvaluation } from "../../stages/shared/measures/measures.ts"
import type { Annotation } from "../../stages/shared/measures/official/annotations.ts"

/** What is predicted of a document, as its corpus numbers what it annotates. */
export interface Predicted {
  readonly document: Document
  /** Each distinct one once. */
  readonly annotations: ReadonlyArray<Annotation>
}

/** The form in which an official program reads predictions. */
export interface Submission {
  /** The file's name; the team and the number of the run are part of it where the program asks for them. */
  readonly name: (team: string, run: number) => string
  readonly write: (predicted: ReadonlyArray<Predicted>) => string
  /** What the form has no place for, where there is such: whether an annotation is so, and why as "which …". */
  readonly without?: { readonly isSo: (annotation: Annotation) => boolean; readonly why: string }
}

const lines = (all: ReadonlyArray<string>): string => all.map((line) => `${line}\n`).join("")

/**
 * PubTator: text and relations, with the novelty of a label in a fifth field. The programs read the text as two lines and
 * compare the relations alone.
 */
const pubtator: Submission = {
  name: () => "predictions.PubTator.txt",
  write: (predicted) =>
    predicted.map(({ document: { id, text }, annotations }) => {
      // The two lines joined by a blank are the text, wherever its title ends.
      const second = sentenceStarts(text, [])[1] ?? text.length + 1
      const relations = annotations.map(({ label, arguments: [head, tail] }) => {
        const [type, ...novelty] = label.split("/")
        return [id, type, head, tail, ...novelty].join("\t")
      })
      return lines([`${id}|t|${text.slice(0, second - 1)}`, `${id}|a|${text.slice(second)}`, ...relations])
    }).join("\n"),
}

/** The form of the gold standard: document, group, and the two mentions. */
const chemprot: Submission = {
  name: () => "predictions.tsv",
  write: (predicted) =>
    lines(
      predicted.flatMap(({ document: { id }, annotations }) =>
        annotations.map(({ label, arguments: [head, tail] }) => `${id}\t${label}\tArg1:${head}\tArg2:${tail}`)
      ),
    ),
}

/** A combination a line, by the numbers of its drugs; 2 is a positive one, 1 any other. */
const dce: Submission = {
  name: () => "predictions.jsonl",
  write: (predicted) =>
    lines(
      predicted.flatMap(({ document: { id }, annotations }) =>
        annotations.map(({ label, arguments: ids }) =>
          JSON.stringify({
            doc_id: id,
            drug_idxs: ids.map(Number).toSorted((a, b) => a - b),
            relation_label: label === "POS" ? 2 : 1,
          })
        )
      ),
    ),
}

/** The sentence of an entity by the corpus's own ids: "DDI-DrugBank.d1.s0" of "DDI-DrugBank.d1.s0.e2". */
export const sentenceIdOf = (entity: string): string | undefined => /^(.+\.s\d+)\.e\d+$/u.exec(entity)?.[1]

/** Every two entities of a sentence, in the order of the file. */
const pairsOf = ({ mentions }: Document): ReadonlyArray<readonly [first: string, second: string]> =>
  mentions.flatMap(({ id }, index) =>
    mentions.slice(index + 1).flatMap((other) =>
      sentenceIdOf(id) === sentenceIdOf(other.id) ? [[id, other.id] as const] : []
    )
  )

/** Each pair of each sentence, for the program does not know pairs that are not listed, of the gold neither. */
const ddi: Submission = {
  name: (team, run) => `task9.2_${team}_${run}.txt`,
  without: {
    isSo: ({ arguments: [first = "", second = ""] }) =>
      first === second || sentenceIdOf(first) !== sentenceIdOf(second),
    why: "which relate no two drugs of one sentence, as the form asks",
  },
  write: (predicted) =>
    lines(predicted.flatMap(({ document, annotations }) => {
      const types = Map.groupBy(annotations, ({ arguments: ids }) => ids.toSorted().join("|"))
      return pairsOf(document).flatMap(([first, second]) => {
        const pair = `${sentenceIdOf(first)}|${first}|${second}`
        const said = types.get([first, second].toSorted().join("|")) ?? []
        return said.length === 0 ? [`${pair}|0|null`] : said.map(({ label }) => `${pair}|1|${label}`)
      })
    })),
}

/** The form of each official program. */
export const submissions: Readonly<Record<OfficialEvaluation, Submission>> = {
  "biocreative-v-cdr": pubtator,
  "biocreative-vi-chemprot": chemprot,
  "biocreative-viii-biored": pubtator,
  "drug-combinations": dce,
  "semeval-2013-ddi": ddi,
}
