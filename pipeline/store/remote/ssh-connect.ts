import { type ChildProcess, spawn } from "node:child_process"
import { readFile } from "node:fs/promises"
import { Duplex } from "node:stream"
import type { AnyAuthMethod, ParsedKey, SFTPWrapper } from "ssh2"
import { absent } from "./absent.ts"
import { remoteError } from "./remote.ts"
import { Transient } from "./retry.ts"
import type { SshConfig } from "./ssh-config.ts"

/** A connection over which files are reached. */
export interface SshConnection {
  readonly sftp: SFTPWrapper
  /** Calls this when the connection is lost, unless what it gives was called before. */
  readonly whenLost: (then: () => void) => () => void
  readonly isLost: () => boolean
  readonly end: () => void
}

export const connectionLost = (): Transient => new Transient("the connection was lost", true)

/** How long a server may be silent, in milliseconds: so long to begin with, and so often it is asked whether it lives. */
const [READY, ALIVE, MISSED] = [30_000, 15_000, 4]

/** Connects as OpenSSH's configuration says. Throws a StoreError, or a {@link Transient} where another try may succeed. */
export const connect = async (address: string, config: SshConfig): Promise<SshConnection> => {
  const { Client, utils } = (await import("ssh2")).default
  const refuse = (message: string, help: string) => remoteError(address, "", "refused", message, help)
  const { known, revoked, trustsAny } = config
  const hostHelp = `run \`ssh ${wordsFor(address)}\` once and compare the key that it shows; then run again`
  if (known.length === 0 && !trustsAny) {
    if (config.isKnownOtherwise) {
      throw refuse(
        "OpenSSH knows the host by a certificate authority or a KnownHostsCommand, and redag by keys in files of known hosts only",
        `add its key there: ssh-keyscan prints it, and you compare it with what the host's administrator says; then run again`,
      )
    }
    throw refuse("the host is not among those that OpenSSH knows", hostHelp)
  }
  const keys = await keysOf(config, (content) => utils.parseKey(content))
  const methods: ReadonlyArray<AnyAuthMethod> = orderOf(config, keys.usable)

  const client = new Client()
  let proxy: ChildProcess | undefined
  let isLost = false
  const end = () => {
    isLost = true
    client.end()
    client.destroy()
    proxy?.kill()
  }
  let strange: string | undefined
  const listeners = new Set<() => void>()
  client.once("close", () => {
    isLost = true
    for (const then of listeners) then()
    listeners.clear()
  })
  const whenLost = (then: () => void) => {
    if (isLost) then()
    else listeners.add(then)
    return () => void listeners.delete(then)
  }
  try {
    await new Promise<void>((ready, fail) => {
      client.on("error", (error) => {
        isLost = true
        if (strange !== undefined) return fail(refuse(strange, hostHelp))
        if ("level" in error && error.level === "client-authentication") {
          return fail(refuse(`no key of yours is accepted there${keys.note}`, keyHelp))
        }
        fail(new Transient(error.message, false))
      })
      client.once("ready", ready)
      const sock = config.proxy === undefined ? undefined : through(proxy = started(config.proxy))
      client.connect({
        ...(sock === undefined ? { host: config.hostname, port: config.port } : { sock }),
        username: config.user,
        authHandler: [...methods],
        readyTimeout: READY,
        keepaliveInterval: ALIVE,
        keepaliveCountMax: MISSED,
        // The server shows one key, and shows one that is known where it is asked for its kind.
        ...(known.length === 0 ? {} : { algorithms: { serverHostKey: kindsOf(known.map(({ type }) => type)) } }),
        hostVerifier: (key: Buffer) => {
          const shown = key.toString("base64")
          const isRight = !revoked.includes(shown) && (trustsAny || known.some((each) => each.key === shown))
          if (!isRight) strange = "the host shows another key than the one that OpenSSH knows it by"
          return isRight
        },
      })
    })
    const sftp = await new Promise<SFTPWrapper>((done, fail) => {
      whenLost(() => fail(connectionLost()))
      client.sftp((error, sftp) => (error === undefined ? done(sftp) : fail(isLost ? connectionLost() : noSftp(error))))
    })
    return { sftp, whenLost, isLost: () => isLost, end }
  } catch (thrown) {
    end()
    throw thrown
  }

  function noSftp({ message }: Error) {
    return remoteError(
      address,
      "",
      "failed",
      `the server offers no SFTP: ${message}`,
      "switch on its sftp subsystem (Subsystem sftp internal-sftp in sshd_config), then run again",
    )
  }
}

const keyHelp =
  "see that `ssh -o BatchMode=yes` reaches the host: put your key there, or add it to the agent with ssh-add; then run again"

/** The words by which `ssh` reaches the host of an address: it takes no port behind the name. */
const wordsFor = (address: string): string => {
  const [, host = address, port] = /^sftp:\/\/([^/]*?)(?::(\d+))?(?:\/|$)/u.exec(address) ?? []
  return port === undefined ? host : `-p ${port} ${host.replace(/\[(.*)\]$/u, "$1")}`
}

/** The keys in the files that OpenSSH would try; one with a passphrase is the agent's to use. */
const keysOf = async (
  { identities }: SshConfig,
  parse: (content: Buffer) => ParsedKey | Array<ParsedKey> | Error,
): Promise<{ readonly usable: ReadonlyArray<ParsedKey>; readonly note: string }> => {
  const usable: Array<ParsedKey> = []
  let locked = 0
  for (const file of identities) {
    const content = await absent(readFile(file), undefined).catch(() => undefined)
    if (content === undefined) continue
    const parsed = parse(content)
    if (parsed instanceof Error) locked += /passphrase|encrypted/iu.test(parsed.message) ? 1 : 0
    else usable.push(...(Array.isArray(parsed) ? parsed : [parsed]))
  }
  return { usable, note: locked === 0 ? "" : `, and ${locked} of them need a passphrase` }
}

const orderOf = (
  { user, agent, identitiesOnly }: SshConfig,
  keys: ReadonlyArray<ParsedKey>,
): ReadonlyArray<AnyAuthMethod> => {
  const ofAgent: ReadonlyArray<AnyAuthMethod> = agent === undefined
    ? []
    : [{ type: "agent", username: user, agent }]
  const ofFiles = keys.map((key): AnyAuthMethod => ({ type: "publickey", username: user, key }))
  return identitiesOnly ? [...ofFiles, ...ofAgent] : [...ofAgent, ...ofFiles]
}

type Kind =
  | "ssh-ed25519"
  | "ecdsa-sha2-nistp256"
  | "ecdsa-sha2-nistp384"
  | "ecdsa-sha2-nistp521"
  | "rsa-sha2-512"
  | "rsa-sha2-256"

const kinds: ReadonlyArray<Kind> = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
]

/** Algorithms by which a host shows keys of these types. */
const kindsOf = (types: ReadonlyArray<string>): Array<Kind> =>
  kinds.filter((kind) => types.includes(kind.startsWith("rsa-") ? "ssh-rsa" : kind))

const started = ([program, ...words]: readonly [string, ...ReadonlyArray<string>]): ChildProcess =>
  spawn(program, words, { stdio: ["pipe", "pipe", "ignore"] })

/** What a program reads and prints, as a connection. */
const through = (child: ChildProcess): Duplex => {
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw new Error("a program was started without pipes")
  const duplex = Duplex.from({ readable: stdout, writable: stdin })
  child.once("error", (error) => duplex.destroy(error))
  child.once("exit", () => duplex.destroy())
  return duplex
}
