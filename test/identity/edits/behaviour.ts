import { append, type Edit, other, rename, replace, same, together } from "../edit.ts"

const arithmetic = "stages/shared/arithmetic.ts"
const random = "stages/numbers/random.ts"
const tokens = "stages/words/tokens.ts"
const closures = "stages/tables/closures.ts"
const operations = "stages/tables/operations.ts"
const stack = "stages/shared/stack.ts"
const walk = "stages/walk/walk.ts"
const all = ["numbers", "words", "shapes", "walk", "packed", "tables", "total"]
const counting = ["numbers", "shapes", "walk", "total"]

/** What is written, and what stands for it; and the stages that run it. */
const bodies: ReadonlyArray<readonly [nodes: ReadonlyArray<string>, path: string, from: string, to: string]> = [
  [counting, arithmetic, "1_009", "1_013"],
  [counting, arithmetic, "+ modulus) % modulus", "+ modulus) % (modulus - 1)"],
  [["walk", "total", "numbers"], arithmetic, "wrap(one + other)", "wrap(one + other + 1)"],
  [["numbers", "shapes"], arithmetic, "wrap(one * other)", "wrap(one * other + 1)"],
  [["numbers", "shapes/square"], arithmetic, "=== 0 ? 1", "=== 0 ? 2"],
  [["packed"], arithmetic, "Math.floor(sum", "Math.ceil(sum"],
  [["numbers"], random, "factor = 75", "factor = 76"],
  [["numbers"], random, "summand = 74", "summand = 75"],
  [["numbers"], random, "let state = seed", "let state = seed + 1"],
  [["numbers"], random, "yield state", "yield state + 1"],
  [["numbers"], random, "if (taken.length === count) break", "if (taken.length > count) break"],
  [["numbers"], "stages/numbers/state.ts", "given++", "++given"],
  [["numbers"], "stages/numbers/state.ts", "prefix = names[0]", "prefix = names[1]"],
  [["numbers"], "stages/numbers/state.ts", "  given = 0\n", ""],
  [["numbers"], "stages/numbers/stage.ts", "[...defaults.names, ...labels]", "[...labels, ...defaults.names]"],
  [["numbers"], "stages/numbers/stage.ts", "    reset()\n", ""],
  [["words"], tokens, "[a-z]+", "[a-y]+"],
  [["words"], tokens, "/gu", "/giu"],
  [["words"], tokens, "[\"the\", \"a\", \"an\", \"of\"]", "[\"the\", \"a\", \"an\"]"],
  [["words"], tokens, "const weight = 5", "const weight = 6"],
  [["words"], tokens, "      return 1\n", ""],
  [["words"], tokens, "[${values[index - 1]}]", "<${values[index - 1]}>"],
  [["words"], tokens, "let found = \"none\"", "let found = \"no pair\""],
  [["words"], tokens, "break outer", "break"],
  [["words"], tokens, "one[0] === other[0]", "one[1] === other[1]"],
  [["words"], "stages/words/stage.ts", "`weight ${weight}`", "`weight: ${weight}`"],
  [["words"], "stages/words/stage.ts", "skip + 1", "skip + 2"],
  [["words"], "stages/words/stage.ts", "succeed(100)", "succeed(101)"],
  [["shapes/circle"], "stages/shapes/kinds/circle.ts", "pi = 3", "pi = 4"],
  [["shapes/circle"], "stages/shapes/kinds/circle.ts", "corners = 0", "corners = 1"],
  [["shapes/square"], "stages/shapes/kinds/square.ts", "size, 2", "size, 3"],
  [["shapes/square"], "stages/shapes/kinds/square.ts", "edges(4)", "edges(5)"],
  [["shapes/triangle"], "stages/shapes/kinds/triangle.ts", "floor", "ceil"],
  [["shapes/square", "shapes/triangle"], "stages/shapes/kinds/edges.ts", "=> count", "=> count + 1"],
  [["shapes/circle", "shapes/triangle"], "stages/shapes/rounding-up.ts", "* 10", "* 11"],
  [["shapes/square"], "stages/shapes/rounding-down.ts", "floor", "ceil"],
  [["shapes"], "stages/shapes/stage.ts", "area(round(value))", "round(area(value))"],
  [["walk"], "stages/walk/late.ts", "add(number, 100)", "add(number, 101)"],
  [["walk"], "stages/walk/then.ts", "shift = 11", "shift = 12"],
  [["walk"], "stages/walk/promised.ts", "by = 2", "by = 3"],
  [["walk"], "stages/walk/whole.ts", "++count", "(count += 2)"],
  [["walk"], "stages/walk/whole.ts", "export let count = 0", "export let count = 5"],
  [["walk"], "stages/walk/whole.ts", "  count = 0\n", "  count = 1\n"],
  [["walk"], walk, "add(number, 3)", "add(number, 2)"],
  [["walk"], walk, "climb(number - 1)", "climb(number - 5)"],
  [["walk"], walk, "number % 4 === 0 ? number : descend", "number % 8 === 0 ? number : descend"],
  [["walk"], walk, "yield await Promise.resolve(climb(number))", "yield climb(number) + 1"],
  [["walk"], "stages/shared/parity/odd.ts", "? false", "? true"],
  [["walk"], "stages/shared/parity/even.ts", "? true", "? false"],
  [["walk"], "stages/walk/stage.ts", "module.step() + module.count", "module.count + module.step()"],
  [["walk"], "stages/walk/stage.ts", "value % 50", "value % 51"],
  [["packed"], stack, "#limit = 50", "#limit = 5"],
  [["packed"], stack, "#limit - 40", "#limit - 41"],
  [["packed"], stack, "label = \"stack\"", "label = \"pile\""],
  [["packed"], stack, "label = \"summing\"", "label = \"adding\""],
  [["packed"], stack, "#sum = 0", "#sum = 10"],
  [["packed"], stack, "yield* this.#numbers", "yield* this.#numbers.toReversed()"],
  [["packed"], stack, "#numbers in value", "!(#numbers in value)"],
  [["packed"], stack, "    this.#drop()\n", ""],
  [["packed"], stack, "return super.push(number)", "return super.push(number + 1)"],
  [["packed"], stack, "this.#numbers.at(-1) ?? 0", "this.#numbers.at(0) ?? 0"],
  [["packed"], "stages/packed/stage.ts", "sha256", "sha512"],
  [["packed"], "stages/packed/stage.ts", "slice(0, 8)", "slice(1, 9)"],
  [["tables"], operations, "fallback = \"double\"", "fallback = \"squared\""],
  [["tables"], operations, "offset = 4", "offset = 5"],
  [["tables"], operations, "number * 2", "number * 3"],
  [["tables"], operations, "by = offset", "by = offset + 1"],
  [["tables"], operations, "return number * number", "return number * number + 1"],
  [["tables"], operations, "this.scale * offset", "this.scale + offset"],
  [["tables"], operations, "scale: 2", "scale: 3"],
  [["tables"], operations, "\"computed\" + String(offset)", "\"other\" + String(offset)"],
  [["tables"], closures, "let calls = index", "let calls = 2 * index"],
  [["tables"], closures, "calls += count", "calls += count + 1"],
  [["tables"], closures, "for (let index = 0; index", "for (let index = 1; index"],
  [["tables"], closures, "number * 3", "number * 4"],
  [["tables"], closures, "if (outer > 30) return outer", "if (outer > 300) return outer"],
  [["tables"], closures, "first = 0", "first = 1"],
  [["tables"], closures, "length = rest.length", "length = rest.length + 1"],
  [["tables"], closures, "left - 1", "left - 2"],
  [["tables"], closures, "number > 5", "number > 3"],
  [["tables"], closures, "new RangeError", "new Error"],
  [["tables"], closures, "is too large", "is large"],
  [["tables"], "stages/tables/stage.ts", "[\"second\", 2]", "[\"second\", 3]"],
  [["tables"], "stages/tables/stage.ts", "(number ?? 0) * 2", "(number ?? 0) * 3"],
  [["tables"], "stages/tables/stage.ts", "counters(3)", "counters(4)"],
  [["total"], "stages/total/stage.ts", "Math.floor(value)", "Math.ceil(value) + 1"],
]

const mixed: ReadonlyArray<Edit> = [
  other(
    "order of what is done",
    ["numbers"],
    "two effects",
    replace(
      "stages/numbers/state.ts",
      "  given = 0\n  last = \"\"\n",
      "  last = `${given}`\n  given = last.length - 1\n",
    ),
  ),
  other(
    "order of what is done",
    ["words"],
    "members of a set",
    replace(tokens, "one === other", "other[0] === one[1]"),
  ),
  other(
    "a name that means something else",
    ["tables"],
    "a local hides the outer one",
    replace(closures, "      const outer = number * 3\n", "      const number = 20\n      const outer = number * 3\n"),
  ),
  other(
    "a name that means something else",
    ["tables"],
    "a local is taken away",
    replace(closures, "      const outer = number * 3\n", ""),
  ),
  other(
    "a name that means something else",
    ["tables"],
    "an outer variable where a parameter stood",
    together(
      replace(
        operations,
        "function shifted(number: number, by = offset): number {",
        "function shifted(by: number, number = offset): number {",
      ),
      replace(operations, "return number + by", "return number + number"),
    ),
  ),
  other(
    "a name that means something else",
    ["packed"],
    "an import of another export",
    replace("stages/packed/stage.ts", "mean, Pile", "power as mean, Pile"),
  ),
  other(
    "a name that means something else",
    ["walk"],
    "another export under the same name",
    together(
      replace("stages/shared/index.ts", "./parity/even.ts", "./parity/other.ts"),
      (files) =>
        files.write(
          "stages/shared/parity/other.ts",
          "export const isEven = (number: number): boolean => number % 3 === 0\n",
        ),
    ),
  ),
  same("a name that means the same", "two functions change their names", (files) => {
    rename("climb", "swap", walk)(files)
    rename("descend", "climb", walk)(files)
    rename("swap", "descend", walk)(files)
  }),
  other(
    "a name that means something else",
    ["numbers"],
    "two constants change their values",
    together(
      replace(random, "factor = 75", "factor = 74"),
      replace(random, "summand = 74", "summand = 75"),
    ),
  ),
  same("a name that means the same", "two constants change their names", (files) => {
    rename("factor", "swap", random)(files)
    rename("summand", "factor", random)(files)
    rename("swap", "summand", random)(files)
  }),
  same("a name that means the same", "two local variables change their names", (files) => {
    rename("base", "swap", arithmetic)(files)
    rename("exponent", "base", arithmetic)(files)
    rename("swap", "exponent", arithmetic)(files)
  }),
  other(
    "a package",
    ["walk"],
    "of Node is used",
    together(
      replace("stages/walk/then.ts", "number + shift", "number + basename(\"/a/bc\").length"),
      (files) =>
        files.write(
          "stages/walk/then.ts",
          `import { basename } from "node:path"\n${files.read("stages/walk/then.ts")}`,
        ),
    ),
  ),
  other(
    "a function of effect",
    ["numbers"],
    "another one",
    replace("stages/numbers/stage.ts", "yield* Effect.void", "yield* Effect.succeed(1)"),
  ),
  other(
    "a Schema",
    ["words"],
    "a row has a column more",
    together(
      replace("schemas/texts.ts", "text: Schema.String", "text: Schema.String, length: Schema.Finite"),
      replace("stages/words/stage.ts", "((text) => ({ text }))", "((text) => ({ text, length: text.length }))"),
    ),
  ),
  other(
    "a Schema",
    all.filter((name) => name !== "words").concat("words"),
    "a column of values is text",
    together(
      replace("schemas/values.ts", "value: Schema.Finite", "value: Schema.Number"),
    ),
  ),
  other(
    "a Schema",
    ["walk"],
    "of params",
    replace("stages/walk/stage.ts", "turns: Schema.Natural", "turns: Schema.Int"),
  ),
  same(
    "a Schema",
    "nothing uses it",
    append("schemas/values.ts", "export const Never = Schema.Struct({ never: Schema.String })"),
  ),
]

export const behaviourEdits: ReadonlyArray<Edit> = [
  ...bodies.map(([nodes, path, from, to]) =>
    other("the body of a function", nodes, `${path}: ${from.trim()} -> ${to.trim()}`, replace(path, from, to))
  ),
  ...mixed,
]
