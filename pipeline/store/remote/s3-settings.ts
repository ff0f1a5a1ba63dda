import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { homedir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { InputError } from "../../base/errors.ts"
import { systemReason } from "../../base/system.ts"

/** Who asks. Never shown, never written anywhere. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** What of S3 is set by the usual variables and files of AWS. */
export interface S3Settings {
  /** Reads them again, as they change while a run goes on. */
  readonly credentials: () => Promise<Credentials>
  readonly region: string
  /** Where another server than AWS is asked. */
  readonly endpoint: URL | undefined
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the environment, in either case, and nothing else of it. */
  readonly proxies: Env
}

type Env = Readonly<Record<string, string | undefined>>
type Section = Readonly<Record<string, string>>

/** Reads the settings. Throws an InputError. */
export const s3Settings = async (env: Env = process.env): Promise<S3Settings> => {
  checkProxies(env)
  const { config } = await profileOf(env)
  const endpoint = set(env["AWS_ENDPOINT_URL_S3"]) ?? set(env["AWS_ENDPOINT_URL"]) ?? config["endpoint_url"]
  return {
    credentials: () => credentialsOf(env),
    region: set(env["AWS_REGION"]) ?? set(env["AWS_DEFAULT_REGION"]) ?? config["region"] ?? "us-east-1",
    endpoint: endpoint === undefined ? undefined : endpointOf(endpoint),
    proxies: proxiesIn(env),
  }
}

const set = (value: string | undefined): string | undefined => (value === "" ? undefined : value)

const endpointOf = (text: string): URL => {
  const url = URL.parse(text)
  if (url !== null && /^https?:$/u.test(url.protocol) && url.username === "" && url.password === "") return url
  throw new InputError({
    field: "AWS_ENDPOINT_URL",
    message: "is no address of a server",
    help: "write it as https://HOST or http://HOST:PORT, without a user or a password",
  })
}

/** What says through whom a server is asked. */
const proxiesIn = (env: Env): Env =>
  Object.fromEntries(Object.entries(env).filter(([name]) => /^(?:https?|no)_proxy$/iu.test(name)))

/** Refuses proxies whose addresses are none: they may hold a password, and what else finds that would show it. */
const checkProxies = (env: Env): void => {
  for (const field of ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]) {
    const text = set(env[field])
    if (text === undefined || URL.canParse(text)) continue
    throw new InputError({
      field,
      message: "is no address of a proxy",
      help: "write it as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, or unset it",
    })
  }
}

/** The files of AWS: where they are, and the profile that is asked for. */
const placesOf = (env: Env) => ({
  name: set(env["AWS_PROFILE"]) ?? set(env["AWS_DEFAULT_PROFILE"]) ?? "default",
  credentials: set(env["AWS_SHARED_CREDENTIALS_FILE"]) ?? join(homedir(), ".aws/credentials"),
  config: set(env["AWS_CONFIG_FILE"]) ?? join(homedir(), ".aws/config"),
})

const profileOf = async (env: Env): Promise<{ readonly credentials: Section; readonly config: Section }> => {
  const places = placesOf(env)
  const [credentials, config] = await Promise.all([sectionsOf(places.credentials), sectionsOf(places.config)])
  const ofConfig = config.get(places.name === "default" ? "default" : `profile ${places.name}`)
  const ofCredentials = credentials.get(places.name)
  if (places.name !== "default" && ofConfig === undefined && ofCredentials === undefined) {
    throw new InputError({
      field: "AWS_PROFILE",
      message: `there is no profile ${JSON.stringify(places.name)} in ${places.credentials} or ${places.config}`,
      help: "name one that is there, or unset AWS_PROFILE",
    })
  }
  return { credentials: ofCredentials ?? {}, config: ofConfig ?? {} }
}

/** The sections of a file of settings; none where there is no file. */
const sectionsOf = async (path: string): Promise<ReadonlyMap<string, Section>> => {
  let text
  try {
    text = await readFile(path, "utf8")
  } catch (thrown) {
    const reason = systemReason(thrown)
    if (reason === undefined) throw thrown
    if (thrown instanceof Error && "code" in thrown && (thrown.code === "ENOENT" || thrown.code === "ENOTDIR")) {
      return new Map()
    }
    throw new InputError({ file: path, message: `cannot be read: ${reason}`, help: "make it readable for you alone" })
  }
  const sections = new Map<string, Record<string, string>>()
  let section: Record<string, string> = {}
  for (const line of text.split(/\r?\n/u)) {
    const name = /^\[\s*(.*?)\s*\]/u.exec(line)?.[1]
    if (name !== undefined) {
      section = sections.get(name) ?? {}
      sections.set(name.replace(/\s+/gu, " "), section)
      continue
    }
    // Lines that are indented belong to a nested setting, and none of those is of use here.
    const [, key, value = ""] = /^([\w.-]+)\s*=\s*(.*?)\s*$/u.exec(line) ?? []
    if (key !== undefined && value !== "") section[key.toLowerCase()] = value
  }
  return sections
}

const credentialsOf = async (env: Env): Promise<Credentials> => {
  const [accessKeyId, secretAccessKey] = [set(env["AWS_ACCESS_KEY_ID"]), set(env["AWS_SECRET_ACCESS_KEY"])]
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    return withToken(accessKeyId, secretAccessKey, set(env["AWS_SESSION_TOKEN"]))
  }
  const { credentials, config } = await profileOf(env)
  for (const section of [credentials, config]) {
    const [id, secret] = [section["aws_access_key_id"], section["aws_secret_access_key"]]
    if (id !== undefined && secret !== undefined) return withToken(id, secret, section["aws_session_token"])
  }
  const program = credentials["credential_process"] ?? config["credential_process"]
  if (program !== undefined) return fromProgram(program)
  throw new InputError({
    field: "AWS_ACCESS_KEY_ID",
    message: "there are no credentials for S3 in the environment or in ~/.aws",
    // A job gets no secrets of the environment that submitted it.
    help: set(env["SLURM_JOB_ID"]) === undefined
      ? "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE; after a login with SSO, "
        + "`eval \"$(aws configure export-credentials --format env)\"` sets them"
      : "a job has only those that stand in the project's .env or in ~/.aws; or bring what it reads beforehand: dag pull",
  })
}

const withToken = (accessKeyId: string, secretAccessKey: string, sessionToken: string | undefined): Credentials => {
  const named = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken ?? "",
  }
  for (const [field, value] of Object.entries(named)) {
    if (/^[\x21-\x7e]*$/u.test(value)) continue
    // Whoever puts it into a request says what it is.
    throw new InputError({
      field,
      message: "holds a line break, a blank or another character that no such value has",
      help: "set it to the value alone, in one line; it may also come from ~/.aws or credential_process",
    })
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) }
}

/** Asks the program that a profile names. It is the user's own line, which AWS's tools give to a shell too. */
const fromProgram = async (line: string): Promise<Credentials> => {
  let given: Parameters<typeof withToken> | undefined
  try {
    const { stdout } = await promisify(execFile)("/bin/sh", ["-c", line], { encoding: "utf8" })
    const said = JSON.parse(stdout) as Readonly<Record<string, unknown>>
    const { AccessKeyId, SecretAccessKey, SessionToken } = said
    if (typeof AccessKeyId === "string" && typeof SecretAccessKey === "string") {
      given = [AccessKeyId, SecretAccessKey, typeof SessionToken === "string" ? SessionToken : undefined]
    }
  } catch {
    // What it printed may hold a secret: it is not shown.
  }
  if (given !== undefined) return withToken(...given)
  throw new InputError({
    field: "credential_process",
    message: "the program that the profile names gives no credentials",
    help: "run it by hand and see what it says, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  })
}
