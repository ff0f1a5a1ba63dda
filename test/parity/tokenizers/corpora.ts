import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { SaxesParser } from "saxes"

/** A document's text and what is related in it. */
interface Document {
  readonly text: string
  readonly relations: readonly Relation[]
}

type Relation = readonly [label: string, names: readonly string[]]

type Documents = ReadonlyMap<string, Document>

/** The corpora below a folder; the strings of corpora.py are found in them. */
export class Corpora {
  readonly #root: string
  readonly #read = new Map<string, Documents>()

  constructor(root: string) {
    this.#root = root
  }

  /** The text of a document, or its relations in a sentence. */
  find(corpus: string, document: string, portion: string): string {
    const found = this.#documents(corpus).get(document)
    if (found === undefined) throw new Error(`${corpus} has no document ${document}`)
    return portion === "text" ? found.text : sentence(found.relations)
  }

  #documents(corpus: string): Documents {
    const known = this.#read.get(corpus)
    if (known !== undefined) return known
    const documents = READERS[corpus]?.(this.#root) ?? new Map<string, Document>()
    this.#read.set(corpus, documents)
    return documents
  }
}

const sentence = (relations: readonly Relation[]): string =>
  `${relations.map(([label, names]) => `${names.join(" and ")} have the relation ${label}`).join("; ")}.`

const linesOf = (...path: readonly string[]): readonly string[] => readFileSync(join(...path), "utf8").split("\n")

/** Puts texts and relations together that were found apart. */
class Collected {
  readonly #texts = new Map<string, string[]>()
  readonly #relations = new Map<string, Relation[]>()

  text(document: string, text: string): void {
    this.#texts.set(document, [...this.#texts.get(document) ?? [], text])
  }

  relation(document: string, label: string, names: readonly string[]): void {
    this.#relations.set(document, [...this.#relations.get(document) ?? [], [label, names]])
  }

  documents(between: string): Documents {
    return new Map([...this.#texts].map(([document, texts]) => {
      return [document, { text: texts.join(between), relations: this.#relations.get(document) ?? [] }]
    }))
  }
}

const cdr = (root: string): Documents => {
  const collected = new Collected()
  const names = new Map<string, string>()
  for (const line of linesOf(root, "cdr", "CDR_TrainingSet.PubTator.txt")) {
    const text = /^([^|]*)\|([ta])\|(.*)$/su.exec(line)
    const fields = line.split("\t")
    const [document = "", label = "", , name = ""] = fields
    if (text !== null) collected.text(text[1] ?? "", text[3] ?? "")
    else if (fields.length >= 6) {
      const key = `${document} ${fields[5]}`
      if (!names.has(key)) names.set(key, name)
    } else if (fields.length === 4) {
      collected.relation(
        document,
        label,
        fields.slice(2).map((concept) => names.get(`${document} ${concept}`) ?? concept),
      )
    }
  }
  return collected.documents(" ")
}

const chemprot = (root: string): Documents => {
  const rows = (table: string): readonly (readonly string[])[] =>
    linesOf(root, "chemprot", "chemprot_training", `chemprot_training_${table}.tsv`)
      .filter((line) => line !== "").map((line) => line.split("\t"))
  const collected = new Collected()
  const names = new Map(rows("entities").map((row) => [`${row[0]} ${row[1]}`, row[5] ?? ""]))
  for (const [document = "", title = "", abstract = ""] of rows("abstracts")) {
    collected.text(document, title)
    collected.text(document, abstract)
  }
  for (const [document = "", , , label = "", ...ends] of rows("relations")) {
    collected.relation(
      document,
      label,
      ends.slice(0, 2).map((end) => names.get(`${document} ${end.split(":")[1]}`) ?? ""),
    )
  }
  return collected.documents(" ")
}

interface DceRow {
  readonly paragraph: string
  readonly spans: readonly { readonly span_id: number; readonly text: string }[]
  readonly rels: readonly { readonly class: string; readonly spans: readonly number[] }[]
}

const dce = (root: string): Documents => {
  const collected = new Collected()
  linesOf(root, "dce", "final_train_set.jsonl").forEach((line, number) => {
    if (line === "") return
    const row: DceRow = JSON.parse(line)
    const names = new Map(row.spans.map((span) => [span.span_id, span.text]))
    collected.text(`${number}`, row.paragraph)
    for (const relation of row.rels) {
      collected.relation(`${number}`, relation.class, relation.spans.map((span) => names.get(span) ?? ""))
    }
  })
  return collected.documents("")
}

const ddi = (root: string): Documents => {
  const collected = new Collected()
  const folder = join(root, "ddi", "xml_corpus", "Train")
  for (const part of readdirSync(folder)) {
    for (const name of readdirSync(join(folder, part))) {
      const document = `${part}/${name}`
      const names = new Map<string, string>()
      const pairs: Readonly<Record<string, string>>[] = []
      const parser = new SaxesParser()
      parser.on("opentag", ({ name: element, attributes }) => {
        if (element === "sentence") collected.text(document, attributes["text"] ?? "")
        if (element === "entity") names.set(attributes["id"] ?? "", attributes["text"] ?? "")
        if (element === "pair" && attributes["ddi"] === "true") pairs.push(attributes)
      })
      parser.write(readFileSync(join(folder, part, name), "utf8")).close()
      for (const { e1 = "", e2 = "", type = "None" } of pairs) {
        collected.relation(document, type, [names.get(e1) ?? "", names.get(e2) ?? ""])
      }
    }
  }
  return collected.documents("")
}

const READERS: Readonly<Record<string, (root: string) => Documents>> = { cdr, chemprot, dce, ddi }
