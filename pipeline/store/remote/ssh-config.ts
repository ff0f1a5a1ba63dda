import { execFile } from "node:child_process"
import { homedir } from "node:os"
import { InputError } from "../../base/errors.ts"
import { systemCode } from "../../base/system.ts"
import { visible } from "../../base/visible.ts"
import type { Address } from "./address.ts"

export type SftpAddress = Extract<Address, { _tag: "Sftp" }>

/** What OpenSSH's configuration says of a host. */
export interface SshConfig {
  readonly hostname: string
  readonly port: number
  readonly user: string
  /** Files that may hold a private key, in the order in which they are tried. */
  readonly identities: ReadonlyArray<string>
  /** Whether keys of the agent are tried after the files only. */
  readonly identitiesOnly: boolean
  /** The socket of the agent; undefined where there is none. */
  readonly agent: string | undefined
  /** The program, and its words, whose input and output are the connection; undefined where it is a socket. */
  readonly proxy: readonly [program: string, ...words: ReadonlyArray<string>] | undefined
  /** Keys that the host is known by, in base64, and those that it must not have. */
  readonly known: ReadonlyArray<{ readonly type: string; readonly key: string }>
  readonly revoked: ReadonlyArray<string>
  /** Whether OpenSSH knows the host by what is no key in a file: a certificate authority, or a program that it asks. */
  readonly isKnownOtherwise: boolean
  /** Whether the user said that any key will do. */
  readonly trustsAny: boolean
}

/** Asks OpenSSH's own tools, so that a host is reached as `ssh` reaches it. Throws an InputError. */
export const sshConfig = async ({ host, user, port }: SftpAddress): Promise<SshConfig> => {
  const words = [
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", String(port)]),
  ]
  const said = await ask("ssh", ["-G", ...words, "--", host])
  if (said.code !== 0) {
    throw new InputError({
      field: "--remote",
      message: `OpenSSH refuses the host ${host}: ${said.stderr}`,
      help: "fix ~/.ssh/config or the address, so that `ssh` reaches the host; then run again",
    })
  }
  const lines = said.stdout.split("\n").map((line) => line.split(" "))
  const values = (key: string) => lines.flatMap(([name, ...rest]) => (name === key ? [rest.join(" ")] : []))
  const value = (key: string) => values(key)[0] ?? ""
  const reached = { hostname: value("hostname"), port: Number(value("port")), user: value("user") }
  const alias = value("hostkeyalias")
  const name = alias !== "" && alias !== "none"
    ? alias
    : reached.port === 22
    ? reached.hostname
    : `[${reached.hostname}]:${reached.port}`
  const files = [value("userknownhostsfile"), value("globalknownhostsfile")].flatMap(words_).map(homeless)
  const { known, revoked, isCertified } = await knownKeys(name, files)
  const agent = value("identityagent")
  return {
    ...reached,
    identities: values("identityfile").map((file) => homeless(file.replace(/^"(.*)"$/u, "$1"))),
    identitiesOnly: value("identitiesonly") === "yes",
    agent: agent === "none"
      ? undefined
      : given(agent === "" || agent === "SSH_AUTH_SOCK" ? undefined : homeless(agent)),
    proxy: proxyOf(host, value("proxyjump"), value("proxycommand"), reached),
    known,
    revoked,
    isKnownOtherwise: isCertified || !["", "none"].includes(value("knownhostscommand")),
    trustsAny: ["no", "off", "false"].includes(value("stricthostkeychecking")),
  }
}

const given = (agent: string | undefined): string | undefined => {
  const socket = agent?.startsWith("$") === true ? process.env[agent.slice(1)] : agent ?? process.env["SSH_AUTH_SOCK"]
  return socket === "" ? undefined : socket
}

/** Paths that OpenSSH separates by blanks, in quotes where they have some. */
const words_ = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/"([^"]*)"|(\S+)/gu)].map(([, quoted, plain]) => quoted ?? plain ?? "")

const homeless = (path: string): string => path.replace(/^~(?=\/|$)/u, homedir())

/** Jump hosts are OpenSSH's: it reaches the last of them by its own configuration, and hands the connection through. */
const proxyOf = (
  host: string,
  jump: string,
  command: string,
  { hostname, port, user }: { readonly hostname: string; readonly port: number; readonly user: string },
): SshConfig["proxy"] => {
  if (jump !== "" && jump !== "none") {
    const hops = jump.split(",")
    const last = hops.pop() ?? ""
    const [, who, at = last, portOfLast] = /^(?:ssh:\/\/)?(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?$/u.exec(last) ?? []
    return [
      "ssh",
      "-o",
      "BatchMode=yes",
      ...(hops.length === 0 ? [] : ["-J", hops.join(",")]),
      ...(who === undefined ? [] : ["-l", who]),
      ...(portOfLast === undefined ? [] : ["-p", portOfLast]),
      "-W",
      `[${hostname}]:${port}`,
      "--",
      at.replace(/^\[(.*)\]$/u, "$1"),
    ]
  }
  if (command === "" || command === "none") return undefined
  const values: Readonly<Record<string, string>> = {
    "%h": hostname,
    "%p": String(port),
    "%r": user,
    "%n": host,
    "%%": "%",
  }
  return ["/bin/sh", "-c", `exec ${command.replaceAll(/%[hprn%]/gu, (token) => values[token] ?? token)}`]
}

/** The keys of a host in files of known hosts, which may hold names as hashes: `ssh-keygen` knows how. */
const knownKeys = async (name: string, files: ReadonlyArray<string>) => {
  const known: Array<{ readonly type: string; readonly key: string }> = []
  const revoked: Array<string> = []
  let isCertified = false
  for (const file of files) {
    // It ends with 1 where it finds nothing, and where there is no file.
    const { stdout } = await ask("ssh-keygen", ["-F", name, "-f", file])
    for (const line of stdout.split("\n")) {
      if (line.startsWith("#") || line.trim() === "") continue
      const fields = line.trim().split(/\s+/u)
      const marker = fields[0]?.startsWith("@") === true ? fields.shift() : undefined
      const [, type, key] = fields
      if (type === undefined || key === undefined) continue
      if (marker === "@revoked") revoked.push(key)
      else if (marker === "@cert-authority") isCertified = true
      else if (marker === undefined) known.push({ type, key })
    }
  }
  return { known, revoked, isCertified }
}

const ask = (program: string, words: ReadonlyArray<string>) =>
  new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((done, fail) => {
    execFile(program, words, { encoding: "utf8" }, (error, stdout, stderr) => {
      if (error !== null && systemCode(error) === "ENOENT") {
        fail(
          new InputError({
            field: "--remote",
            message: `needs OpenSSH, and there is no program ${program} on the PATH`,
            help: "install OpenSSH's client, on Debian by: apt install openssh-client",
          }),
        )
        return
      }
      done({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr: visible(stderr.trim()) })
    })
  })
