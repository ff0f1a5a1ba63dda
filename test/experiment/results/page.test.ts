import { assert, describe, it } from "@effect/vitest"
import { parseHTML } from "linkedom"
import type { ResultTables } from "../../../experiment/results/tables.ts"
import { demoTables, noTables, paperTables } from "./fixture.ts"
import { provenanceOf } from "./provenance.ts"
import { pageOf } from "./rendered.ts"
import { suspiciousTables } from "./tiny.ts"

type Parsed = ReturnType<typeof parseHTML>["document"]

const parsed = (page: string): Parsed => parseHTML(page).document

const texts = (document: Parsed, selector: string): ReadonlyArray<string> =>
  [...document.querySelectorAll(selector)].map(({ textContent }) => textContent ?? "")

const textOf = (document: Parsed): string => document.body.textContent ?? ""

const paper = paperTables()
const demo = demoTables()
const pages = await Promise.all(
  Object.entries({ "of the paper's models": paper, "of a small profile": demo, "of nothing": noTables }).map(
    async ([name, tables]) => [name, tables, await pageOf(tables)] as const,
  ),
)
const [paperPage = "", demoPage = ""] = pages.map(([, , page]) => page)
const paperDocument = parsed(paperPage)

describe.each(pages)("the page %s", (_, tables, page) => {
  const document = parsed(page)

  it("leads within itself only to places that are there, each once", () => {
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id)
    assert.deepStrictEqual(ids.filter((id, index) => ids.indexOf(id) !== index), [])
    const links = [...document.querySelectorAll("[href]")].map((element) => element.getAttribute("href") ?? "")
      // Literature is cited with its address, which nothing loads.
      .filter((link) => !/^https:\/\/(?:arxiv\.org|doi\.org|aclanthology\.org)\//u.test(link))
    const places = new Set(ids.map((id) => `#${id}`))
    assert.deepStrictEqual(links.filter((link) => !places.has(link)), [])
    const labelled = [...document.querySelectorAll("[aria-labelledby]")].map((element) =>
      `#${element.getAttribute("aria-labelledby")}`
    )
    assert.deepStrictEqual(labelled.filter((label) => !places.has(label)), [])
  })

  it("loads nothing and runs nothing", () => {
    assert.deepStrictEqual(texts(document, "script, link, img, iframe, object, embed, base"), [])
    assert.deepStrictEqual([...document.querySelectorAll("[src], [srcset], [xlink\\:href]")], [])
    assert.notMatch(texts(document, "style").join(""), /@import|@font-face|url\(/u)
    const drawn = [...page.matchAll(/url\(([^)]*)\)/gu)].map(([, target]) => target ?? "")
    assert.deepStrictEqual(drawn.filter((target) => document.getElementById(target.replace("#", "")) === null), [])
  })

  it("has the same bytes each time", async () => {
    assert.strictEqual(await pageOf(tables), page)
  })

  it("has captions and scopes on tables, and one heading of the first order", () => {
    assert.lengthOf(texts(document, "h1"), 1)
    assert.lengthOf(texts(document, "main"), 1)
    for (const table of document.querySelectorAll("table")) {
      assert.isNotNull(table.querySelector("caption"))
      for (const heading of table.querySelectorAll("th")) assert.isNotNull(heading.getAttribute("scope"))
    }
  })
})

describe("the page", () => {
  it("has Table 1's numbers with deviation, interval, the paper's number and the difference", () => {
    const cell = paper.results.find(({ model, corpus, setting }) =>
      model === "T5-Large" && corpus === "cdr" && setting === "16"
    )
    const { f1, deviation, low, high, published } = cell ?? assert.fail("there is no such cell")
    assert.strictEqual(published, 33.9)
    const [table] = paperDocument.querySelectorAll("main table")
    const lines = [...table?.querySelectorAll("tbody tr") ?? []]
    assert.lengthOf(lines, 19)
    // After the parameters.
    const told = lines.find((line) => line.querySelector("th")?.textContent === "T5-Large")?.querySelectorAll("td")[1]
    const text = (told?.textContent ?? "").replace(/[\s\u202f]+/gu, " ")
    assert.include(text, f1.toFixed(1))
    assert.include(text, (deviation ?? 0).toFixed(1))
    assert.include(text, `[${low?.toFixed(1)}, ${high?.toFixed(1)}]`)
    assert.include(text, `(33.9, ${f1 < 33.9 ? "−" : "+"}${Math.abs(f1 - 33.9).toFixed(1)})`)
  })

  it("leads from a number to the actions of all its runs, their digests, and the raw files", () => {
    const { records } = provenanceOf(paper)
    const line = [...paperDocument.querySelectorAll("tbody tr")].find((row) =>
      row.querySelector("th")?.textContent === "T5-Large"
    )
    const section = paperDocument.getElementById(line?.querySelector("td a")?.getAttribute("href")?.slice(1) ?? "")
    assert.include(section?.textContent, "npx dag lineage score/T5-Large/cdr/16/seed0")
    const leadsTo = (node: string): string => {
      const link = [...section?.querySelectorAll("a") ?? []].find(({ textContent }) => textContent === node)
      return paperDocument.getElementById(link?.getAttribute("href")?.slice(1) ?? "")?.textContent ?? ""
    }
    for (const stage of ["score", "extract", "generate", "finetune"]) {
      for (const seed of [0, 1, 2, 3, 4]) {
        const node = `${stage}/T5-Large/cdr/16/seed${seed}`
        const { key, outputs } = records.get(node) ?? assert.fail(node)
        assert.include(leadsTo(node), key)
        for (const { digest } of Object.values(outputs)) assert.include(leadsTo(node), digest)
      }
    }
    const files = records.get("ingest/cdr/test")?.files ?? []
    assert.lengthOf(files, 2)
    for (const { digest } of files) assert.include(leadsTo("ingest/cdr/test"), digest)
    assert.include(paperDocument.getElementById("lineage")?.textContent, "onnxruntime-node 1.30.0")
  })

  it("says whether the results are up to date, and the commit they were made with", async () => {
    const accepted = [{ node: "score/x", reason: "another loop" }, { node: "score/y", reason: "another loop" }]
    const stands = textOf(parsed(await pageOf(demo, { ...provenanceOf(demo, "demo"), accepted })))
    assert.include(stands, "2 nodes stand on changes that were declared to make no difference: another loop")
    const older = textOf(parsed(await pageOf(demo, { ...provenanceOf(demo, "demo"), upToDate: false })))
    assert.match(older, /older than/u)
    const text = textOf(parsed(demoPage))
    assert.match(text, /up to date/u)
    assert.notMatch(text, /older than/u)
    const [record] = provenanceOf(demo).records.values()
    assert.include(text, record?.environment.commit?.slice(0, 12) ?? "no record")
  })

  it("says of pairs that are not the paper's that they stand in for its pairs, and not of the paper's own", () => {
    assert.match(textOf(parsed(demoPage)), /stand in for/u)
    assert.notMatch(textOf(paperDocument), /stand in for/u)
  })

  it("is some megabytes at most for the whole of the paper", () => {
    assert.isBelow(Buffer.byteLength(paperPage), 4.5e6)
  })

  it("counts rows beyond the grid apart from its models", async () => {
    const [first] = new Set(demo.results.map(({ model }) => model))
    const results = demo.results.map((row) => row.model === first ? { ...row, source: "constrained" as const } : row)
    const models = new Set(results.map(({ model }) => model)).size
    const { body } = parsed(await pageOf({ ...demo, results }))
    assert.match(
      body.textContent ?? "",
      new RegExp(String.raw`runs? of ${models - 1} models? and 1 row beyond them on `, "u"),
    )
  })

  it("shows text that looks like markup as it is", async () => {
    const model = "<script>alert(1)</script>\"'&amp;"
    const source = "</blockquote></pre></table><img src=x onerror=alert(2)> propranolol <b>tremor"
    const text = "--><svg onload=alert(3)>"
    const conclusion = "<style>*{display:none}</style>"
    const made = demoTables((name) => (name === "t5-mini" ? model : name))
    const hostile: ResultTables = {
      ...made,
      cases: made.cases.map((one) => ({ ...one, source, document: "<i>1401</i>", text })),
      comparisons: made.comparisons.map((one) => ({ ...one, conclusion })),
    }
    const document = parsed(await pageOf(hostile, provenanceOf(hostile, "<h1>profile")))
    assert.deepStrictEqual(texts(document, "script, img, [onload], [onerror], i, body style"), [])
    assert.lengthOf(texts(document, "h1"), 1)
    for (const one of [model, source, "<i>1401</i>", text, conclusion]) assert.include(textOf(document), one)
  })

  it("has room for two models whose names differ only in signs", async () => {
    const names: Readonly<Record<string, string>> = { "t5-mini": "a b", "bart-mini": "a-b" }
    const document = parsed(await pageOf(demoTables((name) => names[name] ?? name)))
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id)
    assert.strictEqual(new Set(ids).size, ids.length)
  })
})

describe("the page of a suspicious corpus", () => {
  it("says in the legend of the table what is suspicious, and marks its numbers", async () => {
    const document = parsed(await pageOf(suspiciousTables))
    const legend = texts(document, "#table .legend div")
    const leftOut = legend.find((entry) => entry.startsWith("o")) ?? ""
    assert.match(leftOut, /^oleft out.*cdr train: 1 of 2 documents is left out, with 1 problem: <7>/su)
    assert.isTrue(texts(document, "#table td sup").includes("ofmxdv"))
    assert.notInclude(textOf(document), "of another corpus")
  })
})
