import { Option, Schema } from "effect"
import { basename } from "node:path"
import type { ProjectFacts } from "./facts.ts"
import type { Redaction } from "./redact.ts"

const Person = Schema.Union([Schema.String, Schema.Struct({ name: Schema.String })])
const Repository = Schema.Union([Schema.String, Schema.Struct({ url: Schema.String })])

/** What a package.json may say of its project; whatever has another form counts as not said. */
const Manifest = Schema.Record(Schema.String, Schema.Unknown)

/** What the package.json of a project says of it; its folder's name stands for a name that it lacks. */
export const projectFacts = (root: string, manifest: string, redact: Redaction): ProjectFacts => {
  const said = Option.getOrElse(Schema.decodeUnknownOption(Schema.fromJsonString(Manifest))(manifest), () => ({}))
  const shown = (given: string | undefined) => given === undefined ? undefined : redact.text(given)
  const text = (name: string): string | undefined => shown(textOf(said, name))
  const person = Option.getOrUndefined(Schema.decodeUnknownOption(Person)(Reflect.get(said, "author")))
  const place = Option.getOrUndefined(Schema.decodeUnknownOption(Repository)(Reflect.get(said, "repository")))
  return {
    name: text("name") ?? basename(root),
    version: text("version"),
    description: text("description"),
    licence: text("license"),
    repository: shown(typeof place === "object" ? place.url : place),
    author: shown(typeof person === "object" ? person.name : person),
  }
}

const textOf = (said: object, name: string): string | undefined => {
  const value: unknown = Reflect.get(said, name)
  return typeof value === "string" && value !== "" ? value : undefined
}
