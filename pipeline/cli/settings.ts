import { existsSync, readFileSync } from "node:fs"
import { isAbsolute, join } from "node:path"
import { parseEnv } from "node:util"
import { InputError } from "../base/errors.ts"
import { onPath } from "../base/system.ts"
import type { Experiment } from "../report/experiment.ts"
import { secondsHelp, secondsOf } from "../store/heartbeat.ts"

/** A setting of this machine that is in force. */
export interface Setting {
  readonly name: string
  readonly value: string
  readonly from: Source
}

/** Where a setting was made: as an environment variable, or in the `.env` file at the project's root. */
export type Source = "environment" | ".env" | "default"

/** The settings of this machine, which the environment variables DAG_… hold. */
export interface Settings {
  /** Where each variable DAG_… was set. */
  readonly sources: ReadonlyMap<string, Exclude<Source, "default">>
  /** Every variable that the `.env` file set. */
  readonly fromFile: ReadonlySet<string>
}

/** Takes over what the project's `.env` file sets; variables that are set already win. Throws an InputError. */
export const readSettings = (root: string): Settings => {
  const sources = new Map<string, Exclude<Source, "default">>()
  for (const name of Object.keys(process.env)) if (isSetting(name)) sources.set(name, "environment")
  const fromFile = new Set<string>()
  const file = join(root, ".env")
  const help = "make it a text file with a line NAME=value for each setting, or remove it"
  const text = existsSync(file) ? onPath(file, "read", help, () => readFileSync(file, "utf8")) : ""
  for (const [name, value] of Object.entries(parseEnv(text))) {
    if (value === undefined || process.env[name] !== undefined) continue
    process.env[name] = value
    fromFile.add(name)
    if (isSetting(name)) sources.set(name, ".env")
  }
  checkLeaseSeconds(sources)
  return { sources, fromFile }
}

/** Refuses a time for leases that is none before anything is said of this machine: only who writes would meet it. */
const checkLeaseSeconds = (sources: Settings["sources"]): void => {
  const name = "DAG_LEASE_SECONDS"
  const text = process.env[name] ?? ""
  if (secondsOf(text) !== undefined) return
  throw new InputError({
    ...(sources.get(name) === ".env" ? { file: ".env" } : {}),
    field: name,
    message: `is ${JSON.stringify(text)}`,
    help: secondsHelp,
  })
}

const isSetting = (name: string): boolean => name.startsWith("DAG_")

/** The value of a setting; undefined where it is not set, or set to nothing. */
export const settingOf = (name: string): string | undefined => {
  const value = process.env[name]
  return value === undefined || value === "" ? undefined : value
}

/** The name of a profile: the one that is given, otherwise that of DAG_PROFILE, otherwise the default. */
export const profileIn = (
  { profiles, defaultProfile }: Pick<Experiment, "profiles" | "defaultProfile">,
  { sources }: Settings,
  given: string,
): string => {
  const set = settingOf("DAG_PROFILE")
  if (given !== "" || set === undefined) return given === "" ? defaultProfile : given
  if (Object.hasOwn(profiles, set)) return set
  throw new InputError({
    ...(sources.get("DAG_PROFILE") === ".env" ? { file: ".env" } : {}),
    field: "DAG_PROFILE",
    message: `there is no profile "${set}"`,
    help: `set it to one of: ${Object.keys(profiles).join(", ")}`,
  })
}

/** Where the store of a project is: `artifacts/`, or the folder that DAG_STORE names. */
export const storeFolder = (root: string): string => {
  const named = settingOf("DAG_STORE") ?? "artifacts"
  return isAbsolute(named) ? named : join(root, named)
}

/** The setting that names the remote; workers and threads find it in their environment. */
export const remoteSetting = "DAG_REMOTE"

/** The address of the remote that stands behind the store; undefined where there is none. */
export const remoteAddress = (): string | undefined => settingOf(remoteSetting)

/** All settings in force: those that are set, and the defaults of those that every project has. */
export const settingsInForce = (
  { sources }: Settings,
  defaults: Readonly<Record<string, string>>,
): ReadonlyArray<Setting> =>
  [...new Set([...Object.keys(defaults), ...[...sources.keys()].toSorted()])].flatMap(
    (name): ReadonlyArray<Setting> => {
      const value = settingOf(name)
      if (value !== undefined) return [{ name, value, from: sources.get(name) ?? "environment" }]
      const given = defaults[name]
      return given === undefined ? [] : [{ name, value: given, from: "default" }]
    },
  )
