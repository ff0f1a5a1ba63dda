import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { attempt } from "../../base/attempt.ts"
import { InputError } from "../../base/errors.ts"
import { onPath } from "../../base/system.ts"
import { declarationOf } from "../../graph/declare.ts"
import { expandDeclared } from "../../graph/expand.ts"
import { type FileSet, lookingOnlyFor } from "../../graph/files.ts"
import { everything } from "../../graph/needed.ts"
import type { Graph } from "../../graph/node.ts"
import { forecastOf } from "../../status/forecast.ts"
import { plannedRun } from "../../status/planned.ts"
import type { NodeSnapshot } from "../../status/snapshot.ts"
import { GivenFilters } from "../filters.ts"
import { limitsOf } from "../limits.ts"
import { Project } from "../project.ts"
import { wholeTimeText } from "../text/forecast.ts"
import { reasonLines } from "../text/reasons.ts"
import type { FileMessage, FilesMessage, WhatIfMessage } from "./messages.ts"
import type { Asked } from "./route.ts"
import type { View } from "./view.ts"

/** The files of the project that the profile is declared with: no other file is read or tried. */
export const filesMessage = ({ graph: { read = [] } }: View): FilesMessage => ({ files: [...read] })

/** The text of one of them; undefined where it is none of them. */
export const fileMessage = Effect.fnUntraced(function*({ graph: { read = [] } }: View, { path: [name = ""] }: Asked) {
  const { root } = yield* Project
  const file = read.find((each) => each === name)
  return file === undefined ? undefined : { file, text: yield* textIn(root, file) } satisfies FileMessage
})

const textIn = (root: string, file: string) =>
  attempt(() => onPath(file, "read", "restore it", () => readFileSync(join(root, file), "utf8")))

const setsOf = ({ nodes }: Graph): ReadonlyArray<FileSet> =>
  [...nodes.values()].flatMap(({ inputs }) =>
    [...inputs].flatMap(([, wire]) => (wire._tag === "Files" ? [wire.set] : []))
  )

/** Where files of a set are looked for, whatever it says of them. */
const placeOf = ({ base, names, elsewhere }: FileSet): string => JSON.stringify([base, names, elsewhere])

/**
 * What a run would do if a file had another text. Nothing is written: the profile is declared and planned in memory.
 *
 * A text comes from a request: what it names must not reach the disk. So no file is looked for but those that the profile
 * looks for as it is.
 */
export const whatIf = Effect.fnUntraced(function*({ graph: now, snapshot }: View, { body }: Asked) {
  const { profile, read = [] } = now
  const { experiment, root } = yield* Project
  const filters = yield* GivenFilters
  const asked = askedIn(body)
  if (asked === undefined || !read.includes(asked.file)) {
    return yield* new InputError({ message: "this is no file of the profile", help: "choose one of the list" })
  }
  if (asked.text.length > MOST_TEXT || depthOf(asked.text) > MOST_DEPTH) {
    return yield* new InputError({
      message: "this text is too long or too deep to be tried",
      help: `try one of at most ${MOST_TEXT} characters, with at most ${MOST_DEPTH} brackets within each other`,
    })
  }
  const texts = new Map<string, string>()
  for (const file of read) texts.set(file, yield* textIn(root, file))
  const declared = (given?: ReadonlyMap<string, string>) => declarationOf(experiment, profile, root, filters, given)
  // One that cannot be declared as it is now looks for what it last looked for.
  const looked = new Set(setsOf(now).map(placeOf))
  lookingOnlyFor((set) => looked.add(placeOf(set)).size > 0, () => declared(texts))
  const mayLook = (set: FileSet): boolean => looked.has(placeOf(set))
  const planning = Effect.gen(function*() {
    const graph = yield* attempt(() => {
      const given = new Map([...texts, [asked.file, asked.text]])
      const tried = lookingOnlyFor(mayLook, () => expandDeclared(experiment, declared(given)))
      const other = setsOf(tried).find((set) => !mayLook(set))
      if (other === undefined) return tried
      throw new InputError({
        message: `names files that the profile does not read as it is: ${other.names.join(", ")}`,
        help: "save the text to plan with them: what is tried here looks up no other file",
      })
    })
    const { planned } = yield* plannedRun(graph, everything)
    const limits = yield* limitsOf(graph)
    return { planned, forecast: yield* attempt(() => forecastOf(planned, limits)) }
  })
  return yield* planning.pipe(
    Effect.map(({ planned, forecast }): WhatIfMessage => {
      const { counts: { WillRun, MayRun }, stages } = forecast
      return {
        problem: null,
        stages: stages.map(({ stage, willRun, mayRun }) => ({ stage, willRun, mayRun })),
        changed: [...planned.nodes.values()].flatMap((found) => {
          const why = whyOf(found)
          const before = snapshot.nodes.get(found.node.name)
          const isNew = before === undefined || whyOf(before).join("\n") !== why.join("\n")
          return why.length === 0 || !isNew ? [] : [{ node: found.node.name, why }]
        }).slice(0, MOST),
        nodes: WillRun + MayRun,
        time: WillRun + MayRun === 0 ? null : stripVTControlCharacters(wholeTimeText(forecast)),
      }
    }),
    Effect.catchTag("InputError", ({ message, line, help }) =>
      Effect.succeed<WhatIfMessage>({
        problem: { message, line: line ?? null, help },
        stages: [],
        changed: [],
        nodes: 0,
        time: null,
      })),
    // Params are found in the files as they are, not as they were tried.
    Effect.ensuring(Effect.ignore(attempt(() => declared()))),
  )
})

/** So many nodes are listed with their reasons. */
const MOST = 200

/** A text that is tried has at most so many characters, and brackets within each other: it is parsed while others wait. */
const [MOST_TEXT, MOST_DEPTH] = [65_536, 100]

/** How deep the brackets and the dashes of a text stand within each other, at most. */
const depthOf = (text: string): number => {
  let [depth, deepest] = [0, 0]
  for (const [mark] of text.matchAll(/[[\]{}]/gu)) {
    depth = mark === "[" || mark === "{" ? depth + 1 : Math.max(0, depth - 1)
    deepest = Math.max(deepest, depth)
  }
  for (const [dashes] of text.matchAll(/^ *(?:[-?:] +)+/gmu)) deepest = Math.max(deepest, dashes.split(/ +/u).length)
  return deepest
}

const whyOf = ({ status }: NodeSnapshot): ReadonlyArray<string> =>
  status._tag === "WillRun" || status._tag === "MayRun"
    ? reasonLines(status.reasons).flatMap((text) => stripVTControlCharacters(text).split("\n"))
    : []

const askedIn = (body: unknown): { readonly file: string; readonly text: string } | undefined =>
  typeof body === "object" && body !== null && "file" in body && "text" in body && typeof body.file === "string"
    && typeof body.text === "string"
    ? { file: body.file, text: body.text }
    : undefined
