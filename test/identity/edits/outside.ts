import { append, type Edit, needless, other, replace, same, together } from "../edit.ts"

const tiny = "node_modules/tiny"
const tinier = "node_modules/tinier"
const version = "a new version of a package that changes nothing that is used"
const yaml = "params.yaml"

const packages: ReadonlyArray<Edit> = [
  other(
    "a package",
    ["packed"],
    "a new version",
    together(
      replace(`${tiny}/package.json`, "\"1.0.0\",", "\"1.0.1\","),
      replace(`${tiny}/index.js`, "+ 1", "+ 2"),
    ),
  ),
  other("a package", ["packed"], "another main", replace(`${tiny}/package.json`, "index.js", "other.js")),
  other(
    "a package",
    ["packed"],
    "exports before its main",
    replace(`${tiny}/package.json`, "\"main\": \"index.js\"", "\"main\": \"index.js\", \"exports\": \"./other.js\""),
  ),
  other(
    "a package",
    ["packed"],
    "a new version of a package of the package",
    together(
      replace(`${tinier}/package.json`, "\"1.0.0\"", "\"1.0.1\""),
      replace(`${tinier}/index.js`, "* 2", "* 3"),
    ),
  ),
  other(
    "a package",
    ["packed"],
    "another main of a package of the package",
    together(
      replace(`${tinier}/package.json`, "index.js", "other.js"),
      (files) => files.write(`${tinier}/other.js`, "export const tinier = (number) => number * 5\n"),
    ),
  ),
  other(
    "a package",
    ["packed"],
    "a package of the package in its own folder",
    together(
      (files) =>
        files.write(`${tiny}/${tinier}/package.json`, files.read(`${tinier}/package.json`).replace("1.0.0", "2.0.0")),
      (files) => files.write(`${tiny}/${tinier}/index.js`, "export const tinier = (number) => number * 7\n"),
    ),
  ),
  needless(
    "a package",
    version,
    "a new version that computes the same",
    replace(`${tiny}/package.json`, "\"1.0.0\",", "\"1.0.2\","),
  ),
  needless(
    "a package",
    version,
    "a description in its manifest",
    replace(`${tiny}/package.json`, "\"type\"", "\"description\": \"small\", \"type\""),
  ),
  same("a package", "one that nothing imports", (files) => {
    files.write("node_modules/idle/package.json", "{ \"name\": \"idle\", \"version\": \"1.0.0\" }")
    files.write("node_modules/idle/index.js", "export {}\n")
  }),
  same("a package", "one that another stage imports", (files) => {
    files.write(
      "node_modules/idle/package.json",
      "{ \"name\": \"idle\", \"version\": \"1.0.0\", \"type\": \"module\", \"main\": \"index.js\" }",
    )
    files.write("node_modules/idle/index.js", "export const idle = 1\n")
    files.write("stages/shared/idle.ts", "export { idle } from \"idle\"\n")
  }),
  same("a package", "the project's own manifest", replace("package.json", "1.0.0", "1.0.1")),
  other(
    "a package",
    ["walk"],
    "is imported late",
    together(
      replace(
        "stages/walk/stage.ts",
        "  module.clear()\n",
        "  const { tiny } = await import(\"tiny\")\n  module.clear()\n",
      ),
      replace("stages/walk/stage.ts", "+ module.count", "+ module.count + tiny(1)"),
    ),
  ),
]

const data: ReadonlyArray<Edit> = [
  other("data beside a module", ["words"], "a word of a text", replace("stages/words/words.txt", "cell", "cells")),
  other(
    "data beside a module",
    ["words"],
    "the end of a line",
    replace("stages/words/words.txt", "enzyme\n", "enzyme, of\n"),
  ),
  other(
    "data beside a module",
    ["words"],
    "nothing that is read",
    replace("stages/words/words.txt", "enzyme\n", "enzyme\n\n"),
  ),
  other(
    "data beside a module",
    ["numbers"],
    "a number of JSON",
    replace("stages/numbers/defaults.json", "\"start\": 7", "\"start\": 8"),
  ),
  other(
    "data beside a module",
    ["numbers"],
    "a number deep in JSON",
    replace("stages/numbers/defaults.json", "\"by\": 3", "\"by\": 4"),
  ),
  other(
    "data beside a module",
    ["numbers"],
    "an item of JSON",
    replace("stages/numbers/defaults.json", "\"three\"", "\"drei\""),
  ),
  same(
    "data beside a module",
    "layout of JSON",
    replace("stages/numbers/defaults.json", ", \"step\"", ",\n  \"step\""),
  ),
  same(
    "data beside a module",
    "a file that nothing names",
    (files) => files.write("stages/words/notes.txt", "notes\n"),
  ),
  other(
    "data beside a module",
    ["words"],
    "another file",
    together(
      (files) => files.write("stages/words/other.txt", "of a protein\n"),
      replace("stages/words/stage.ts", "./words.txt", "./other.txt"),
    ),
  ),
]

const params: ReadonlyArray<Edit> = [
  same("params", "a comment in YAML", replace(yaml, "# Each is a node.", "# Each of them is a node.")),
  same("params", "order of names", replace(yaml, "  count: 6\n  seed: 11\n", "  seed: 11\n  count: 6\n")),
  same("params", "order of parts", (files) => {
    files.edit(yaml, "walk:\n  turns: 2\n", "")
    files.write(yaml, `walk:\n  turns: 2\n${files.read(yaml)}`)
  }),
  same(
    "params",
    "another way of writing YAML",
    replace(yaml, "{ kind: circle, rounding: up }", "kind: circle\n    rounding: up"),
  ),
  same("params", "another spelling of a number", replace(yaml, "seed: 11", "seed: 0xb")),
  same("params", "quotation marks", replace(yaml, "kind: circle", "\"kind\": 'circle'")),
  same(
    "params",
    "order of nodes",
    (files) =>
      files.edit(
        yaml,
        "  - { kind: square, rounding: down }\n  - { kind: triangle, rounding: up }\n",
        "  - { kind: triangle, rounding: up }\n  - { kind: square, rounding: down }\n",
      ),
  ),
  other("params", ["numbers/all"], "a seed", replace(yaml, "seed: 11", "seed: 12")),
  other("params", ["numbers/all"], "order of a list", replace(yaml, "[four, five]", "[five, four]")),
  other("params", ["words/all"], "a limit", replace(yaml, "limit: 10", "limit: 11")),
  other("params", ["walk/all"], "turns", replace(yaml, "turns: 2", "turns: 3")),
  other("params", ["packed/all"], "what is kept", replace(yaml, "keep: 3", "keep: 4")),
  other(
    "params",
    ["shapes/circle"],
    "an option",
    replace(yaml, "kind: circle, rounding: up", "kind: circle, rounding: down"),
  ),
  other(
    "params",
    ["tables/squared"],
    "a name in dag.config.ts",
    replace("dag.config.ts", "operation: \"squared\"", "operation: \"shifted\""),
  ),
  same(
    "params",
    "a default that is written",
    replace(
      "dag.config.ts",
      "dag.add(words, { name: \"all\", params: params.words,",
      "dag.add(words, { name: \"all\", params: { ...params.words },",
    ),
  ),
  same("params", "another profile", replace("dag.config.ts", "count: 2, seed: 1", "count: 2, seed: 1 + 0")),
  same("the config", "a comment", append("dag.config.ts", "// A comment.")),
  same("the config", "the view of results", replace("results.ts", "Total: ", "The total: ")),
]

const settings: ReadonlyArray<Edit> = [
  same("how a stage is run", "memory", replace("stages/numbers/stage.ts", "memory: 128", "memory: 256")),
  same("how a stage is run", "threads, by a constant", (files) => {
    files.edit("stages/numbers/stage.ts", "cpu: 1,", "cpu: threads,")
    append("stages/numbers/stage.ts", "const threads = 1")(files)
  }),
  same(
    "how a stage is run",
    "in a process of its own",
    replace("stages/total/stage.ts", "  run: Effect", "  isolation: \"process\",\n  run: Effect"),
  ),
  same(
    "how a stage is run",
    "what it needs is said",
    replace(
      "stages/total/stage.ts",
      "  run: Effect",
      "  resources: () => ({ cpu: 1, memory: 64, gpu: 0 }),\n  run: Effect",
    ),
  ),
  same(
    "how a stage is run",
    "a function of what it needs",
    replace("stages/numbers/stage.ts", "resources: () => ({", "resources: ({ count }) => ({"),
  ),
]

export const outsideEdits: ReadonlyArray<Edit> = [...packages, ...data, ...params, ...settings]
