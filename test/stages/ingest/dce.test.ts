import { assert, describe, it } from "@effect/vitest"
import { assertInputError, documentsOf } from "../support.ts"

const sentence = "Both iron and zinc 𝛼 helped , iron alone did not ."
const line = {
  doc_id: "d1",
  sentence,
  spans: [
    { span_id: 0, text: "iron", start: 5, end: 9, token_start: 1, token_end: 2 },
    { span_id: 1, text: "zinc", start: 14, end: 18, token_start: 3, token_end: 4 },
    { span_id: 2, text: "iron", start: 30, end: 34, token_start: 7, token_end: 8 },
  ],
  rels: [{ class: "POS", spans: [1, 0], is_context_needed: false }],
  paragraph: `Before . ${sentence} After .`,
  source: "ours",
}
const read = (...lines: ReadonlyArray<unknown>) =>
  documentsOf("dce", {
    "d.jsonl": lines.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join("\n"),
  })
const bad = (value: unknown, expected: Omit<Parameters<typeof assertInputError>[1], "file">) =>
  assertInputError(() => read({ ...line, doc_id: "d0" }, "", value), { file: "d.jsonl", ...expected })

describe("DCE", () => {
  it("reads the sentence, not the paragraph, and counts in UTF-16", () => {
    assert.deepStrictEqual(read(line), [{
      corpus: "dce",
      portion: "train",
      id: "d1",
      text: sentence,
      mentions: [
        { id: "0", type: "drug", text: "iron", spans: [{ start: 5, end: 9 }], concepts: [], parts: [] },
        { id: "1", type: "drug", text: "zinc", spans: [{ start: 14, end: 18 }], concepts: [], parts: [] },
        { id: "2", type: "drug", text: "iron", spans: [{ start: 31, end: 35 }], concepts: [], parts: [] },
      ],
      relations: [{ label: "POS", level: "mention", arguments: ["1", "0"] }],
    }])
  })

  it("puts a mention whose offsets are wrong at the nearest place that has its text", () => {
    const [document] = read({ ...line, spans: line.spans.map((span) => ({ ...span, start: 28, end: 32 })) })
    assert.deepStrictEqual(document?.mentions.map(({ spans }) => spans[0]?.start), [31, 14, 31])
  })

  it("takes a numeric id", () => assert.strictEqual(read({ ...line, doc_id: 7 })[0]?.id, "7"))

  it("refuses a line that is not JSON, lacks a field or has a wrong one", () => {
    bad(JSON.stringify(line).slice(0, 40), { line: 3, message: /not JSON/u })
    bad({ ...line, sentence: undefined }, { line: 3, field: "sentence", message: /missing key/u })
    bad({ ...line, rels: [{ class: "MAYBE", spans: [0, 1] }] }, { line: 3, field: "rels[0].class", message: /MAYBE/u })
    bad({ ...line, rels: [{ class: "POS", spans: [0] }] }, { line: 3, field: "rels[0].spans", message: /2/u })
    bad({ ...line, rels: [{ class: "POS", spans: [0, 9] }] }, { line: 3, field: "rels[0].spans", message: /span 9/u })
  })

  it("dce-same-span: refuses a relation that names one span twice", () => {
    bad({ ...line, rels: [...line.rels, { class: "POS", spans: [0, 1, 0] }] }, {
      line: 3,
      field: "rels[1].spans[2]",
      message: /names span 0 twice/u,
    })
  })

  it("refuses a mention that is nowhere in the sentence, ids given twice, and documents given twice", () => {
    const copper = { span_id: 3, text: "copper", start: 0, end: 6 }
    bad({ ...line, spans: [...line.spans, copper] }, { line: 3, field: "spans[3]", message: /copper/u })
    bad({ ...line, spans: [...line.spans, line.spans[0]] }, { line: 3, field: "spans[3].span_id", message: /twice/u })
    bad({ ...line, doc_id: "d0" }, { line: 3, field: "doc_id", message: /d\.jsonl:1/u })
  })
})
