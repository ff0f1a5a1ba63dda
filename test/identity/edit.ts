import type { Files } from "./files.ts"

/** Kinds of edits that run nodes again though they compute the same; docs/add-a-stage.md lists them. */
export const needlessKinds = [
  "the same computation written otherwise",
  "a renamed property, option, message or data file",
  "a new version of a package that changes nothing that is used",
  "a side export that a module as a whole, or a computed import, may take",
  "a guard or a helper of a step that has no part in its bytes",
] as const
export type NeedlessKind = typeof needlessKinds[number]

/** What an edit must do to keys while inputs stay. */
export type Expected =
  /** It computes the same, and no key may change. */
  | { readonly _tag: "Same" }
  /** Exactly these nodes, or all nodes of these stages, have other keys. */
  | { readonly _tag: "Other"; readonly nodes: ReadonlyArray<string> }
  /** It computes the same, and keys may change for a reason that is documented. */
  | { readonly _tag: "Needless"; readonly as: NeedlessKind }
  /** The project is not built: the message says why. */
  | { readonly _tag: "Refused"; readonly message: RegExp }
  /** Whatever it does to outputs it does to keys; only programs that hold the module may change. */
  | { readonly _tag: "Mutant"; readonly module: string }

/** An edit of the laboratory. */
export interface Edit {
  readonly kind: string
  readonly name: string
  readonly apply: (files: Files) => void
  readonly expected: Expected
  /** What is edited before, where the laboratory as it stands is not what the edit is of. */
  readonly before?: (files: Files) => void
}

type Apply = Edit["apply"]

export const same = (kind: string, name: string, apply: Apply): Edit => ({
  kind,
  name,
  apply,
  expected: { _tag: "Same" },
})

export const other = (kind: string, nodes: ReadonlyArray<string>, name: string, apply: Apply): Edit => ({
  kind,
  name,
  apply,
  expected: { _tag: "Other", nodes },
})

export const needless = (kind: string, as: NeedlessKind, name: string, apply: Apply): Edit => ({
  kind,
  name,
  apply,
  expected: { _tag: "Needless", as },
})

export const refused = (kind: string, message: RegExp, name: string, apply: Apply): Edit => ({
  kind,
  name,
  apply,
  expected: { _tag: "Refused", message },
})

/** The same edits of another laboratory. */
export const on = (before: Apply, edits: ReadonlyArray<Edit>): ReadonlyArray<Edit> =>
  edits.map((edit) => ({ ...edit, before }))

/** Replaces a text in a file. */
export const replace = (path: string, from: string, to: string): Apply => (files) => files.edit(path, from, to)

/** Replaces every place of a word in files. */
export const rename = (from: string, to: string, ...paths: ReadonlyArray<string>): Apply => (files) => {
  for (const path of paths) {
    files.editAll(path, new RegExp(`(?<![\\w$#"/-]|(?<!\\.\\.)\\.)${from}(?![\\w$-])`, "gu"), to)
  }
}

export const append = (path: string, text: string): Apply => (files) =>
  files.write(path, `${files.read(path)}\n${text}\n`)
export const prepend = (path: string, text: string): Apply => (files) =>
  files.write(path, `${text}\n${files.read(path)}`)
export const together = (...all: ReadonlyArray<Apply>): Apply => (files) => {
  for (const each of all) each(files)
}
