import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { parseYaml } from "../../../pipeline/graph/yaml.ts"
import type { Document } from "../../../schemas/documents.ts"
import { Language } from "../../../stages/shared/language/language.ts"
import { renderDocument, renderDocuments } from "../../../stages/shared/language/rendering.ts"
import { type Template } from "../../../stages/shared/language/template.ts"
import type { Rendering } from "../../../stages/shared/params/protocol.ts"
import { plain } from "../rendering.ts"
import { assertInputError } from "../support.ts"

const template = (name: string): Template =>
  parseYaml(
    readFileSync(new URL(`../../../stages/template/${name}.yaml`, import.meta.url), "utf8"),
    `${name}.yaml`,
    Language,
  ).template

const text = "Alpha salt and beta caused gamma; beta-2 and alpha did not."
/** A mention of the words, at their n-th place in the text. */
const mention = (id: string, words: string, concepts: ReadonlyArray<string> = [], from = 0) => {
  const start = text.indexOf(words, from)
  return { id, type: "t", text: words, spans: [{ start, end: start + words.length }], concepts, parts: [] }
}
const document = (
  level: "concept" | "mention",
  relations: ReadonlyArray<readonly [string, ...ReadonlyArray<string>]>,
): Document => ({
  corpus: "c",
  portion: "train",
  id: "d",
  text,
  mentions: [
    mention("T1", "Alpha salt", ["A"]),
    mention("T2", "beta", ["B"]),
    mention("T3", "gamma", ["G", "H"]),
    mention("T4", "beta-2", ["B"]),
    mention("T5", "alpha", ["A"]),
    mention("T6", "beta", ["B"], 30),
  ],
  relations: relations.map(([label, ...args]) => ({ label, level, arguments: args })),
})
const render = (
  name: string,
  relations: Parameters<typeof document>[1],
  level: "concept" | "mention" = "mention",
  rendering: Partial<Rendering> = {},
) => renderDocument(document(level, relations), "train", template(name), { ...plain, ...rendering })

describe("template", () => {
  it("CDR: concepts as their longest mention, every string an answer, in the order of the text", () => {
    const { source, target, answers } = render("cdr", [["CID", "B", "G"], ["CID", "A", "G"]], "concept")
    assert.strictEqual(
      source,
      `Find all instances of relations between chemicals and diseases in the following passage:\n\n${text}\n\n`,
    )
    assert.strictEqual(
      target,
      "The relation between Alpha salt and gamma exists; The relation between beta-2 and gamma exists.",
    )
    assert.deepStrictEqual(answers, [
      { label: "CID", arguments: [["Alpha salt", "alpha"], ["gamma"]] },
      { label: "CID", arguments: [["beta-2", "beta"], ["gamma"]] },
    ])
    assert.strictEqual(render("cdr", [], "concept").target, ".")
  })

  it("CDR: two concepts of one name are one clause and two answers", () => {
    const { target, answers } = render("cdr", [["CID", "A", "G"], ["CID", "A", "H"]], "concept")
    assert.strictEqual(target, "The relation between Alpha salt and gamma exists.")
    assert.lengthOf(answers, 2)
  })

  it("CDR: of equally long mentions the first in the text", () => {
    const other = { ...mention("T0", "caused", ["A"]), text: "caused!!!!" }
    const base = document("concept", [["CID", "A", "G"]])
    const { answers } = renderDocument(
      { ...base, mentions: [other, ...base.mentions] },
      "train",
      template("cdr"),
      plain,
    )
    assert.deepStrictEqual(answers[0]?.arguments[0], ["Alpha salt", "caused!!!!", "alpha"])
  })

  it("ChemProt: labels as phrases, strings as they stand, relations of the same strings once", () => {
    const { source, target, answers } = render("chemprot", [
      ["CPR:9", "T2", "T3"],
      ["CPR:3", "T1", "T3"],
      ["CPR:3", "T6", "T3"],
      ["CPR:9", "T6", "T3"],
      ["CPR:4", "T5", "T3"],
    ])
    assert.isTrue(source.startsWith("Find all instances of relations between chemicals and proteins"))
    assert.strictEqual(
      target,
      [
        "the relation between Alpha salt and gamma is upregulation",
        "the relation between beta and gamma is substrate and/or product",
        "the relation between beta and gamma is upregulation",
        "the relation between alpha and gamma is downregulation.",
      ].join("; "),
    )
    assert.lengthOf(answers, 4)
    assert.strictEqual(render("chemprot", []).target, "No drug-gene relationships are established.")
  })

  it("DDI: its own spacing and phrases; the order of arguments is the corpus's", () => {
    const { source, target } = render("ddi", [["advise", "T3", "T1"], ["int", "T1", "T2"], ["effect", "T1", "T3"]])
    assert.strictEqual(source, `Find all instances of drug-drug relations in the following passage: \n ${text} \n `)
    assert.strictEqual(
      target,
      [
        "the relation between Alpha salt and beta is interaction",
        "the relation between Alpha salt and gamma is effect",
        "the relation between gamma and Alpha salt is advice.",
      ].join("; "),
    )
    assert.strictEqual(render("ddi", []).target, "No drug-drug interactions are established.")
  })

  it("DCE: lists, and a phrase for each effect", () => {
    const { source, target, answers } = render("dce", [
      ["NEG", "T1", "T2"],
      ["POS", "T1", "T2", "T3"],
      ["COMB", "T3", "T2"],
    ])
    assert.strictEqual(
      source,
      "Find all instances of drugs used in combination and whether this combination had a positive impact on health"
        + ` in the following sentence:\n\n\n\n${text}\n\n`,
    )
    assert.strictEqual(
      target,
      [
        "Alpha salt and beta participate in a negative drug combination",
        "Alpha salt, beta, and gamma participate in a positive drug combination",
        "gamma and beta participate in a drug combination.",
      ].join("; "),
    )
    assert.deepStrictEqual(answers.map(({ label }) => label), ["NEG", "POS", "COMB"])
    assert.strictEqual(render("dce", []).target, "No drug combinations are established.")
  })

  it("of equal clauses, kept repeats count each, in the text's order; the target names them once", () => {
    const relations = [["int", "T6", "T3"], ["int", "T1", "T2"], ["int", "T2", "T3"]] as const
    const { target, answers } = render("ddi", relations, "mention", { repeats: "kept" })
    assert.deepStrictEqual(answers.map(({ arguments: strings }) => strings.flat().join(" | ")), [
      "Alpha salt | beta",
      "beta | gamma",
      "beta | gamma",
    ])
    assert.lengthOf(target.split("; "), 2)
  })

  it("greatest by code points, not by code units: an astral letter comes after a private one", () => {
    const base = document("concept", [["CID", "A", "G"]])
    // U+FB01 (fi) is above the surrogates of U+1D6FC (mathematical alpha) in UTF-16, and below it in code points.
    const mentions = ["\uFB01", "\u{1D6FC}", "z"].map((words) => ({ ...mention("T0", "caused", ["A"]), text: words }))
    const [answer] = renderDocument(
      { ...base, mentions: [...base.mentions, ...mentions] },
      "train",
      template("cdr"),
      { ...plain, concept: "greatest" },
    ).answers
    assert.deepStrictEqual(answer?.arguments[0], ["\u{1D6FC}", "\uFB01", "z", "alpha", "Alpha salt"])
  })

  it("letters lowered before strings are compared: two that differ only in capitals are one", () => {
    const { source, target, answers } = render("cdr", [["CID", "A", "G"]], "concept", { letters: "lowered" })
    assert.include(source, "Alpha salt and beta")
    assert.strictEqual(target, "The relation between alpha salt and gamma exists.")
    assert.deepStrictEqual(answers[0]?.arguments[0], ["alpha salt", "alpha"])
  })

  it("shuffled clauses: the same for a document and a seed, others for other ones, never lost", () => {
    const relations = ["T2", "T3", "T4", "T5"].map((id) => ["int", "T1", id] as const)
    const text = render("ddi", relations).target
    const shuffled = (seed: number, id = "d") =>
      renderDocument({ ...document("mention", relations), id }, "train", template("ddi"), { ...plain, order: { seed } })
        .target
    assert.strictEqual(shuffled(0), shuffled(0))
    const parts = (target: string) => target.replace(/\.$/u, "").split("; ")
    const targets = Array.from({ length: 30 }, (_, seed) => shuffled(seed))
    for (const target of targets) assert.deepStrictEqual(parts(target).toSorted(), parts(text).toSorted())
    // 24 orders are possible.
    assert.isAbove(new Set(targets).size, 10)
    assert.isAbove(new Set(["a", "b", "c", "d", "e", "f"].map((id) => shuffled(0, id))).size, 2)
  })

  it("within a sentence: discontinuous mentions stand where they begin, concepts wherever they are mentioned", () => {
    // "Alpha salt and beta caused gamma." and "Delta and alpha did not."
    const two = { ...document("concept", []), text: "Alpha salt and beta caused gamma. Delta and alpha did not." }
    const at = (id: string, words: string, concept: string) => ({
      ...mention(id, "Alpha salt", [concept]),
      text: words,
      spans: [{ start: two.text.indexOf(words), end: two.text.indexOf(words) + words.length }],
    })
    const mentions = [
      at("T1", "Alpha salt", "A"),
      at("T2", "gamma", "G"),
      at("T3", "Delta", "D"),
      at("T4", "alpha", "A"),
    ]
    const count = (head: string, tail: string, level: "concept" | "mention") =>
      renderDocument(
        { ...two, mentions, relations: [{ label: "CID", level, arguments: [head, tail] }] },
        "train",
        template("cdr"),
        { ...plain, reach: "sentence" },
      ).answers.length
    assert.deepStrictEqual([count("T1", "T2", "mention"), count("T1", "T3", "mention")], [1, 0])
    assert.deepStrictEqual([count("A", "D", "concept"), count("G", "D", "concept")], [1, 0])
    const part = {
      ...at("T5", "beta", "B"),
      text: "beta Delta",
      spans: [{ start: 15, end: 19 }, { start: 34, end: 39 }],
    }
    const whole = renderDocument(
      {
        ...two,
        mentions: [...mentions, part],
        relations: [{ label: "CID", level: "mention", arguments: ["T5", "T4"] }],
      },
      "train",
      template("cdr"),
      { ...plain, reach: "sentence" },
    )
    // A mention that reaches over the boundary makes one sentence of two.
    assert.lengthOf(whole.answers, 1)
  })

  it("renders in the split's order", () => {
    const documents = ["a", "b", "c"].map((id) => Object.assign(document("mention", []), { id }))
    const splits = [{ document: "c", partition: "test" }, { document: "a", partition: "train" }] as const
    const examples = [...renderDocuments(documents, splits, template("ddi"), plain)]
    assert.deepStrictEqual(examples.map((one) => [one.document, one.partition]), [["c", "test"], ["a", "train"]])
    const unknown = [{ document: "z", partition: "test" }] as const
    assertInputError(() => [...renderDocuments(documents, unknown, template("ddi"), plain)], {
      field: "document",
      message: /z/u,
    })
  })

  it("refuses another corpus's documents", () => {
    assertInputError(() => render("ddi", [["CPR:3", "T1", "T2"]]), { field: "template.labels", message: /CPR:3/u })
    assertInputError(() => render("ddi", [["int", "T1", "T2", "T3"]]), { field: "template.clause", message: /3 arg/u })
    assertInputError(() => render("ddi", [["int", "T1", "T99"]]), { field: "relations.arguments", message: /T99/u })
  })
})
