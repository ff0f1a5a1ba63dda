import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { delimiter, join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { empty } from "../rig/places.ts"
import { eventually, type Variables } from "../rig/project.ts"
import { makeDaemon, programOf } from "../slurm/daemon.ts"
import { type Cutter, freePort, startCutter } from "./cutter.ts"

/** Why no SSH server can be started here; undefined where one can. */
export const noSshd: string | undefined = (() => {
  const missing = ["sshd", "ssh", "ssh-keygen"].filter((name) => programOf(name) === undefined)
  return missing.length === 0 ? undefined : `no ${missing.join(", ")}: test/remote/install.sh installs openssh-server`
})()

/** An SSH server of its own process on the loopback, for the user who runs the tests, with a key of its own. */
export interface Sshd {
  /** The name by which the client's configuration knows it. */
  readonly host: string
  /** What a command needs in its environment: an `ssh` on the path that reads the configuration of this server alone. */
  readonly variables: Variables
  /** A new folder on it: its address, and where it is in the file system of the server, which is this machine's. */
  readonly newAddress: () => { readonly address: string; readonly folder: string }
  /** Cuts connections. */
  readonly cutter: Cutter
  /** What the server logged: one line for each file that is opened and closed, among others. */
  readonly log: () => string
  /** The client's configuration and its file of known hosts. */
  readonly config: string
  readonly knownHosts: string
  readonly stop: () => Promise<void>
}

const make = (words: ReadonlyArray<string>): void => {
  const { status, stderr } = spawnSync(programOf(words[0] ?? "") ?? "", words.slice(1), { encoding: "utf8" })
  if (status !== 0) throw new Error(`${words.join(" ")}: ${stderr}`)
}

/** The server of a `describe`, which runs while its tests do. */
export const sshdOfTests = (): Sshd => {
  let started: Sshd | undefined
  beforeAll(async () => {
    started = await startSshd()
  })
  afterAll(() => started?.stop())
  const sshd = (): Sshd => {
    if (started === undefined) throw new Error("sshd runs while the tests do")
    return started
  }
  return {
    get host() {
      return sshd().host
    },
    get variables() {
      return sshd().variables
    },
    newAddress: () => sshd().newAddress(),
    get cutter() {
      return sshd().cutter
    },
    log: () => sshd().log(),
    get config() {
      return sshd().config
    },
    get knownHosts() {
      return sshd().knownHosts
    },
    stop: () => sshd().stop(),
  }
}

/** Starts an SSH server and waits until it listens. */
export const startSshd = async (): Promise<Sshd> => {
  const folder = mkdtempSync(join(tmpdir(), "redag-sshd-"))
  const path = (name: string) => join(folder, name)
  make(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path("host")])
  make(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path("user")])
  writeFileSync(path("authorized"), readFileSync(path("user.pub")))
  // A folder of the whole machine: sshd refuses to start as root without it.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true })
  const configOf = (port: number): string =>
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${path("host")}`,
      `AuthorizedKeysFile ${path("authorized")}`,
      "PidFile none",
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "PermitRootLogin prohibit-password",
      "MaxStartups 100",
      "Subsystem sftp internal-sftp -l VERBOSE",
      "",
    ].join("\n")
  const log = path("log")
  const logged = (): string => existsSync(log) ? readFileSync(log, "utf8") : ""
  const daemon = makeDaemon([programOf("sshd") ?? "", "-D", "-e", "-f", path("sshd_config")], log, process.env)
  /** Starts the server on a port that was free a moment ago; gives none where another program has taken it since. */
  const listening = async (): Promise<number | undefined> => {
    const free = await freePort()
    writeFileSync(path("sshd_config"), configOf(free))
    const before = logged().length
    daemon.start()
    const isUp = await eventually("sshd listens", () => {
      if (logged().includes("Server listening on", before)) return true
      if (daemon.pid() !== undefined) return undefined
      if (!logged().includes("Address already in use", before)) throw new Error(`sshd ended:\n${logged()}`)
      return false
    })
    return isUp ? free : undefined
  }
  let port: number | undefined
  while (port === undefined) port = await listening()
  const cutter = await startCutter(port)
  const host = "rig"
  const [config, knownHosts] = [path("config"), path("known_hosts")]
  writeFileSync(knownHosts, `[127.0.0.1]:${cutter.port} ${readFileSync(path("host.pub"), "utf8")}`)
  writeFileSync(
    config,
    [
      `Host ${host}`,
      "  HostName 127.0.0.1",
      `  Port ${cutter.port}`,
      `  User ${userInfo().username}`,
      `  IdentityFile ${path("user")}`,
      "  IdentitiesOnly yes",
      `  UserKnownHostsFile ${knownHosts}`,
      "  GlobalKnownHostsFile none",
      "",
    ].join("\n"),
  )
  const bin = path("bin")
  mkdirSync(bin)
  // OpenSSH finds the home folder by itself, whatever HOME says: a configuration of one's own is named on the command line.
  writeFileSync(join(bin, "ssh"), `#!/bin/sh\nexec ${programOf("ssh")} -F ${config} "$@"\n`)
  chmodSync(join(bin, "ssh"), 0o755)
  let folders = 0
  return {
    host,
    variables: { PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}`, SSH_AUTH_SOCK: "" },
    newAddress: () => {
      const own = path(`folder-${++folders}`)
      mkdirSync(own)
      return { address: `sftp://${host}${own}/store`, folder: join(own, "store") }
    },
    cutter,
    log: logged,
    config,
    knownHosts,
    stop: async () => {
      await cutter.stop()
      await daemon.end("SIGTERM")
      empty(folder)
    },
  }
}
