import { hash, randomBytes } from "node:crypto"
import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"
import { systemCode } from "../base/system.ts"

/**
 * Whose a thing in the store is that is half done: `<boot>-<pid namespace>-<pid>-<start time>-<random>`.
 *
 * The start time keeps processes apart whose ids come again, as in a container whose first process always has the
 * same; the random digits keep two engines of one process apart. A worker of an engine has the engine's name with a
 * part behind it: `.p<pid>-<start time>` for a process, `.t<number>` for a thread.
 */
export const newOwner = (): string => {
  const { boot, namespace, started } = self()
  return `${boot}-${namespace}-${process.pid}-${started}-${randomBytes(4).toString("hex")}`
}

/** The name of this process as a worker of an engine. */
export const processOwner = (engine: string): string => `${engineOf(engine)}.p${process.pid}-${self().started}`

/** The name of a thread of an engine. */
export const threadOwner = (engine: string, thread: number): string => `${engineOf(engine)}.t${thread}`

const engine = String.raw`[0-9a-f]{8}-\d+-\d+-\d+-[0-9a-f]{8}`
const parts = /^([0-9a-f]{8})-(\d+)-(\d+)-(\d+)-[0-9a-f]{8}(?:\.(?:p(\d+)-(\d+)|t\d+))?$/u
const part = /\.(?:p\d+-\d+|t\d+)$/u
const inName = new RegExp(String.raw`(?:^|\.)(${engine}(?:\.(?:p\d+-\d+|t\d+))?)(?:\.json|\.log)?$`, "u")

/** The engine that an owner is, or works for. */
export const engineOf = (owner: string): string => owner.replace(part, "")

/** The owner that a file is named after, by its whole name or by the end of it; undefined where it is nobody's. */
export const ownerIn = (file: string): string | undefined => inName.exec(file)?.[1]

/** The id of an owner's process, where it runs. */
export const pidOf = (owner: string): number => {
  const [, , , pid = 0, , worker = pid] = parts.exec(owner) ?? []
  return Number(worker)
}

/**
 * Whether an owner lives, as the kernel knows of processes that it shows here; undefined of any other.
 *
 * Dead is only who was seen to be: what cannot be read of a process, as where /proc hides those of other users or this
 * process has too many files open, says nothing of it.
 *
 * Host names say nothing: containers have any, and two machines may have one. A worker may outlive its engine for as
 * long as it does not hear that this is gone.
 */
export const kernelSays = (owner: string): "living" | "dead" | undefined => {
  const [, boot, namespace, pid = "", started, worker = pid, workerStarted = started] = parts.exec(owner) ?? []
  const here = self()
  if (here.namespace === "0" || boot !== here.boot || namespace !== here.namespace) return undefined
  const start = startOf(worker)
  if (start !== undefined) return start === workerStarted ? "living" : "dead"
  return isGone(Number(worker)) ? "dead" : undefined
}

/** Whether no process has an id. One that may not be sent a signal has it. */
const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch (thrown) {
    return systemCode(thrown) === "ESRCH"
  }
}

/** Whether an owner that lives was stopped, as by Ctrl-Z: it does nothing until it is let go on. */
export const isStopped = (owner: string): boolean =>
  kernelSays(owner) === "living" && statOf(String(pidOf(owner)))[0] === "T"

interface Identity {
  readonly boot: string
  /** "0" where the kernel shows no processes, or those of another namespace. */
  readonly namespace: string
  readonly started: string
}

let known: Identity | undefined

const self = (): Identity => (known ??= identity())

const identity = (): Identity => {
  // Machines that are copies of one in memory have one boot id: their names may differ. A start time is counted in the
  // time namespace of who reads it.
  const booted = [readOr("/proc/sys/kernel/random/boot_id", ""), hostname(), linkOr("/proc/self/ns/time", "")]
  const boot = hash("sha256", booted.join("\n")).slice(0, 8)
  const unknown = { boot, namespace: "0", started: "0" }
  if (linkOr("/proc/self", "") !== String(process.pid)) return unknown
  const namespace = /\d+/u.exec(linkOr("/proc/self/ns/pid", ""))?.[0]
  const started = startOf("self")
  return namespace === undefined || started === undefined ? unknown : { boot, namespace, started }
}

/** When a process started, in ticks after the machine did, or "none" where it has ended; undefined where that cannot be read. */
const startOf = (pid: string): string | undefined => {
  const [state = "", start] = statOf(pid)
  return state === "Z" || state === "X" ? "none" : start
}

/** The state of a process, one letter, and its start; nothing where there is none of that id, or it cannot be read. */
const statOf = (pid: string): readonly [state?: string, start?: string | undefined] => {
  const stat = readOr(`/proc/${pid}/stat`, "")
  // Behind the program's name, which may hold anything: the state, and 19 fields later the start.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return fields[0] === undefined ? [] : [fields[0], fields[19]]
}

const readOr = (path: string, absent: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return absent
  }
}

const linkOr = (path: string, absent: string): string => {
  try {
    return readlinkSync(path)
  } catch {
    return absent
  }
}
