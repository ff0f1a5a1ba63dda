import { parseSync } from "rolldown/utils"
import { append, type Edit, needless, prepend, same } from "../edit.ts"
import { type Files, laboratoryFiles } from "../files.ts"

const modules = laboratoryFiles().paths.filter((path) => /^(?:stages|schemas)\/.*\.ts$/u.test(path))
const helpers = modules.filter((path) => !/(?:\/stage|messages)\.ts$/u.test(path))

/** One of some variants for each module, in turn. */
const inTurn = <A>(
  variants: ReadonlyArray<A>,
  paths: ReadonlyArray<string>,
  make: (variant: A, path: string) => Edit,
): ReadonlyArray<Edit> =>
  paths.flatMap((path, index) => {
    const variant = variants[index % variants.length]
    return variant === undefined ? [] : [make(variant, path)]
  })

const comments = inTurn(
  [
    "// A line.",
    "/** A description of what comes next. */",
    "/*! A legal comment. */",
    "//! Another one.",
    "/**\n * @license Apache-2.0\n * @preserve\n */",
    "/* @__PURE__ */",
    "// stages/other/module.ts",
    "//#region elsewhere.ts\n//#endregion",
    "/* eslint-disable */",
  ],
  modules,
  (text, path) => same("a comment", `before ${path}: ${text.split("\n")[0]}`, prepend(path, text)),
)

const unused = inTurn(
  [
    "export const unreached = (number: number): number => number + 1",
    "export function unreached(): string {\n  return \"nothing\"\n}",
    "export class Unreached {\n  static count = 0\n  value = 1\n}",
    "export const unreached = new Map([[\"key\", [1, 2, 3]]])",
    "const unreached = 5\nexport const alsoUnreached = unreached * 2",
    "export default class {}",
    "export { setTimeout as unreached } from \"node:timers/promises\"",
    "export const unreached = /pattern/u.exec(\"pattern\")?.index ?? 0",
    "export async function* unreached(): AsyncGenerator<number> {\n  yield 1\n}",
  ],
  // All exports of whole.ts are taken.
  modules.filter((path) => !/(?:messages|whole)\.ts$/u.test(path)),
  (text, path) =>
    same("an export that nothing uses", `in ${path}: ${text.split("\n")[0]}`, (files) => {
      // A module has one default export at most.
      append(path, files.read(path).includes("export default") ? text.replace("default class", "class Other") : text)(
        files,
      )
    }),
)

const types = inTurn(
  [
    "export type Unreached = { readonly name: string }",
    "export interface Unreached<A> {\n  readonly value: A\n}",
    "type Local = string | number\nexport type { Local as Unreached }",
    "export declare const unreached: number",
    "import type { Stats } from \"node:fs\"\nexport type Unreached = Stats",
  ],
  modules,
  (text, path) => same("a type", `in ${path}: ${text.split("\n")[0]}`, append(path, text)),
)

const layout = inTurn(
  [
    { name: "tabs", of: (text: string) => text.replaceAll(/^( {2})+/gmu, (indent) => "\t".repeat(indent.length / 2)) },
    { name: "empty lines", of: (text: string) => text.replaceAll(/\n\n/gu, "\n\n\n\n") },
    { name: "CR LF", of: (text: string) => text.replaceAll("\n", "\r\n") },
    { name: "spaces at the ends", of: (text: string) => text.replaceAll(/([,{(])\n/gu, "$1  \n") },
    { name: "no end of the last line", of: (text: string) => text.trimEnd() },
    { name: "a byte order mark", of: (text: string) => `\uFEFF${text}` },
  ],
  modules,
  ({ name, of }, path) => same("layout", `${name} in ${path}`, (files) => files.write(path, of(files.read(path)))),
)

/** Puts the top-level declarations of a module in another order; imports stay where they are. */
const reorder =
  (path: string, order: (statements: ReadonlyArray<string>) => ReadonlyArray<string>) => (files: Files): void => {
    const text = files.read(path)
    const { program } = parseSync(path, text, { lang: "ts" })
    const imports: Array<string> = []
    const rest: Array<string> = []
    let from = 0
    for (const statement of program.body) {
      const isImport = statement.type === "ImportDeclaration" // With the comment before it.
      ;(isImport ? imports : rest).push(text.slice(from, statement.end).trim())
      from = statement.end
    }
    files.write(path, `${[...imports, ...order(rest)].join("\n\n")}\n`)
  }

/** Modules whose declarations read nothing of each other when they are evaluated. */
const free = helpers.filter((path) =>
  !/(?:stack|operations|square|triangle|index|edges|schemas\/.*|tokens)\.ts$/u.test(path)
)
const orders = free.flatMap((path) => [
  same("order of declarations", `reversed in ${path}`, reorder(path, (all) => all.toReversed())),
  same(
    "order of declarations",
    `the first at the end of ${path}`,
    reorder(path, ([first = "", ...rest]) => [...rest, first]),
  ),
])

const moved = helpers.flatMap((path, index) => {
  const to = index % 2 === 0
    ? path.replace(/\/([\w-]+)\.ts$/u, "/other-$1.ts")
    : path.replace(/\/([\w-]+)\.ts$/u, "/other/$1.ts")
  // Data stands beside it.
  return [same("a module renamed or moved", `${path} to ${to}`, (files) => files.move(path, to))]
})

export const moduleEdits: ReadonlyArray<Edit> = [
  ...comments,
  ...unused,
  ...types,
  ...layout,
  ...orders,
  ...moved,
  needless(
    "a module renamed or moved",
    "a renamed property, option, message or data file",
    "messages.ts into another folder",
    (files) => files.move("stages/words/messages.ts", "stages/words/texts/messages.ts"),
  ),
  same(
    "a module renamed or moved",
    "defaults.json",
    (files) => files.move("stages/numbers/defaults.json", "stages/numbers/data.json"),
  ),
]
