import { append, type Edit, needless, on, other, prepend, refused, replace, same, together } from "../edit.ts"

const arithmetic = "stages/shared/arithmetic.ts"
const random = "stages/numbers/random.ts"
const operations = "stages/tables/operations.ts"
const walk = "stages/walk/stage.ts"
const messages = "stages/words/messages.ts"
const kinds = "stages/shapes/kinds.ts"

const imports: ReadonlyArray<Edit> = [
  same(
    "how a module is imported",
    "in another order",
    together(
      replace("stages/packed/stage.ts", "import { Value } from \"../../schemas/values.ts\"\n", ""),
      prepend("stages/packed/stage.ts", "import { Value } from \"../../schemas/values.ts\""),
    ),
  ),
  same(
    "how a module is imported",
    "under another name",
    together(
      replace("stages/total/stage.ts", "{ add }", "{ add as plus }"),
      replace("stages/total/stage.ts", "sum = add(", "sum = plus("),
    ),
  ),
  same(
    "how a module is imported",
    "by way of another module",
    replace("stages/total/stage.ts", "../shared/arithmetic.ts", "../shared/index.ts"),
  ),
  same(
    "how a module is imported",
    "from where it stands",
    replace("stages/numbers/stage.ts", "../shared/index.ts", "../shared/arithmetic.ts"),
  ),
  same(
    "how a module is imported",
    "as a namespace",
    together(
      replace("stages/total/stage.ts", "{ add }", "* as arithmetic"),
      replace("stages/total/stage.ts", "sum = add(", "sum = arithmetic.add("),
    ),
  ),
  same(
    "how a module is imported",
    "a name for a namespace",
    together(
      replace("stages/walk/walk.ts", "* as arithmetic", "{ add }"),
      replace("stages/walk/walk.ts", "arithmetic.add", "add"),
    ),
  ),
  same(
    "how a module is imported",
    "the default by its name",
    together(
      replace(arithmetic, "export default function(", "export function mean("),
      replace("stages/shared/index.ts", "export { default as mean } from", "export { mean } from"),
    ),
  ),
  same(
    "how a module is imported",
    "a name as the default",
    together(
      replace("stages/walk/promised.ts", "export const promised", "const promised"),
      append("stages/walk/promised.ts", "export { promised }"),
    ),
  ),
  same(
    "how a module is imported",
    "one more module that nothing is taken of",
    together(
      (files) => files.write("stages/shared/more.ts", "export const more = 1\n"),
      append("stages/shared/index.ts", "export * from \"./more.ts\""),
    ),
  ),
  same(
    "how a module is imported",
    "a function moved to another module",
    together(
      (files) =>
        files.write(
          "stages/numbers/take.ts",
          /\/\*\* The first of a sequence[^]*$/u.exec(files.read(random))?.[0] ?? "",
        ),
      (files) => files.write(random, files.read(random).replace(/\/\*\* The first of a sequence[^]*$/u, "")),
      append(random, "export { take } from \"./take.ts\""),
    ),
  ),
  same("how a module is imported", "two modules made one", (files) => {
    const promised = files.read("stages/walk/promised.ts")
    files.write("stages/walk/then.ts", `${files.read("stages/walk/then.ts")}\n${promised}`)
    files.edit(walk, "import(\"./promised.ts\")", "import(\"./then.ts\")")
    files.remove("stages/walk/promised.ts")
  }),
]

const words: ReadonlyArray<Edit> = [
  same("words of a message", "a text", replace(messages, "give a shorter text", "cut the text")),
  same("words of a message", "the help of several", replace(messages, "give a text with words", "write words")),
  same("words of a message", "around facts", replace(messages, "has no word but", "holds only")),
  same(
    "words of a message",
    "order of the facts",
    replace(messages, "`has ${count} words, more than ${limit}`", "`more than ${limit} words: ${count}`"),
  ),
  same(
    "words of a message",
    "code in it",
    replace(messages, "found.join(\", \")", "[...found].sort().join(\" and \")"),
  ),
  same("words of a message", "a fact left out", replace(messages, "line ${line} has", "a line has")),
  same("words of a message", "a message that nothing uses", append(messages, "export const never = \"never\"")),
  same("words of a message", "a type in it", append(messages, "export type Never = string")),
  same(
    "words of a message",
    "a helper of words",
    replace(messages, "const help = \"give a text with words\"", "const help = \"give a text with at least one word\""),
  ),
  other(
    "words of a message",
    ["words"],
    "another fact",
    replace("stages/words/stage.ts", "tooMany(found.length, limit)", "tooMany(limit, found.length)"),
  ),
  other(
    "words of a message",
    ["words"],
    "another message",
    replace("stages/words/stage.ts", "help: tooManyHelp", "help: noWords.help"),
  ),
  refused(
    "words of a message",
    /which is no message/u,
    "no message",
    append(messages, "export const never = new Map()"),
  ),
]

const choices: ReadonlyArray<Edit> = [
  same(
    "options of a choice",
    "in another order",
    replace(
      kinds,
      "  circle: () => import(\"./kinds/circle.ts\"),\n  square: () => import(\"./kinds/square.ts\"),\n",
      "  square: () => import(\"./kinds/square.ts\"),\n  circle: () => import(\"./kinds/circle.ts\"),\n",
    ),
  ),
  same(
    "options of a choice",
    "a new one",
    together(
      replace(kinds, "  circle:", "  oval: () => import(\"./kinds/oval.ts\"),\n  circle:"),
      (files) =>
        files.write(
          "stages/shapes/kinds/oval.ts",
          "export const area = (size: number): number => size\nexport const corners = 0\n",
        ),
    ),
  ),
  same(
    "options of a choice",
    "an export that is not taken",
    replace("stages/shapes/kinds/circle.ts", "\"red\"", "\"blue\""),
  ),
  same(
    "options of a choice",
    "a constant that is not taken",
    replace("stages/shapes/rounding-up.ts", "rounds up", "goes up"),
  ),
  same("options of a choice", "quotation marks around its name", replace(kinds, "  circle:", "  \"circle\":")),
  other(
    "options of a choice",
    ["shapes/circle"],
    "another module for one",
    replace(kinds, "./kinds/circle.ts", "./kinds/square.ts"),
  ),
  other(
    "options of a choice",
    ["shapes/circle", "shapes/triangle"],
    "another module for one of the second choice",
    replace(kinds, "./rounding-up.ts", "./rounding-down.ts"),
  ),
  other(
    "options of a choice",
    ["shapes/circle"],
    "what one imports",
    together(
      replace("stages/shapes/kinds/circle.ts", "../../shared/arithmetic.ts", "./own.ts"),
      (files) =>
        files.write(
          "stages/shapes/kinds/own.ts",
          "export const times = (one: number, other: number): number => one * other + 1\n",
        ),
    ),
  ),
  other(
    "options of a choice",
    ["shapes"],
    "the stage takes one more export of them",
    together(
      replace("stages/shapes/stage.ts", "const { round } =", "const { round, about } ="),
      replace("stages/shapes/stage.ts", "${kind} ${name}", "${about} ${kind} ${name}"),
    ),
  ),
]

/** Where a stage hands a late module on as a whole, all of it is its code. */
const handedOn = replace(
  walk,
  "  const { late } = await import(\"./late.ts\")\n  return late(number)",
  "  const module = await import(\"./late.ts\")\n  return Object.entries(module).length + module.late(number)",
)
const side = "a side export that a module as a whole, or a computed import, may take"

/** An import whose name is known when it runs. */
const computed = together(
  replace(walk, "await import(\"./late.ts\")", "await import(`./plugins/${number < 0 ? \"below\" : \"above\"}.ts`)"),
  (files) =>
    files.write(
      "stages/walk/plugins/above.ts",
      "import { more } from \"../more.ts\"\nexport const late = (number: number): number => number + more\n",
    ),
  (files) => files.write("stages/walk/plugins/below.ts", "export const late = (number: number): number => -number\n"),
  (files) => files.write("stages/walk/more.ts", "export const more = 9\n"),
)

const late: ReadonlyArray<Edit> = [
  same(
    "a late module",
    "an export that is not taken",
    replace("stages/walk/late.ts", "add(number, 200)", "add(number, 201)"),
  ),
  same(
    "a late module",
    "a default that is not taken",
    replace("stages/walk/late.ts", "add(number, 300)", "add(number, 301)"),
  ),
  same("a late module", "a constant that is not taken", replace("stages/walk/then.ts", "\"never\"", "\"ever\"")),
  same(
    "a late module",
    "another one that is not taken",
    replace("stages/walk/promised.ts", "number): number => number\n", "number): number => number + 1\n"),
  ),
  needless(
    "a late module",
    side,
    "all of it is taken: one export more",
    append("stages/walk/whole.ts", "export const more = (): number => 1"),
  ),
  ...on(handedOn, [
    other(
      "a late module",
      ["walk"],
      "handed on as a whole: what is taken",
      replace("stages/walk/late.ts", "add(number, 100)", "add(number, 101)"),
    ),
    needless(
      "a late module",
      side,
      "handed on as a whole: what is not taken",
      replace("stages/walk/late.ts", "add(number, 200)", "add(number, 201)"),
    ),
    other(
      "a late module",
      ["walk"],
      "handed on as a whole: one export more",
      append("stages/walk/late.ts", "export const more = 1"),
    ),
  ]),
  ...on(computed, [
    other(
      "a computed import",
      ["walk"],
      "what it loads",
      replace("stages/walk/plugins/above.ts", "number + more", "number - more"),
    ),
    other("a computed import", ["walk"], "what that imports", replace("stages/walk/more.ts", "= 9", "= 10")),
    needless(
      "a computed import",
      side,
      "what it does not load",
      replace("stages/walk/plugins/below.ts", "-number", "-2 * number"),
    ),
    needless(
      "a computed import",
      side,
      "a module that is added",
      (files) => files.write("stages/walk/plugins/new.ts", "export const late = (): number => 1\n"),
    ),
    needless("a computed import", side, "a comment in another stage", append("stages/total/stage.ts", "// A comment.")),
  ]),
]

const refusals: ReadonlyArray<Edit> = [
  refused("effects at load", /runs when the module is loaded/u, "a call", append(operations, "console.log(fallback)")),
  refused(
    "effects at load",
    /runs when the module is loaded/u,
    "an assignment",
    append("stages/walk/whole.ts", "count = 5"),
  ),
  refused(
    "effects at load",
    /runs when the module is loaded/u,
    "a condition",
    append(random, "if (factor > 1) sequence(1)"),
  ),
  refused(
    "effects at load",
    /runs when the module is loaded/u,
    "a loop",
    append(random, "for (const one of [1]) sequence(one)"),
  ),
  refused("effects at load", /runs when the module is loaded/u, "a block", append(random, "{\n  sequence(1)\n}")),
  refused(
    "what no program can hold",
    /neither a path nor a package/u,
    "an import by #name",
    prepend("stages/total/stage.ts", "import { never } from \"#never\"\nexport const taken = never"),
  ),
  refused(
    "what no program can hold",
    /neither a path nor a package/u,
    "an import by file:",
    prepend("stages/total/stage.ts", "import never from \"file:///never.js\"\nexport const taken = never"),
  ),
  refused(
    "what no program can hold",
    /twice/u,
    "a name declared twice",
    append(random, "export var twice = 1\nexport const between = twice\nvar twice = 2"),
  ),
  refused(
    "what no program can hold",
    /not a file/u,
    "data that is not there",
    replace("stages/words/stage.ts", "./words.txt", "./absent.txt"),
  ),
  refused(
    "what no program can hold",
    /not a file/u,
    "data that is a folder",
    replace("stages/words/stage.ts", "./words.txt", "../words"),
  ),
]

export const languageEdits: ReadonlyArray<Edit> = [
  ...imports,
  ...words,
  ...choices,
  ...late,
  ...refusals,
]
