import { assert, describe, it } from "@effect/vitest"
import type { Document } from "../../../schemas/documents.ts"
import { extractAll } from "../../../stages/shared/language/extraction.ts"
import { inverted } from "../../../stages/shared/language/template.ts"
import { corporaMissing, published, skipReason } from "../../stages/support.ts"
import { type Departs, documentOf, rendered, treated } from "./support.ts"

/** What is read out of the text of a decoder-only model that writes exactly the target after its prompt. */
const perfect = (document: Document, corpus: string, departs: Departs) => {
  const { template, extraction, reading, prompt } = treated(corpus, departs)
  const { source, target, answers } = rendered(document, corpus, departs)
  const generation = {
    document: document.id,
    prompt: `${source}\n\n`,
    text: target,
    tokens: 1,
    finished: true,
    sourceTruncated: false,
  }
  const rows = [...extractAll([generation], { template: inverted(template), extraction, reading, prompt })]
  return { relations: rows.flatMap(({ relations }) => relations), answers }
}
const strings = (relations: ReturnType<typeof perfect>["relations"]) =>
  relations.map(({ label, arguments: all }) => `${label}: ${all.join(" | ")}`)

describe("prompt-kept", () => {
  it("DCE: the list of the first combination begins with the prompt; those after it are sound", () => {
    const document = documentOf("[a] with [b] , or [c] with [d] .", [["POS", "T1", "T2"], ["COMB", "T3", "T4"]])
    assert.deepStrictEqual(strings(perfect(document, "dce", "paper").relations), ["POS: a | b", "COMB: c | d"])
    assert.deepStrictEqual(strings(perfect(document, "dce", ["prompt-kept"]).relations), [
      [
        "POS: Find all instances of drugs used in combination",
        // The instruction's " and " and the sentence's comma are taken for what joins drugs.
        "whether this combination had a positive impact on health in the following sentence:\n\n\n\na with b",
        "or c with d .\n\n\n\na",
        "b",
      ].join(" | "),
      "COMB: c | d",
    ])
  })

  it("CDR: no clause begins in the prompt, so that nothing is lost", () => {
    const document = documentOf("[a] and [b]; it exists.", [["CID", "A", "B"]], ["A", "B"])
    for (const departs of ["paper", ["prompt-kept"]] as const) {
      assert.deepStrictEqual(strings(perfect(document, "cdr", departs).relations), ["CID: a | b"])
    }
  })

  it.skipIf(corporaMissing !== undefined)(`DCE's test set: a perfect generator gets an F1 of 16.3${skipReason}`, () => {
    const score = (departs: Departs) => {
      const counts = { right: 0, predicted: 0, gold: 0 }
      for (const document of published["dce test"]()) {
        const { relations, answers } = perfect(document, "dce", departs)
        const gold = new Set(answers.map(({ label, arguments: all }) => `${label}: ${all.flat().join(" | ")}`))
        counts.right += strings(relations).filter((shown) => gold.has(shown)).length
        counts.predicted += relations.length
        counts.gold += answers.length
      }
      return { ...counts, f1: Math.round((2000 * counts.right) / (counts.predicted + counts.gold)) / 10 }
    }
    assert.deepStrictEqual(score("paper"), { right: 209, predicted: 209, gold: 209, f1: 100 })
    assert.deepStrictEqual(score(["prompt-kept"]), { right: 34, predicted: 209, gold: 209, f1: 16.3 })
  })
})
