import { DuckDBInstance } from "@duckdb/node-api"
import { assert, describe, it } from "@effect/vitest"
import { parseHTML } from "linkedom"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { reportFiles } from "../../../experiment/results/files.ts"
import { renderResults } from "../../../experiment/results/terminal.ts"
import { demoTables, noTables } from "./fixture.ts"
import { absentRun, partial } from "./partial.ts"
import { provenanceOf } from "./provenance.ts"
import { pageOf } from "./rendered.ts"

const { tables, provenance } = partial()
const { document } = parseHTML(await pageOf(tables, provenance))

const squeezed = (element: { readonly textContent: string | null } | null | undefined): string =>
  (element?.textContent ?? "").replace(/\s+/gu, " ").trim()

/** The cells of a model's row in Table 1, after its parameters. */
const rowOf = (model: string) => {
  const row = [...document.querySelectorAll("#table tbody tr")].find((one) =>
    one.querySelector("th")?.firstChild?.textContent === model
  )
  return [...row?.querySelectorAll("td") ?? []].slice(1)
}

const textFile = async (name: string, given = { tables, provenance }): Promise<string> => {
  const made = await reportFiles(given.tables, given.provenance)[name]?.()
  return typeof made === "string" ? made : assert.fail(`${name} is no text`)
}

/** What DuckDB reads from a CSV file, all as text. */
const readBack = async (name: string): Promise<ReadonlyArray<Record<string, unknown>>> => {
  const folder = mkdtempSync(join(tmpdir(), "redag-test-"))
  const connection = await (await DuckDBInstance.create()).connect()
  try {
    const path = join(folder, name)
    writeFileSync(path, await textFile(name))
    const read = await connection.runAndReadAll(
      `SELECT * FROM read_csv('${path}', header = true, all_varchar = true, allow_quoted_nulls = false)`,
    )
    return read.getRowObjectsJS()
  } finally {
    connection.closeSync()
    rmSync(folder, { recursive: true })
  }
}

describe("a page of results that are not complete", () => {
  it("has a word in each cell without a number, and how far it is", () => {
    assert.deepStrictEqual(rowOf("T5-Small").map(squeezed).filter((text) => !/\d/u.test(text)), [
      "failed",
      "no files",
      "no files",
    ])
    const [, , full, , , dce, ...missing] = rowOf("SciFive-Base")
    assert.strictEqual(squeezed(full), "running120 of 480 steps")
    assert.strictEqual(squeezed(dce), "stopped")
    assert.deepStrictEqual(missing.map(squeezed), ["no files", "no files"])
    assert.strictEqual(
      rowOf("T5-Small")[1]?.querySelector("[title]")?.getAttribute("title"),
      "finetune/T5-Small/cdr/64/seed0 failed: loss NaN at step 30",
    )
  })

  it("has a column for a corpus without any run, as the paper has it", () => {
    const groups = [...document.querySelectorAll("#table th.group")].map(squeezed)
    assert.deepStrictEqual(groups, ["CDR", "DCE", "ChemProt", "DDI"])
  })

  it("counts the seeds of a cell that lacks some", () => {
    const [few, all] = rowOf("T5-Base")
    assert.include(squeezed(few), "2 of 5 seeds")
    assert.notInclude(squeezed(all), "seeds")
  })

  it("says below the table why each is empty, which files are missing and where they are looked for", () => {
    const said = [...document.querySelectorAll("#absent + dl > div")].map((entry) => [
      squeezed(entry.querySelector("dt")),
      squeezed(entry.querySelector("dd")?.firstChild),
    ])
    assert.deepStrictEqual(said, [
      ["SciFive-Base on CDR full", "finetune/SciFive-Base/cdr/full is running, 120 of 480 steps"],
      ["T5-Small on CDR 64, seed 0", "finetune/T5-Small/cdr/64/seed0 failed: loss NaN at step 30"],
      ["SciFive-Base on DCE full", "finetune/SciFive-Base/dce/full was stopped; run again to go on"],
      ["T5-Small on CDR 64, seeds 1, 2, 3, 4; T5-Base on CDR 16, seeds 2, 3, 4", "not run"],
      ["ChemProt, DDI", "files missing: ChemProt test set, DDI test set"],
    ])
    const files = [...document.querySelectorAll("#absent + dl li")].map(squeezed)
    assert.deepStrictEqual(files, [
      "ChemProt test set: in /data/chemprot, test.tsv",
      "DDI test set: in /data/ddi, Test/0.xml, Test/1.xml, Test/2.xml, Test/3.xml and 187 more files",
    ])
    assert.include(squeezed(document.querySelector("header .facts")), "Not there16 runs: why")
  })

  it("says in a figure which pairs cannot be compared, and of each what it lacks", () => {
    const figure = document.getElementById("figure2")
    assert.include(squeezed(figure), "SciFive-Base − T5-Base (CDR full, DCE full, ChemProt, DDI)")
    const lacking = [...figure?.nextElementSibling?.querySelectorAll("li") ?? []].map(squeezed)
    assert.deepStrictEqual([lacking.length, lacking[0], lacking[3]], [
      4,
      "SciFive-Base less T5-Base on CDR, full: no number of SciFive-Base "
      + "(finetune/SciFive-Base/cdr/full is running, 120 of 480 steps)",
      "SciFive-Base less T5-Base on DDI, full: no number of either (files missing: DDI test set)",
    ])
    // All pairs of the few-shot figure have numbers, so nothing is said there.
    assert.notInclude(squeezed(document.getElementById("figure3")), "Not compared")
    assert.strictEqual(document.querySelectorAll("#figure3 svg[role=img]").length, 4)
  })

  it("has the warnings of a corpus beside its scores, with the documents that they are about", () => {
    const [list, ...more] = document.querySelectorAll("#scores .warnings")
    assert.deepStrictEqual(more, [])
    assert.strictEqual(squeezed(list?.previousElementSibling), "CDR")
    assert.deepStrictEqual([...list?.querySelectorAll("strong") ?? []].map(squeezed), [
      "fewer documents",
      "test text in training",
    ])
    assert.deepStrictEqual([...list?.querySelectorAll("details li") ?? []].map(squeezed), ["1401", "<b>1402</b>"])
  })

  it("is a page too where nothing has run", async () => {
    const nothing = { ...provenanceOf(noTables), absent: [absentRun("T5-Base/cdr/full", { _tag: "NotRun" })] }
    const { document: page } = parseHTML(await pageOf(noTables, nothing))
    assert.deepStrictEqual([...page.querySelectorAll("#table tbody td")].map(squeezed), ["220M", "not run"])
    assert.include(squeezed(page.querySelector("header .facts")), "Runsnone yet")
    assert.strictEqual(squeezed(page.querySelector("#absent + dl")), "all cellsnot run")
  })
})

describe("what the scores hide", () => {
  it("is a table a corpus on the page, a line a cell, with what is known of each", async () => {
    const made = demoTables()
    const detail = made.details[0] ?? assert.fail("there are no details")
    const rest = made.details.slice(1)
    const slices = detail.slices.map((slice) =>
      slice.slice === "no argument seen"
        ? { ...slice, gold: 0, predicted: 0, runs: 0 }
        : slice.slice === "seen together"
        ? { ...slice, runs: 1 }
        : slice
    )
    const details = [{ ...detail, slices, absent: { count: 3, of: 40 }, malformed: { count: 0, of: 0 } }, ...rest]
    const { document: page } = parseHTML(await pageOf({ ...made, details }))
    assert.deepStrictEqual(
      [...page.querySelectorAll("#hidden summary")].map(squeezed),
      [
        ...new Set(details.map(({ corpus }) => corpus)),
      ].map((corpus) => {
        const title = { cdr: "CDR", dce: "DCE", chemprot: "ChemProt", ddi: "DDI" }[corpus] ?? corpus
        return `${title}: ${details.filter((one) => one.corpus === corpus).length} cells`
      }),
    )
    const cells = [...page.querySelector("#hidden tbody tr")?.querySelectorAll("td") ?? []].map(squeezed)
    const f1 = made.results[0]?.f1.toFixed(1) ?? ""
    assert.lengthOf(cells, 11)
    assert.strictEqual(cells[0], String(detail.learned))
    assert.include(cells[1], f1)
    assert.strictEqual(cells[4], "–")
    assert.match(cells[5] ?? "", new RegExp(`, 1 of ${detail.runs} runs$`, "u"))
    assert.notInclude(cells[6], "runs")
    assert.strictEqual(cells[7], "7.5% 3 of 40")
    assert.strictEqual(cells[9], "–")
  })
})

describe("files of results that are not complete", () => {
  it("list the runs that are not there, each with its reason, as another program reads them", async () => {
    const rows = await readBack("absent.csv")
    assert.lengthOf(rows, 16)
    assert.deepStrictEqual(Object.groupBy(rows, ({ reason }) => String(reason))["running"], [{
      model: "SciFive-Base",
      corpus: "cdr",
      setting: "full",
      seed: null,
      reason: "running",
      advance: "120 of 480 steps",
      why: "finetune/SciFive-Base/cdr/full is running, 120 of 480 steps",
    }])
    assert.deepStrictEqual(
      rows.filter(({ model, reason }) => model === "T5-Base" && reason === "not run").map(
        ({ corpus, setting, seed }) => [corpus, setting, seed],
      ),
      [["cdr", "16", "2"], ["cdr", "16", "3"], ["cdr", "16", "4"]],
    )
    const scored = await readBack("results.csv")
    assert.isFalse(scored.some(({ corpus }) => corpus === "ddi" || corpus === "chemprot"))
  })

  it("hold the flags of numbers, and the warnings that they come from", async () => {
    const rows = await readBack("results.csv")
    const few = rows.find(({ model, setting, corpus }) => model === "T5-Base" && corpus === "cdr" && setting === "16")
    assert.strictEqual(few?.["flags"], "few seeds;fewer documents;test text in training")
    assert.deepStrictEqual(
      (await readBack("warnings.csv")).map(({ kind, documents, of, examples }) => ({
        kind,
        documents,
        of,
        examples,
      })),
      [
        { kind: "fewer documents", documents: "274", of: "500", examples: "" },
        { kind: "test text in training", documents: "2", of: "226", examples: "1401;<b>1402</b>" },
      ],
    )
  })

  it("say the same in Markdown and LaTeX, with the marks of what is suspicious", async () => {
    const markdown = await textFile("table1.md")
    assert.match(
      markdown,
      /^\| SciFive-Base<sup>b<\/sup> \|.* \| running \|.* \| stopped \| no files \| no files \|$/mu,
    )
    assert.match(markdown, /^\| T5-Base \| 220M \| .*<sup>sfd<\/sup><br>2 of 5 seeds<br>/mu)
    assert.include(markdown, "\nNot in the table:\n\n- SciFive-Base on CDR full: finetune/SciFive-Base/cdr/full is ")
    const latex = await textFile("table1.tex")
    assert.match(latex, /^SciFive-Base.* & \{\\scriptsize running\} & .* & \{\\scriptsize no files\} \\\\/mu)
    assert.match(latex, /^ &  & \{\\scriptsize 2 of 5 seeds\} & /mu)
    assert.include(latex, "\\multicolumn{3}{c}{DCE} & ChemProt & DDI")
    assert.match(latex, /\\caption\{.*\\textsuperscript\{f\} cdr test: 226 documents.* Not in the table: SciFive-Base/u)
  })

  it("have the reasons in JSON, as the command prints them", async () => {
    const { absent } = JSON.parse(await textFile("results.json"))
    assert.deepStrictEqual(absent, JSON.parse(JSON.stringify(provenance.absent)))
    assert.lengthOf(absent, 16)
  })

  it("say in a figure's drawing which pairs it lacks", async () => {
    const words = (await textFile("figure2.svg")).replace(/<\/text>\s*<text[^>]*>/gu, " ")
    assert.include(words, "Not compared, as a model has no number yet: SciFive-Base − T5-Base (CDR full, DCE full,")
    assert.notInclude(words, "No pairs of models")
    assert.include(await textFile("figure4.svg"), "No pairs of models: the figure compares none of")
  })
})

describe("a terminal", () => {
  it("has the words in the cells, the seeds so far, and the pairs that cannot be compared", () => {
    const text = renderResults(tables, provenance)
    assert.match(text, /^T5-Base +220M +\d+\.\d ± \d+\.\d \(2\/5\) \[30\.3\]ˢᶠᵈ /mu)
    assert.match(text, /^SciFive-Baseᵇ .* running .* stopped  no files  no files$/mu)
    assert.include(text, "(2/5): seeds so far, of all")
    assert.include(
      text,
      "\nNot compared, as a model has no number yet:\n  SciFive-Base − T5-Base: CDR full, DCE full, ChemProt, DDI\n",
    )
  })

  it("names some of many pairs, and counts the rest", () => {
    const models = ["T5-Small", "Flan-T5-Small", "T5-Base", "Flan-T5-Base", "T5-Large", "Flan-T5-Large"]
    const more = [...models, "SciFive-Base", "SciFive-Large"]
    const absent = more.map((model) => absentRun(`${model}/dce/full`, { _tag: "NotRun" }))
    const text = renderResults(noTables, { absent, upToDate: true })
    assert.match(text, /SciFive-Base − T5-Base: DCE full\n.*\n.*\n {2}and 2 more pairs$/mu)
  })
})
