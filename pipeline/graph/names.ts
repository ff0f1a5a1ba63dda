import { InputError } from "../base/errors.ts"
import { visible } from "../base/visible.ts"

/** The most characters of a name: a profile is also the name of a file in the store. */
const most = 200

/**
 * What is wrong with a name of a profile, a stage or a node; undefined where nothing is.
 *
 * A name is one part or several with "/" between them. It stands in the store, in commands and on terminals, so that it
 * must not lead out of a folder, and must be seen as what it is.
 */
const problemOf = (name: string): string | undefined => {
  if (name.length > most) return `has more than ${most} characters`
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)) return "holds a control character"
  if (name.includes("\\")) return "holds a backslash"
  if (name.startsWith("/")) return "begins with \"/\""
  const parts = name.split("/")
  if (parts.some((part) => part.trim() === "")) return "has an empty part"
  return parts.some((part) => part === "." || part === "..") ? "has a part that is \".\" or \"..\"" : undefined
}

/** Most names: nothing of what is wrong with others can be wrong with them. */
const plain = /^[a-z0-9_-][\w.-]*(?:\/[a-z0-9_-][\w.-]*)*$/iu

/** Throws an InputError where a name that `dag.config.ts` gives is none; `what` says whose name it is. */
export const checkName = (what: "profile" | "stage" | "node", name: string): void => {
  if (what === "node" && plain.test(name) && name.length <= most) return
  const problem = problemOf(name) ?? (what === "node" || !name.includes("/") ? undefined : "holds \"/\"")
  if (problem === undefined) return
  throw new InputError({
    file: "dag.config.ts",
    field: `${what} "${visible(name.slice(0, most))}"`,
    message: problem,
    help: "name it by letters, digits, \".\", \"-\" and \"_\", with \"/\" between the parts of a node's name",
  })
}
