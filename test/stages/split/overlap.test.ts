import { assert, describe, it } from "@effect/vitest"
import { overlap, type Readable } from "../../../stages/split/overlap.ts"
import { assertInputError, corporaMissing, published, skipReason } from "../support.ts"

const of = (portion: Readable["portion"]) => (id: string, text: string): Readable => ({
  corpus: "cdr",
  portion,
  id,
  text,
})
const train = of("train")
const dev = of("dev")
const test = of("test")

describe("test documents that are learned from", () => {
  it("train-equals-test: are refused by their ids and texts, in the training or the development portion", () => {
    const learned = [train("1", "one"), train("2", "two"), dev("3", "three")]
    const tested = [test("2", "two"), test("3", " Three\n"), test("4", "four")]
    assertInputError(() => overlap(tested, learned), {
      field: "document",
      message: /^2 of 3 test documents are also learned from, by id and text: "2", "3"$/u,
    })
    const many = Array.from({ length: 25 }, (_, index) => String(index))
    assertInputError(() => overlap(many.map((id) => test(id, id)), many.map((id) => train(id, id))), {
      field: "document",
      message: /^25 of 25 .*"19" and others$/u,
    })
  })

  it("train-equals-test: under other ids are a warning, whatever their white space and case", () => {
    const learned = [train("1", "Lead causes  rash.\n"), train("2", "Café"), dev("3", "Zinc does not.")]
    const tested = [
      test("a", "LEAD causes rash."),
      test("b", "Lead causes rash"),
      test("c", "Cafe\u0301"),
      test("d", "zinc\tdoes not."),
    ]
    assert.deepStrictEqual(overlap(tested, learned), [{
      corpus: "cdr",
      portion: "test",
      kind: "test text in training",
      documents: 3,
      of: 4,
      examples: ["a", "c", "d"],
      text:
        `cdr test: 3 of 4 documents have the text of a document that is learned from, under another id: "a" reads as`
        + ` "1", and others`,
    }])
  })

  it("are others where only the id is the same; another id beside it with the same text refuses nothing and hides nothing", () => {
    const learned = [train("1", "one"), train("2", "two"), train("3", "two")]
    assert.deepStrictEqual(overlap([test("1", "another text"), test("one", "1")], learned), [])
    assert.deepStrictEqual(
      overlap([test("1", "two")], learned).map(({ examples, text }) => [examples, text]),
      [[
        ["1"],
        `cdr test: 1 of 1 documents has the text of a document that is learned from, under another id: "1" reads as "2"`,
      ]],
    )
    for (const id of ["2", "3"]) {
      assertInputError(() => overlap([test(id, "two")], learned), { field: "document", message: /^1 of 1 /u })
    }
  })

  it("are none where texts differ, are empty, or are not tested on", () => {
    assert.deepStrictEqual(overlap([test("a", "x y"), test("b", " ")], [train("1", "xy"), train("2", "")]), [])
    assert.deepStrictEqual(overlap([train("1", "x"), dev("2", "x")], []), [])
  })

  it.skipIf(corporaMissing !== undefined)(`are none in CDR and DCE as published${skipReason}`, () => {
    assert.deepStrictEqual(
      overlap(published["cdr test"](), [...published["cdr train"](), ...published["cdr dev"]()]),
      [],
    )
    assert.deepStrictEqual(overlap(published["dce test"](), published["dce train"]()), [])
  })
})
