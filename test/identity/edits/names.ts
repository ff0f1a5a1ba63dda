import { type Edit, needless, rename, replace, same, together } from "../edit.ts"

const arithmetic = "stages/shared/arithmetic.ts"
const random = "stages/numbers/random.ts"
const tokens = "stages/words/tokens.ts"
const closures = "stages/tables/closures.ts"
const operations = "stages/tables/operations.ts"
const stack = "stages/shared/stack.ts"
const walk = "stages/walk/walk.ts"
const property = "a renamed property, option, message or data file"

const locals: ReadonlyArray<readonly [path: string, from: string, to: string]> = [
  [arithmetic, "numbers", "all"],
  [arithmetic, "base", "_0"],
  [arithmetic, "exponent", "$1"],
  [random, "state", "current"],
  [random, "taken", "take"],
  [random, "item", "from_"],
  [random, "A", "Item"],
  [tokens, "found", "pair"],
  [tokens, "weight", "kind_"],
  [tokens, "all", "sum"],
  [closures, "made", "counters_"],
  [closures, "calls", "made_"],
  [closures, "index", "i"],
  [closures, "inner", "result"],
  [closures, "self", "again"],
  [closures, "error", "cause"],
  [closures, "rest", "others_"],
  [stack, "value", "object"],
  [stack, "number", "one"],
  [walk, "all", "waited"],
  ["stages/packed/stage.ts", "stack", "pile"],
  ["stages/packed/stage.ts", "rows", "ünïcode"],
  ["stages/tables/stage.ts", "operate", "apply"],
  ["stages/total/stage.ts", "sum", "add_"],
  ["stages/walk/stage.ts", "turn", "round"],
  ["stages/words/stage.ts", "lines", "$$2"],
]

const tops: ReadonlyArray<readonly [from: string, to: string, ...paths: ReadonlyArray<string>]> = [
  ["wrap", "below", arithmetic],
  ["modulus", "limit", arithmetic],
  ["factor", "$7", random],
  ["summand", "_3", random],
  ["sequence", "randomly", random, "stages/numbers/stage.ts"],
  ["take", "firstOf", random, "stages/numbers/stage.ts"],
  ["nameOf", "wrap", "stages/numbers/state.ts", "stages/numbers/stage.ts"],
  ["given", "index_", "stages/numbers/state.ts"],
  ["stop", "silent", tokens],
  ["bracketed", "quoted", tokens, "stages/words/stage.ts"],
  ["seen", "known", closures],
  ["factorial", "product", closures, "stages/tables/stage.ts"],
  ["fallback", "usual", operations],
  ["descend", "down", walk],
  ["pi", "three", "stages/shapes/kinds/circle.ts"],
  [
    "edges",
    "sides",
    "stages/shapes/kinds/edges.ts",
    "stages/shapes/kinds/square.ts",
    "stages/shapes/kinds/triangle.ts",
  ],
  ["destructured", "awaited", "stages/walk/stage.ts"],
  ["isOdd", "odd", "stages/shared/parity/odd.ts", "stages/shared/parity/even.ts"],
  ["Summing", "Adding", stack, "stages/packed/stage.ts"],
  [
    "Value",
    "Row",
    "schemas/values.ts",
    ...["numbers", "words", "shapes", "walk", "packed", "tables", "total"].map((name) => `stages/${name}/stage.ts`),
  ],
]

export const nameEdits: ReadonlyArray<Edit> = [
  ...locals.map(([path, from, to]) => same("a local name", `${from} is ${to} in ${path}`, rename(from, to, path))),
  ...tops.map(([from, to, ...paths]) =>
    same("a name of a function, class or constant", `${from} is ${to}`, rename(from, to, ...paths))
  ),
  same(
    "a local name",
    "a label",
    together(replace(tokens, "outer:", "search:"), replace(tokens, "break outer", "break search")),
  ),
  same("a local name", "private members", (files) => files.editAll(stack, "#numbers", "#content")),
  same("a local name", "a private method", (files) => files.editAll(stack, "#drop", "#remove")),
  same("a local name", "a private static member", (files) => files.editAll(stack, "#limit", "#most")),
  same(
    "a local name",
    "by a pattern",
    replace("stages/numbers/stage.ts", "{ count, seed, labels }", "{ count: count, seed, labels: labels }"),
  ),
  needless(
    "a name of a property",
    property,
    "of an object",
    (files) => files.editAll(operations, /\bscale\b/gu, "factor"),
  ),
  needless(
    "a name of a property",
    property,
    "a message",
    together(
      (files) => files.editAll("stages/words/messages.ts", "tooManyHelp", "shorten"),
      (files) => files.editAll("stages/words/stage.ts", "tooManyHelp", "shorten"),
    ),
  ),
  needless(
    "a name of a property",
    property,
    "a data file",
    together(
      (files) => {
        files.write("stages/words/lines.txt", files.read("stages/words/words.txt"))
        files.remove("stages/words/words.txt")
      },
      replace("stages/words/stage.ts", "./words.txt", "./lines.txt"),
    ),
  ),
  needless("a name of a property", property, "a choice", (files) => {
    files.edit("stages/shapes/kinds.ts", "\"kind\"", "\"form\"")
    files.edit("stages/shapes/stage.ts", "({ kind: [kind]", "({ form: [kind]")
  }),
]
