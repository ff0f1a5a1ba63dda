import { posix } from "node:path"
import { type Import, importsOf } from "./imports.ts"
import { type Taken, takenBy } from "./outside.ts"
import { allowances, computedImports, type Room, rooms } from "./rooms.ts"
import type { Tree } from "./tree.ts"

/** An import, or something taken from outside, that the tables do not allow. */
export interface Refused {
  readonly file: string
  readonly line: number
  readonly message: string
}

/** Where an import leads: to a file of the repository, to a package or module of Node, or nobody can say. */
export type Target =
  | { readonly to: "file"; readonly path: string }
  | { readonly to: "package"; readonly name: string }
  | { readonly to: "unknown" }

/** The first room of the table that holds a path, with `*` put as the path has it; undefined if none does. */
export const roomOf = (path: string): { readonly name: string; readonly entry: Room } | undefined => {
  for (const entry of rooms) {
    const name = heldBy(path, entry.room)
    if (name !== undefined) return { name, entry }
  }
  return undefined
}

/** Where an import in a file leads. "redag" is the engine's `pipeline/index.ts`. */
export const targetOf = (file: string, { kind, specifier }: Import): Target => {
  if (kind === "computed import") return { to: "unknown" }
  if (specifier === "redag") return { to: "file", path: "pipeline/index.ts" }
  if (/^\.{1,2}\//u.test(specifier)) return { to: "file", path: posix.join(posix.dirname(file), specifier) }
  if (kind === "URL") return { to: "file", path: posix.join(posix.dirname(file), specifier) }
  return { to: "package", name: packageOf(specifier) }
}

/** All that the tables refuse in a tree. */
export const refusedIn = (tree: Tree): ReadonlyArray<Refused> => [...refusedImports(tree), ...refusedOutside(tree)]

/** What stages and models take from outside their keys without an entry in `allowances`. */
const refusedOutside = (tree: Tree): ReadonlyArray<Refused> =>
  [...tree].flatMap(([file, text]) =>
    heldBy(file, "stages") === undefined && heldBy(file, "models") === undefined
      ? []
      : takenBy(file, text).filter((taken) => !isAllowed(file, taken)).map(({ way, text: written, line }) => ({
        file,
        line,
        message: `takes ${written} (${way}), which is in no key; see docs/add-a-stage.md`,
      }))
  )

const isAllowed = (file: string, { way }: Taken): boolean =>
  allowances.some((one) => heldBy(file, one.in) !== undefined && one.ways.includes(way))

/** All imports that the table of rooms does not allow, and all files that no room holds. */
const refusedImports = (tree: Tree): ReadonlyArray<Refused> =>
  [...tree].flatMap(([file, text]) => {
    const room = roomOf(file)
    if (room === undefined) return [{ file, line: 1, message: "no room of test/house/rooms.ts holds this file" }]
    return importsOf(file, text).flatMap((one) => {
      const message = isMessages(file) && one.kind !== "type import"
        ? "a module of messages imports only types"
        : refusal(file, room, one)
      return message === undefined ? [] : [{ file, line: one.line, message }]
    })
  })

/** Whether a module holds words of stages or models, which stand in no program. */
const isMessages = (file: string): boolean => /^(?:stages|models)\/.*\/messages\.ts$/u.test(file)

const refusal = (
  file: string,
  room: { readonly name: string; readonly entry: Room },
  one: Import,
): string | undefined => {
  const target = targetOf(file, one)
  if (target.to === "unknown") {
    return computedImports.some(({ in: place }) => heldBy(file, place) !== undefined)
      ? undefined
      : `${one.kind} of ${one.specifier}: nobody can say what it loads`
  }
  if (target.to === "package") {
    const allowed = room.entry.packages.some((name) =>
      name === "*" || name === target.name || (name === "node:*" && target.name.startsWith("node:"))
    )
    return allowed ? undefined : `${room.name} may not import the package ${target.name} (${one.kind})`
  }
  const { path } = target
  const other = roomOf(path)
  if (other === undefined) {
    return room.entry.may.some((allowed) => heldBy(path, allowed) !== undefined)
      ? undefined
      : `${room.name} may not reach ${path}, which no room holds (${one.kind})`
  }
  if (other.name === room.name || room.entry.may.some((allowed) => heldBy(path, allowed) !== undefined)) {
    return undefined
  }
  return `${room.name} may not import ${path} (${one.kind})`
}

/** The part of a path that a room's pattern covers; undefined if the room does not hold the path. */
export const heldBy = (path: string, pattern: string): string | undefined => {
  const parts = path.split("/")
  const wanted = pattern.split("/")
  return wanted.every((part, index) => part === "*" ? parts[index] !== undefined : part === parts[index])
    ? parts.slice(0, wanted.length).join("/")
    : undefined
}

const packageOf = (specifier: string): string =>
  specifier.startsWith("node:") ? specifier : specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/")
