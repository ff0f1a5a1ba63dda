import { readFile } from "node:fs/promises"
import { homedir } from "node:os"
import { isAbsolute, join, resolve } from "node:path"
import { readingOr } from "./disk.ts"
import { HubError } from "./errors.ts"
import { noAmount, noAmountHelp, noEndpoint, noEndpointHelp, noToken, noTokenHelp } from "./messages.ts"
import { defaultPatience } from "./retry.ts"

/**
 * The variables that are honoured, as Hugging Face's own tools do: `HF_HOME`, `HF_HUB_CACHE`, `XDG_CACHE_HOME`,
 * `HF_TOKEN`, `HF_ENDPOINT`, `HF_HUB_OFFLINE`, and `HOME`; besides, redag's own `DAG_DOWNLOAD_RATE` and
 * `DAG_DOWNLOAD_LIMIT`.
 * https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
 */
export type HubEnvironment = Readonly<Record<string, string | undefined>>

/** What the environment says. */
export interface HubSettings {
  /** The server, without a slash at its end. */
  readonly endpoint: string
  readonly token: string | undefined
  /** The folder of all cached repositories. */
  readonly cache: string
  /** Whether the network may not be asked. */
  readonly offline: boolean
  /** The least bytes a second that a server may send. */
  readonly rate: number
  /** The most bytes that are read of a file whose length no server states. */
  readonly limit: number
}

const DEFAULT_LIMIT_GB = 2
const DEFAULT_ENDPOINT = "https://huggingface.co"

/** Reads the environment, and the token's file where `HF_TOKEN` is not set. Throws `HubError`. */
export const readSettings = async (environment: HubEnvironment): Promise<HubSettings> => {
  const { hub, cache } = hubFolders(environment)
  return {
    endpoint: endpointOf(environment["HF_ENDPOINT"] || DEFAULT_ENDPOINT),
    token: checkedToken(environment["HF_TOKEN"] || await readToken(join(hub, "token"))),
    cache,
    offline: /^(?:1|on|yes|true)$/iu.test(environment["HF_HUB_OFFLINE"] ?? ""),
    rate: amountOf(environment, "DAG_DOWNLOAD_RATE", "bytes a second", defaultPatience.rate),
    limit: 1e9 * amountOf(environment, "DAG_DOWNLOAD_LIMIT", "gigabytes", DEFAULT_LIMIT_GB),
  }
}

/** The folder of Hugging Face's tools, and that of all cached repositories. */
export const hubFolders = (environment: HubEnvironment): { readonly hub: string; readonly cache: string } => {
  const home = environment["HOME"] || homedir()
  const folder = (path: string): string => {
    const full = path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path
    return isAbsolute(full) ? full : resolve(full)
  }
  const caches = folder(environment["XDG_CACHE_HOME"] || "~/.cache")
  const hub = folder(environment["HF_HOME"] || join(caches, "huggingface"))
  return { hub, cache: folder(environment["HF_HUB_CACHE"] || join(hub, "hub")) }
}

const amountOf = (environment: HubEnvironment, name: string, unit: string, standard: number): number => {
  const text = environment[name] ?? ""
  if (text === "") return standard
  const amount = /^\d{1,12}(?:\.\d{1,6})?$/u.test(text) ? Number(text) : 0
  if (amount > 0) return amount
  throw new HubError("option", noAmount(name, text), noAmountHelp(name, unit, standard))
}

const endpointOf = (text: string): string => {
  const url = URL.parse(text)
  const plain = url !== null && /^https?:$/u.test(url.protocol) && url.username === "" && url.search + url.hash === ""
  if (!plain) {
    throw new HubError(
      "option",
      noEndpoint(text),
      noEndpointHelp(DEFAULT_ENDPOINT),
    )
  }
  return url.href.replace(/\/+$/u, "")
}

const readToken = (path: string): Promise<string> => readingOr(path, "", () => readFile(path, "utf8"))

const checkedToken = (text: string): string | undefined => {
  const token = text.trim()
  if (!/^[\x21-\x7e]*$/u.test(token)) {
    throw new HubError("option", noToken, noTokenHelp)
  }
  return token === "" ? undefined : token
}
