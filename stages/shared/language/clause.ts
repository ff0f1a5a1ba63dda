/** A clause cut into its literal words and its slots: "the relation between {head} and {tail} exists". */
export type Part =
  | { readonly _tag: "Words"; readonly text: string }
  | { readonly _tag: "Slot"; readonly name: string }

/** How the items of a list slot are joined: "A", "A and B", "A, B, and C". */
export interface ListJoins {
  readonly pair: string
  readonly between: string
  readonly last: string
}

/** Cuts a clause at its slots, which are names in braces. */
export const clauseParts = (clause: string): ReadonlyArray<Part> =>
  clause.split(/(\{[^{}]*\})/u).filter((part) => part !== "").map((part) =>
    part.startsWith("{") && part.endsWith("}")
      ? { _tag: "Slot", name: part.slice(1, -1) }
      : { _tag: "Words", text: part }
  )

/** The names of a clause's slots, in order. */
export const slotNames = (clause: string): ReadonlyArray<string> =>
  clauseParts(clause).flatMap((part) => (part._tag === "Slot" ? [part.name] : []))

/** The clause with its slots filled. */
export const fillClause = (clause: string, values: Readonly<Record<string, string>>): string =>
  clauseParts(clause).map((part) => (part._tag === "Words" ? part.text : values[part.name] ?? "")).join("")

const escapeWords = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`)

/** The items as one string. */
export const joinList = (items: ReadonlyArray<string>, joins: ListJoins): string => {
  const last = items.at(-1)
  if (last === undefined || items.length === 1) return last ?? ""
  return items.slice(0, -1).join(joins.between) + (items.length === 2 ? joins.pair : joins.last) + last
}

/**
 * The items of a joined string, without the blanks around them: the inverse of `joinList` for items that contain none of
 * the joins. Empty items are dropped where they are not asked for.
 */
export const splitList = (text: string, joins: ListJoins, empty: "dropped" | "kept"): ReadonlyArray<string> => {
  // The longest join first, so that ", and " is not taken for ", " followed by an item that begins with "and".
  const words = [joins.last, joins.between, joins.pair].toSorted((a, b) => b.length - a.length).map(escapeWords)
  const items = text.split(new RegExp(words.join("|"), "u")).map((item) => item.trim())
  return empty === "kept" ? items : items.filter((item) => item !== "")
}

/**
 * A clause without its first word: "relation between {head} and {tail} exists". One that begins with a slot is left as
 * it is.
 */
export const withoutFirstWord = (clause: string): string => clause.replace(/^[^\s{}]+\s+/u, "")

/** The word after a slot of a clause: "participate" in "{drugs} participate in {label}". Empty where there is none. */
export const wordAfter = (clause: string, slot: string): string => {
  const parts = clauseParts(clause)
  const next = parts[parts.findIndex((part) => part._tag === "Slot" && part.name === slot) + 1]
  return next?._tag === "Words" ? next.text.trim().split(/\s+/u)[0] ?? "" : ""
}
