import { readFileSync } from "node:fs"
import { type DepartureName, departureNames } from "../../../experiment/departures.ts"
import { protocolOf } from "../../../experiment/protocol.ts"
import { parseYaml } from "../../../pipeline/graph/yaml.ts"
import type { Document } from "../../../schemas/documents.ts"
import { Language } from "../../../stages/shared/language/language.ts"
import { renderDocument } from "../../../stages/shared/language/rendering.ts"
import { corpusOf } from "../corpus.ts"

/** No departure, each of the names alone, or all of them. */
export type Departs = "paper" | "authors" | ReadonlyArray<DepartureName>

const setOf = (departs: Departs): ReadonlySet<DepartureName> =>
  new Set(departs === "paper" ? [] : departs === "authors" ? departureNames : departs)

const languages = new Map<string, Language>()

const languageOf = (file: string): Language => {
  const known = languages.get(file)
  if (known !== undefined) return known
  const yaml = readFileSync(new URL(`../../../stages/template/${file}`, import.meta.url), "utf8")
  const language = parseYaml(yaml, file, Language)
  languages.set(file, language)
  return language
}

/** The words and the params that a corpus is treated with. */
export const treated = (corpus: string, departs: Departs) => {
  const set = setOf(departs)
  const file = `${corpus}${corpus === "dce" && set.has("merged-classes") ? ".authors" : ""}.yaml`
  return { ...languageOf(file), ...protocolOf(corpusOf(corpus), set) }
}

/** A document as a training example. */
export const rendered = (document: Document, corpus: string, departs: Departs) => {
  const { template, rendering } = treated(corpus, departs)
  return renderDocument(document, "train", template, rendering)
}

/**
 * A document of a text whose mentions are its words between brackets, removed: "[a] caused [b]" mentions T1 and T2.
 *
 * `concepts` gives the concept of each mention in order, where relations are between concepts.
 */
export const documentOf = (
  marked: string,
  relations: ReadonlyArray<readonly [label: string, ...args: ReadonlyArray<string>]>,
  concepts: ReadonlyArray<string> = [],
): Document => {
  let text = ""
  const mentions: Array<Document["mentions"][number]> = []
  for (const part of marked.split(/(\[[^\]]*\])/u)) {
    const name = part.startsWith("[") ? part.slice(1, -1) : undefined
    if (name !== undefined) {
      const concept = concepts[mentions.length]
      mentions.push({
        id: `T${mentions.length + 1}`,
        type: "t",
        text: name,
        spans: [{ start: text.length, end: text.length + name.length }],
        concepts: concept === undefined ? [] : [concept],
        parts: [],
      })
    }
    text += name ?? part
  }
  return {
    corpus: "c",
    portion: "train",
    id: "d",
    text,
    mentions,
    relations: relations.map(([label, ...args]) => ({
      label,
      level: concepts.length === 0 ? "mention" : "concept",
      arguments: args,
    })),
  }
}
