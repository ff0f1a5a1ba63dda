import { readdirSync } from "node:fs"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { readBackIssue } from "../../experiment/read-back.ts"
import { readYaml } from "../../pipeline/graph/yaml.ts"
import { Language } from "../../stages/shared/language/language.ts"
import { copyOfExperiment } from "../rig/experiment.ts"
import type { Project } from "../rig/project.ts"

const templateOf = (file: string): Language => readYaml(process.cwd(), `stages/template/${file}`, Language)

describe("a template whose clause is read back", () => {
  it("is that of every corpus", () => {
    const files = readdirSync("stages/template").filter((file) => file.endsWith(".yaml"))
    assert.isAtLeast(files.length, 6)
    for (const file of files) assert.isUndefined(readBackIssue(templateOf(file)), file)
  })

  const cdr = templateOf("cdr.yaml")
  const chemprot = templateOf("chemprot.yaml")
  const fieldOf = (language: Language): string | undefined => {
    const found = readBackIssue(language)
    return typeof found === "object" && "path" in found ? found.path.join(".") : undefined
  }

  it("needs a last slot that reads more than nothing", () => {
    const template = { ...cdr.template, clause: "{head} relieves {tail}" }
    assert.strictEqual(fieldOf({ ...cdr, template }), "extraction.slots.tail")
    const extraction = { ...cdr.extraction, slots: { head: ".*", tail: ".*" } }
    assert.isUndefined(readBackIssue({ template, extraction }))
  })

  it("needs slots that read names of several words, and a label that is no part of another slot", () => {
    const words = { ...chemprot.extraction, slots: { head: ".*", tail: "\\w+", label: ".*" } }
    assert.strictEqual(fieldOf({ ...chemprot, extraction: words }), "extraction.slots")
    const short = { ...chemprot.extraction, slots: { head: ".*", tail: ".*", label: ".*?" }, labels: [] }
    assert.strictEqual(fieldOf({ ...chemprot, extraction: short }), "extraction.slots.label")
  })

  it("needs a separator that is no part of a clause", () => {
    assert.strictEqual(fieldOf({ ...cdr, template: { ...cdr.template, separator: " and " } }), "template.separator")
  })
})

describe("a template whose clause is not read back", () => {
  let project: Project
  beforeAll(() => {
    project = copyOfExperiment()
  })
  afterAll(() => project.remove())

  it("is refused by dag plan, with its file, line and field", async () => {
    project.edit("stages/template/cdr.yaml", "The relation between {head} and {tail} exists", "{head} relieves {tail}")
    const place = project.read("stages/template/cdr.yaml").split("\n").findIndex((line) => line.includes("slots:")) + 1
    const { code, stderr } = await project.dag("plan", "--profile", "demo")
    assert.notStrictEqual(code, 0)
    assert.include(stderr, `stages/template/cdr.yaml:${place}`)
    assert.include(stderr, "extraction.slots.tail")
    assert.include(stderr.replaceAll(/\s+/gu, " "), "reads \"\" as the {tail} of \"aspirin relieves fever\"")
  })
})
