import { assert, describe, it } from "@effect/vitest"
import { stripVTControlCharacters } from "node:util"
import { renderCeilings } from "../../../experiment/results/ceilings.ts"
import type { Ceiling } from "../../../schemas/ceilings.ts"
import { WarningKind } from "../../../schemas/warnings.ts"

const row = (changes: Partial<Ceiling>): Ceiling => ({
  corpus: "cdr",
  model: "A",
  protocol: "paper",
  measure: "strict",
  correct: 90,
  predicted: 100,
  found: 90,
  gold: 100,
  precision: 0.9,
  recall: 0.9,
  f1: 0.9,
  lostToTemplate: 10,
  lostToTokenizer: 0,
  lostToTargetLength: 0,
  lostToSourceLength: 0,
  lostToDecoding: 0,
  lostToSurroundings: 0,
  flags: [],
  ...changes,
})
const tableOf = (rows: ReadonlyArray<Ceiling>): ReadonlyArray<string> =>
  stripVTControlCharacters(renderCeilings(rows)).split("\n")

describe("ceilings as a table", () => {
  const worse = { correct: 40, found: 40, recall: 0.4, f1: 0.5714, lostToDecoding: 50 }
  const rows = [
    ...["A", "B", "C"].map((model) => row({ model })),
    ...["A", "B", "C"].map((model) =>
      row({ model, protocol: "paper + inherited-decoding", ...model === "B" ? worse : {} })
    ),
    ...["A", "B", "C"].map((model) => row({ model, protocol: "paper + greatest-mention" })),
    row({ model: "A", protocol: "official", measure: "partial, any", gold: 80, found: 70.5, lostToTemplate: 9.5 }),
    row({ corpus: "dce", lostToTemplate: 0, precision: 1, recall: 1, f1: 1 }),
  ]

  it("tell models with the same numbers once, and of a departure only those that it moves", () => {
    const [heading, titles, ...lines] = tableOf(rows)
    assert.strictEqual(heading, "CDR")
    assert.match(titles ?? "", /^protocol +models +P +R +F1 +gold +lost to$/u)
    assert.match(lines[0] ?? "", /^paper +all +90\.0 +90\.0 +90\.0 +100 +10 template$/u)
    assert.match(lines[1] ?? "", /^\+ inherited-decoding +B +90\.0 +40\.0 +57\.1 +100 +50 decoding, 10 template$/u)
    assert.match(lines[2] ?? "", /^official: partial, any +A .* 80 +9\.5 template$/u)
    assert.strictEqual(lines[3], "Without any effect: greatest-mention")
    assert.strictEqual(lines[5], "DCE")
    assert.match(lines[7] ?? "", /^paper +A +100\.0 +100\.0 +100\.0 +100 +–$/u)
  })

  it("mark those of suspicious test documents, and say what the marks mean", () => {
    const lines = tableOf([
      ...["A", "B"].map((model) => row({ model })),
      row({ model: "A", protocol: "authors", flags: ["fewer documents", "other file"] }),
      row({ corpus: "dce" }),
    ])
    assert.match(lines[2] ?? "", /^paper +all +90\.0 +90\.0 +90\.0 {5}100 +10 template$/u)
    assert.match(lines[3] ?? "", /^authors +A +90\.0 +90\.0 +90\.0ᶠˣ {3}100 +10 template$/u)
    assert.deepStrictEqual(lines.slice(-2), [
      "ᶠ fewer documents: a portion of the corpus holds fewer than its publishers say",
      "ˣ other file: a file of the corpus is not the published one",
    ])
    assert.notMatch(tableOf([row({})]).join(""), /ᶠ|fewer/u)
  })

  it("fit into 100 columns, whatever there is to tell", () => {
    const models = ["GPT-2-Medium", "BioGPT", "BioGPT-Large", "BioMedLM", "BART-Base", "T5-Small"]
    const lost = { lostToTokenizer: 1000, lostToTargetLength: 1001, lostToSourceLength: 1002, lostToDecoding: 1003 }
    const protocols = ["paper", "paper + ordered-duplicates", "authors", "official"]
    const wide = protocols.flatMap((protocol, index) =>
      models.map((model) =>
        row({
          ...lost,
          flags: WarningKind.literals,
          lostToTemplate: index,
          gold: 9999,
          model,
          protocol,
          measure: index === 3 ? "partial, positive" : "strict",
        })
      )
    )
    const lines = tableOf([...wide, row({ model: "Another" })])
    assert.deepStrictEqual(lines.filter((line) => line.length > 100), [])
    assert.match(lines.join("\n"), /paper +GPT-2-Medium, BioGPT, .*\n +BioGPT-Large, .*\n +BioMedLM, BART-Base, /u)
  })
})
