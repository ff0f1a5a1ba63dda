import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { Digest } from "../../base/digest.ts"
import { InputError } from "../../base/errors.ts"
import { counted, some } from "../../base/text.ts"
import type { Selection } from "../../graph/select.ts"
import { columns } from "../../report/terminal.ts"
import { snapshotOf } from "../../status/snapshot.ts"
import { isPinName, type Pin } from "../../store/pins.ts"
import { Store } from "../../store/store.ts"
import { graphOf, jsonFlag, profileFlag } from "../project.ts"
import { excludeFlag, selected, selectionText } from "../selecting.ts"
import { print, printJson, printNote } from "../text/output.ts"
import { viewText } from "../view-text.ts"

/** `dag pin NAME [NODE...]`: what `dag gc` keeps whatever becomes of the profiles. */
export const pin = Command.make("pin", {
  words: Argument.String("name node").pipe(
    Argument.withDescription("A name for the pin, then the nodes to keep; every node of the profile if left out"),
    Argument.variadic(),
  ),
  exclude: excludeFlag,
  profile: profileFlag,
  json: jsonFlag,
  list: Flag.Boolean("list").pipe(Flag.withDescription("Print all pins"), Flag.withDefault(false)),
  remove: Flag.Boolean("remove").pipe(
    Flag.withDescription("Remove the pin of this name; nothing that it kept is removed before the next dag gc"),
    Flag.withDefault(false),
  ),
  replace: Flag.Boolean("replace").pipe(
    Flag.withDescription("Pin again under a name that is taken: what only the old pin kept, dag gc may remove"),
    Flag.withDefault(false),
  ),
}, ({ words, exclude, profile, json, list, remove, replace }) =>
  Effect.gen(function*() {
    const [name, ...selectors] = words
    if (list) return yield* printPins(json)
    if (name === undefined || !isPinName(name)) {
      return yield* new InputError({
        field: "name",
        message: name === undefined ? "a pin needs a name" : `"${name}" cannot be the name of a pin`,
        help: "give a word of letters, digits, dots and dashes: dag pin NAME [NODE...]",
      })
    }
    if (remove) return yield* removePin(name)
    const pinned = yield* pinOf(profile, { include: selectors, exclude })
    const { files } = yield* Store
    if (replace) yield* files.pins.publish(name, pinned)
    else if (!(yield* files.pins.publishNew(name, pinned))) {
      return yield* new InputError({
        field: name,
        message: "is a pin already",
        help: "give another name, or use --replace; dag pin --list prints all pins",
      })
    }
    const count = Object.keys(pinned.keys).length
    if (json) yield* printJson({ name, ...pinned })
    else yield* print(`Pinned ${counted(count, "node")} as ${name}: dag gc keeps what they have now.`)
  })).pipe(Command.withDescription("Name nodes whose present results dag gc keeps, with all that they depend on"))

/** What some nodes of a profile have now, with all that they depend on. */
const pinOf = Effect.fnUntraced(function*(profile: string, selection: Selection) {
  const whole = yield* graphOf(profile)
  const { part: graph, chosen } = yield* selected(whole, selection)
  const keys: Record<string, Digest> = {}
  const unmade: Array<string> = []
  const old: Array<string> = []
  for (const { node, record, status } of (yield* snapshotOf(graph)).nodes.values()) {
    if (record === undefined) unmade.push(node.name)
    else {
      keys[node.name] = record.key
      if (status._tag !== "Fresh") old.push(node.name)
    }
  }
  if (unmade.length > 0) {
    return yield* new InputError({
      field: some(unmade),
      message: unmade.length === 1 ? "has not run" : "have not run",
      help: `run first: dag run${selectionText(selection)} ${viewText(graph)}`,
    })
  }
  if (old.length > 0) {
    yield* printNote(`not up to date, and pinned as last made: ${some(old)}; dag run makes them again`)
  }
  // As the user named them, unless something was left out: then by their names.
  const isPlain = selection.include.length > 0 && selection.exclude.length === 0
  const nodes = isPlain ? selection.include : [...chosen]
  return { created: new Date().toISOString(), profile: graph.profile, nodes, keys } satisfies Pin
})

const removePin = Effect.fnUntraced(function*(name: string) {
  const { files } = yield* Store
  if (!(yield* files.pins.isThere(name))) {
    return yield* new InputError({ field: name, message: "is no pin", help: "dag pin --list names all" })
  }
  yield* files.pins.drop(name)
  yield* print(`Removed the pin ${name}.`)
})

const printPins = Effect.fnUntraced(function*(json: boolean) {
  const { files } = yield* Store
  const pins: Array<Pin & { readonly name: string }> = []
  for (const name of (yield* files.pins.names).toSorted()) {
    const found = yield* files.pins.read(name)
    if (found !== undefined) pins.push({ name, ...found })
  }
  if (json) return yield* printJson(pins)
  yield* print(
    pins.length === 0
      ? "There are no pins."
      : columns(
        ["pin", "profile", ">nodes", "created", "of"],
        pins.map(({ name, profile, keys, created, nodes }) => [
          name,
          profile,
          String(Object.keys(keys).length),
          created.slice(0, 16).replace("T", " "),
          some(nodes),
        ]),
      ),
  )
})
