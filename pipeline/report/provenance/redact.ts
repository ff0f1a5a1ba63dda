/** What stands where a folder of the machine was named. */
const hidden = "[folder of this machine]"
/** What stands where a secret stood. */
const secret = "[taken out]"

/** Takes out of texts what nobody else is to see. */
export interface Redaction {
  readonly text: (text: string) => string
  /** The same in every text of a JSON value, names of fields included. */
  readonly value: (value: unknown) => unknown
}

/** What looks like a secret, and what stands in its place. It takes out too much rather than too little. */
const secrets: ReadonlyArray<readonly [pattern: RegExp, instead: string]> = [
  // Before the "@" of an address: a name alone, or a name and a password, which may hold "/" and "@".
  [/(?<scheme>\b[a-z][a-z0-9+.-]*:\/\/)(?:[^\s/@:"'`]+:[^\s@"'`]*@(?:[^\s@/"'`]*@)*|[^\s/@"'`]*@)/giu, "$<scheme>"],
  [/(?<name>[?&][\w-]*(?:token|key|secret|password|sig|signature)=)[^&\s"']+/giu, `$<name>${secret}`],
  [/\b(?<name>bearer|basic)\s+[\w.~+/=-]{8,}/giu, `$<name> ${secret}`],
  // The beginnings of tokens of GitHub, Hugging Face, and services that answer prompts.
  [/\b(?:gh[pousr]_|github_pat_|hf_|sk-)[\w-]{12,}/gu, secret],
]

/**
 * Takes folders of this machine out of texts, and what looks like a secret, such as the password of an address.
 *
 * A longer folder goes before one that holds it. "/" and "" are no folders that say anything. A folder is one where no
 * letter goes on before or behind it.
 */
export const redaction = (folders: ReadonlyArray<string>): Redaction => {
  const named = [...new Set(folders)].filter((folder) => folder.length > 1)
    .toSorted((one, other) => other.length - one.length)
    .map((folder) => new RegExp(`(?<![\\p{L}\\p{N}_.-])${RegExp.escape(folder)}(?![\\p{L}\\p{N}_-])`, "gu"))
  const text = (given: string): string => {
    const without = named.reduce((rest, folder) => rest.replaceAll(folder, () => hidden), given)
    return secrets.reduce((rest, [pattern, instead]) => rest.replaceAll(pattern, instead), without)
  }
  const value = (given: unknown): unknown => {
    if (typeof given === "string") return text(given)
    if (Array.isArray(given)) return given.map(value)
    if (typeof given !== "object" || given === null) return given
    return Object.fromEntries(Object.entries(given).map(([name, each]) => [text(name), value(each)]))
  }
  return { text, value }
}
