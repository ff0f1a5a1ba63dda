import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { askedPredictions } from "../../experiment/predictions.ts"
import { type Rows, rowsOf, type TableProfile } from "../../experiment/rows.ts"
import { InputError } from "../../pipeline/base/errors.ts"
import { readYaml } from "../../pipeline/graph/yaml.ts"

const root = mkdtempSync(join(tmpdir(), "redag-rows-"))
mkdirSync(join(root, "experiment"))
copyFileSync(join(import.meta.dirname, "../../experiment/files.yaml"), join(root, "experiment/files.yaml"))
afterAll(() => rmSync(root, { recursive: true }))

/** The rows of a profile where the project's file of rows is a text. */
const declared = (profile: TableProfile, ...lines: ReadonlyArray<string>): Rows => {
  writeFileSync(join(root, "experiment/rows.yaml"), `${lines.join("\n")}\n`)
  return rowsOf({ root, yaml: (file, schema) => readYaml(root, file, schema) }, profile)
}

/** What is said of a file of rows that is refused: its place, and why. */
const refused = (...lines: ReadonlyArray<string>): string => {
  try {
    declared("demo", ...lines)
  } catch (thrown) {
    if (!(thrown instanceof InputError)) throw thrown
    return `${thrown.file ?? ""}:${thrown.line ?? ""}: ${thrown.field ?? ""}: ${thrown.message}`
  }
  return "accepted"
}

/** The line of each field is fixed: name 2, profiles 3, model or engine 4, setting 5; what is added is behind them. */
const prompted = (name: string, ...more: ReadonlyArray<string>): ReadonlyArray<string> => [
  "inContext:",
  `  - name: ${name}`,
  "    profiles: [demo]",
  "    model: gpt2-mini",
  "    setting: \"16\"",
  ...more.map((line) => `    ${line}`),
]

/** A model of the paper, in profiles that have it. */
const ofPaper = (profiles: string, ...more: ReadonlyArray<string>): ReadonlyArray<string> =>
  prompted("row", ...more).map((line) => line.replace("demo", profiles).replace("gpt2-mini", "GPT-2-Medium"))

const endpoint = (...more: ReadonlyArray<string>): ReadonlyArray<string> => [
  "inContext:",
  "  - name: some-model",
  "    profiles: [paper, demo]",
  "    engine: endpoint",
  "    setting: \"64\"",
  "    address: https://api.example.org/v1",
  "    model: some-model",
  "    maxPromptTokens: 4000",
  "    maxNewTokens: 100",
  ...more.map((line) => `    ${line}`),
]

const biored = "the corpus BioRED has no column \"16\"; its columns: full"

describe("a row beyond the grid", () => {
  it("in a column that its corpus lacks is refused by line and field, where other corpora have it too", () => {
    assert.strictEqual(
      refused(...prompted("row", "corpora: [biored]")),
      `experiment/rows.yaml:6: inContext[0].corpora[0]: ${biored}, found "biored"`,
    )
    assert.strictEqual(
      refused(...prompted("row", "corpora:", "  - cdr", "  - dce", "  - biored")),
      `experiment/rows.yaml:9: inContext[0].corpora[2]: ${biored}, found "biored"`,
    )
    assert.strictEqual(
      refused(...endpoint("corpora: [cdr, ddi]")),
      "experiment/rows.yaml:10: inContext[0].corpora[1]: the corpus DDI has no column \"64\"; its columns: full, "
        + "found \"ddi\"",
    )
    assert.strictEqual(
      refused(
        "predictions:",
        "  - { name: row, profiles: [demo], file: mine, corpus: cdr, setting: \"16\" }",
        "  - name: row",
        "    profiles: [demo]",
        "    file: mine",
        "    corpus: biored",
        "    setting: \"16\"",
      ),
      `experiment/rows.yaml:7: predictions[1].setting: ${biored}, found "16"`,
    )
  })

  it("with more seeds than one of its profiles has is refused by line and field", () => {
    assert.strictEqual(
      refused(...prompted("row", "corpora: [cdr]", "seeds: 9")),
      "experiment/rows.yaml:7: inContext[0].seeds: expected at most 2, the seeds of the profile demo, found 9",
    )
    assert.strictEqual(
      refused(...endpoint("seeds: 3")),
      "experiment/rows.yaml:10: inContext[0].seeds: expected at most 2, the seeds of the profile demo, found 3",
    )
    // A profile that is not asked for refuses it all the same: the file is wrong for each of them.
    assert.include(
      refused(...ofPaper("paper", "seeds: 6")),
      "5, the seeds of the profile paper, found 6",
    )
  })

  it("that is called as the constrained row of a model is refused by line and field", () => {
    assert.strictEqual(
      refused("predictions:", "  - { name: gpt2-mini-constrained, profiles: [demo], corpus: cdr, file: mine }"),
      "experiment/rows.yaml:2: predictions[0].name: \"gpt2-mini-constrained\" is the constrained row of gpt2-mini; "
        + "give the row another name, found \"gpt2-mini-constrained\"",
    )
    assert.strictEqual(
      refused(...prompted("t5-SMALL-Constrained")),
      "experiment/rows.yaml:2: inContext[0].name: \"t5-SMALL-Constrained\" is the constrained row of T5-Small; "
        + "give the row another name, found \"t5-SMALL-Constrained\"",
    )
    assert.throws(
      () => askedPredictions(["mine.jsonl"], { corpus: "cdr", name: "BioGPT-constrained" }),
      /is the constrained row of BioGPT/u,
    )
  })

  it("is accepted with all corpora of its column, all seeds of its profiles, and a name like one that is taken", () => {
    const { inContext: [row] } = declared("demo", ...prompted("gpt2-constrained", "corpora: [cdr, dce]", "seeds: 2"))
    assert.deepStrictEqual([row?.name, row?.corpora, row?.seeds], ["gpt2-constrained", ["cdr", "dce"], 2])
    const { inContext: [asked] } = declared("paper", ...endpoint("seeds: 2"))
    assert.deepStrictEqual([asked?.corpora, asked?.seeds], [undefined, 2])
    const paper = ofPaper("paper, more", "seeds: 5")
    assert.strictEqual(declared("more", ...paper).inContext[0]?.seeds, 5)
    assert.lengthOf(declared("demo", ...paper).inContext, 0)
  })

  it("that one of its profiles has no model or corpus for is refused by line and field", () => {
    assert.match(
      refused(...prompted("row").map((line) => line.replace("[demo]", "[demo, paper]"))),
      /^experiment\/rows\.yaml:4: inContext\[0\]\.model: the profile paper has no model gpt2-mini; it has GPT-2-Medium, /u,
    )
    assert.strictEqual(
      refused("predictions:", "  - name: row", "    profiles: [more, demo]", "    corpus: drugprot", "    file: mine"),
      "experiment/rows.yaml:4: predictions[0].corpus: the profile demo has no corpus DrugProt; "
        + "it has cdr, dce, chemprot, ddi, biored, found \"drugprot\"",
    )
    assert.match(
      refused("constrained:", "  - profiles: [more, paper]", "    corpora: [cdr, biored]"),
      /^experiment\/rows\.yaml:3: constrained\[0\]\.corpora\[1\]: the profile paper has no corpus BioRED; /u,
    )
  })

  it("that is constrained and asks for what no cell has is refused by line and field", () => {
    const noCell = "the profile demo has no cell of this"
    assert.include(
      refused("constrained:", "  - profiles: [demo]", "    corpora: [biored]", "    settings:", "      - \"16\""),
      `experiment/rows.yaml:5: constrained[0].settings[0]: ${noCell} setting`,
    )
    assert.include(
      refused("constrained:", "  - { profiles: [demo], models: [t5-mini, gpt2-mini], settings: [\"16\"] }"),
      `experiment/rows.yaml:2: constrained[0].models[1]: ${noCell} model`,
    )
    assert.include(
      refused("constrained:", "  - { profiles: [demo], corpora: [cdr, ddi], settings: [\"64\"] }"),
      `experiment/rows.yaml:2: constrained[0].corpora[1]: ${noCell} corpus`,
    )
    const accepted = declared("demo", "constrained:", "  - { profiles: [demo], models: [t5-mini], settings: [\"16\"] }")
    assert.lengthOf(accepted.constrained, 1)
  })

  it("that is called as the Hub calls a model of the grid, or that no selector can name, is refused", () => {
    assert.include(
      refused(...prompted("gpt2-medium")),
      "experiment/rows.yaml:2: inContext[0].name: \"gpt2-medium\" is what the Hugging Face Hub calls GPT-2-Medium",
    )
    assert.include(refused(...prompted("biobart-v2-base")), "calls BioBART-Base")
    for (const name of ["\"my row\"", "row+2", "\"@row\"", "a,b"]) {
      assert.include(refused(...prompted(name)), "inContext[0].name: use letters, digits, \".\", \"-\" and \"_\"")
    }
    assert.strictEqual(askedPredictions(["out/my system (2).jsonl"], { corpus: "cdr" }).rows[0]?.name, "my-system-2-")
  })
})
