import { DuckDBInstance } from "@duckdb/node-api"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { csvTable } from "../../../experiment/results/csv.ts"
import { reportFiles } from "../../../experiment/results/files.ts"
import { latexTable } from "../../../experiment/results/latex.ts"
import { markdownTable } from "../../../experiment/results/markdown.ts"
import type { ResultTables } from "../../../experiment/results/tables.ts"
import { Comparison } from "../../../schemas/comparisons.ts"
import { Detail } from "../../../schemas/details.ts"
import { ErrorCase, ErrorCount } from "../../../schemas/errors.ts"
import { Result } from "../../../schemas/results.ts"
import { SystemComparison } from "../../../schemas/systems.ts"
import { Warning } from "../../../schemas/warnings.ts"
import { demoTables, noTables, paperTables } from "./fixture.ts"
import { complete, provenanceOf } from "./provenance.ts"
import { suspiciousTables, tinyTables } from "./tiny.ts"

/** Names that mean something to one format or another; each model still has its own. */
const hostileTables = demoTables((name) => `*[2] \\item{${name}} $x^2_a$ %&#~ |, "q"; <b>'\r\n\u2028-- \`é模`)

const fixtures: ReadonlyArray<readonly [name: string, tables: ResultTables]> = [
  ["the paper", paperTables()],
  ["a small profile", demoTables()],
  ["hostile names", hostileTables],
  ["one hostile name", tinyTables],
  ["nothing", noTables],
]

/** Runs with a new folder, and removes it. */
const inFolder = async <A>(use: (folder: string) => A | Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), "redag-test-"))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe("CSV", () => {
  it("quotes what has to be, leaves null empty, and ends lines as RFC 4180 says", () => {
    assert.deepStrictEqual(csvTable(tinyTables, complete).split("\r\n"), [
      "model,parameters,corpus,setting,protocol,measure,label,f1,precision,recall,correct,predicted,found,gold,"
      + "deviation,low,high,runs,published,flags,source",
      "T5-Base,220M,cdr,16,paper,strict,micro,30,30,30,10,20,10,20,1.25,26.5,33,5,30.3,few seeds;truncated sources,grid",
      "T5-Base,220M,cdr,full,paper,strict,micro,42,42,42,10,20,10,20,,40,44.5,1,,\"\",grid",
      "T5-Base,220M,cdr,full,paper,strict,CID,42,42,42,10,20,10,20,,,,1,,\"\",grid",
      "\"*[a]_{b}|<i>&\"\"c\"\"\",1M,cdr,full,paper,strict,micro,50,50,50,10,20,10,20,,47,52,1,,\"\",grid",
      "\"*[a]_{b}|<i>&\"\"c\"\"\",1M,cdr,full,official,concept pairs,micro,55,55,55,10,20,10,20,,,,1,,\"\",grid",
      "",
    ])
  })

  it.each(fixtures.slice(0, -1))("of %s is what DuckDB reads back", (_, tables) =>
    inFolder(async (folder) => {
      const path = join(folder, "results.csv")
      writeFileSync(path, csvTable(tables, complete))
      const texts = new Set([
        "model",
        "parameters",
        "corpus",
        "setting",
        "protocol",
        "measure",
        "label",
        "flags",
        "source",
      ])
      const types = Object.keys(Result.fields).map((name) => `'${name}': '${texts.has(name) ? "VARCHAR" : "DOUBLE"}'`)
      const connection = await (await DuckDBInstance.create()).connect()
      try {
        const read = await connection.runAndReadAll(
          `SELECT * FROM read_csv('${path}', header = true, columns = {${
            types.join(", ")
          }}, quote = '"', escape = '"', `
            + "allow_quoted_nulls = false)",
        )
        assert.deepStrictEqual<unknown>(
          read.getRowObjectsJS(),
          tables.results.map((row) => ({ ...row, flags: row.flags.join(";") })),
        )
      } finally {
        connection.closeSync()
      }
    }))
})

describe("the root digest", () => {
  it("stands at the foot of the page and in results.json", async () => {
    const provenance = provenanceOf(noTables)
    const files = reportFiles(noTables, provenance)
    const root = provenance.root() ?? assert.fail("no root")
    assert.match(String(await files["report.html"]?.()), new RegExp(`<footer>\\s*<p>[^<]*<code>${root}</code>`, "u"))
    assert.include(String(await files["results.json"]?.()), `"root": "${root}"`)
    const none = reportFiles(noTables, { ...provenance, root: () => undefined })
    assert.notInclude(String(await none["report.html"]?.()), "<footer>")
  })
})

describe("JSON", () => {
  it.each(fixtures)("of %s holds all tables as their schemas have them", async (_, tables) => {
    const made = await reportFiles(tables, provenanceOf(noTables))["results.json"]?.()
    const Tables = Schema.Struct({
      results: Schema.Array(Result),
      comparisons: Schema.Array(Comparison),
      errors: Schema.Array(ErrorCount),
      cases: Schema.Array(ErrorCase),
      details: Schema.Array(Detail),
      systems: Schema.Array(SystemComparison),
      warnings: Schema.Array(Warning),
      absent: Schema.Tuple([]),
      upToDate: Schema.Boolean,
      root: Schema.String,
    })
    assert.deepStrictEqual<unknown>(
      Schema.decodeUnknownSync(Schema.fromJsonString(Tables))(made, { onExcessProperty: "error" }),
      { ...tables, absent: [], upToDate: true, root: provenanceOf(noTables).root() },
    )
  })
})

describe("Markdown", () => {
  it("has a line a model, and says what its marks are", () => {
    assert.strictEqual(
      markdownTable(tinyTables, complete),
      `| Model | Params | CDR 16 | CDR full |
| --- | ---: | ---: | ---: |
| T5-Base | 220M | 30.0 ± 1.3<sup>st</sup><br>\\[26.5, 33.0\\]<br>(30.3, −0.3) | 42.0<br>\\[40.0, 44.5\\] |
| \\*\\[a\\]\\_\\{b\\}\\|&lt;i&gt;&amp;"c" | 1M | – | **50.0**<br>\\[47.0, 52.0\\] |

F1 in percent; mean ± standard deviation over seeds; 95% bootstrap interval over documents in square brackets; the paper's number, and ours less it in round brackets; bold: highest of its column; –: no run in this profile.

- <sup>s</sup> few seeds: fewer seeds than the paper's five
- <sup>t</sup> truncated sources: some were longer than the model's input
`,
    )
  })

  it("says what is suspicious about a corpus", () => {
    const text = markdownTable(suspiciousTables, complete)
    assert.match(text, /^\| T5-Base .* 42\.0<sup>ofmxdv<\/sup>/mu)
    assert.include(text, "\n- <sup>o</sup> cdr train: 1 of 2 documents is left out, with 1 problem: &lt;7&gt;\n")
    assert.notInclude(text, "of another corpus")
  })

  it.each(fixtures)("of %s has the same columns on each line of the table", (_, tables) => {
    const lines = markdownTable(tables, complete).split("\n\n")[0]?.split("\n") ?? []
    assert.lengthOf(lines, 2 + new Set(tables.results.map(({ model }) => model)).size)
    const shown = new Set(tables.results.map(({ corpus, setting }) => `${corpus} ${setting}`)).size
    // Without results there is a column for each setting of each corpus.
    const columns = 2 + (shown === 0 ? 8 : shown)
    for (const line of lines) assert.lengthOf(line.match(/(?<!\\)\|/gu) ?? [], columns + 1, line)
  })

  it("marks the models as the paper does", () => {
    const text = markdownTable(paperTables(), complete)
    for (const start of ["| BioGPT<sup>b</sup> |", "| Flan-T5-Large<sup>\\*</sup> |", "| In-BoXBART<sup>†</sup> |"]) {
      assert.include(text, start)
    }
    assert.include(text, "- <sup>l</sup> leakage: ")
  })
})

const compiler = ["pdflatex", "xelatex"].find((name) => spawnSync(name, ["--version"]).status === 0)

describe("LaTeX", () => {
  it("has a number a cell, below it its interval and the paper's number", () => {
    const table = latexTable(tinyTables, complete).split("\n")
    assert.deepStrictEqual(table.slice(table.indexOf("\\midrule") + 1, table.indexOf("\\bottomrule")), [
      "T5-Base & 220M & 30.0 $\\pm$ 1.3\\textsuperscript{st} & 42.0 \\\\[-2pt]",
      " &  & {\\scriptsize {[}26.5, 33.0{]}} & {\\scriptsize {[}40.0, 44.5{]}} \\\\[-2pt]",
      " &  & {\\scriptsize (30.3, $-$0.3)} &  \\\\",
      "\\addlinespace[2pt]",
      "{*}{[}a{]}\\_\\{b\\}\\textbar{}\\textless{}i\\textgreater{}\\&''c'' & 1M & -- & \\textbf{50.0} \\\\[-2pt]",
      " &  &  & {\\scriptsize {[}47.0, 52.0{]}} \\\\",
    ])
  })

  it("marks the models as the paper does", () => {
    const text = latexTable(paperTables(), complete)
    for (
      const name of [
        "BioGPT\\textsuperscript{b}",
        "Flan-T5-Large\\textsuperscript{{*}}",
        "In-BoXBART\\textsuperscript{\\dag{}}",
      ]
    ) {
      assert.include(text, `\n${name} & `)
    }
  })

  it.skipIf(compiler === undefined).each(fixtures)(
    `of %s compiles with booktabs and graphicx${
      compiler === undefined ? " (skipped: no pdflatex or xelatex here)" : ""
    }`,
    (_, tables) =>
      inFolder((folder) => {
        writeFileSync(join(folder, "table1.tex"), latexTable(tables, complete))
        const document = "\\documentclass{article}\n\\usepackage{booktabs}\n\\usepackage{graphicx}\n"
          + "\\begin{document}\n\\input{table1}\n\\end{document}\n"
        writeFileSync(join(folder, "main.tex"), document)
        const log = execFileSync(compiler ?? "", ["-interaction=nonstopmode", "-halt-on-error", "main.tex"], {
          cwd: folder,
          encoding: "latin1",
        })
        assert.notMatch(log, /^!|Overfull|Missing character/mu)
        assert.match(log, /Output written on main\.pdf \(1 page/u)
      }),
  )
})

describe("tables that are older than what they depend on", () => {
  it("say so in every format", async () => {
    const files = reportFiles(tinyTables, { ...provenanceOf(tinyTables), upToDate: false })
    for (const name of ["table1.md", "table1.tex", "report.html"]) {
      assert.match(String(await files[name]?.()), /older than (what they depend on|its sources)/u, name)
    }
    assert.include(String(await files["results.json"]?.()), "\"upToDate\": false")
    const [header = "", ...rows] = String(await files["results.csv"]?.()).trimEnd().split("\r\n")
    assert.match(header, /,older$/u)
    for (const row of rows) assert.match(row, /,true$/u)
  })
})

describe("the files of a report", () => {
  it("are these, and none is a table that the engine writes", () => {
    assert.deepStrictEqual(Object.keys(reportFiles(tinyTables, provenanceOf(tinyTables))).toSorted(), [
      "absent.csv",
      ...[2, 3, 4, 5].flatMap((number) => [`figure${number}.png`, `figure${number}.svg`]),
      "report.html",
      "results.csv",
      "results.json",
      "table1.md",
      "table1.tex",
      "warnings.csv",
    ])
  })

  it("have the same bytes each time", async () => {
    const [first, second] = [1, 2].map(() => reportFiles(tinyTables, provenanceOf(tinyTables)))
    for (const [name, made] of Object.entries(first ?? {})) {
      assert.deepStrictEqual(await made(), await second?.[name]?.(), name)
    }
  })
})
