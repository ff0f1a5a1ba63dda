import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { empty } from "../rig/places.ts"
import { eventually, type Variables } from "../rig/project.ts"
import { confOf, nodeName, type Ports, type Wanted } from "./conf.ts"
import { type Daemon, makeDaemon, programOf, startedWith } from "./daemon.ts"

const programs = ["sbatch", "squeue", "scancel", "scontrol", "sinfo", "slurmctld", "slurmd", "munged"]

/** Why no cluster can be started here; undefined where one can. */
export const noSlurm: string | undefined = (() => {
  const missing = programs.filter((name) => programOf(name) === undefined)
  return missing.length > 0
    ? `no ${missing.join(", ")}: test/slurm/install.sh installs Slurm`
    : process.getuid?.() === 0
    ? undefined
    : "only root can start a cluster's daemons"
})()

/** A job as `squeue` lists it. */
export interface Queued {
  /** As `12`, or `12_3` of an array. */
  readonly id: string
  readonly state: string
  readonly name: string
  readonly node: string
  readonly reason: string
}

/** How a command of Slurm ended. */
export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A cluster of Slurm's own daemons on this machine, with all of its files in one folder. */
export interface Cluster {
  readonly folder: string
  /** What a command needs in its environment to speak to this cluster. */
  readonly variables: Variables
  readonly controller: Daemon
  /** The slurmd of a node by the node's name: `n1`, `n2`, ... */
  readonly node: (name: string) => Daemon
  readonly nodes: ReadonlyArray<string>
  /** Runs a command of Slurm; a code other than 0 is given, not thrown. */
  readonly ask: (program: string, ...words: ReadonlyArray<string>) => Promise<Said>
  /** All jobs that are in the queue, one for each task of an array; undefined while the controller does not answer. */
  readonly queue: () => Promise<ReadonlyArray<Queued> | undefined>
  /** Waits until so many jobs are in the queue. */
  readonly queued: (count: number) => Promise<void>
  /** Waits until nothing is in the queue. */
  readonly drained: () => Promise<void>
  /** Starts the controller where it does not run, and waits until it answers. */
  readonly answers: () => Promise<void>
  /** Waits until all nodes can be given jobs. */
  readonly ready: () => Promise<void>
  /** Cancels all jobs, ends all daemons and whatever a job left behind, and removes the folder. */
  readonly stop: () => Promise<void>
}

/** Starts a cluster and waits until all of its nodes can be given jobs. */
export const startCluster = async (wanted: Wanted = {}): Promise<Cluster> => {
  for (let attempt = 1;; attempt++) {
    const cluster = await makeCluster(wanted)
    // Another program may have taken a port between the moment it was free and the start of a daemon.
    const isUp = await Promise.race([cluster.ready().then(() => true), gaveUp(cluster)])
    if (isUp) return cluster
    const logs = logsOf(cluster.folder)
    await cluster.stop()
    if (attempt === 3) throw new Error(`no cluster comes up; its logs end so:\n${logs}`)
  }
}

/** Says once that a daemon of a cluster that comes up has ended. */
const gaveUp = async ({ controller, nodes, node }: Cluster): Promise<false> => {
  const daemons = [controller, ...nodes.map(node)]
  while (daemons.every((daemon) => daemon.pid() !== undefined)) await sleep(100)
  return false
}

const makeCluster = async (wanted: Wanted): Promise<Cluster> => {
  const folder = mkdtempSync(join(tmpdir(), "redag-slurm-"))
  chmodSync(folder, 0o755)
  for (const name of ["run", "log", "state"]) mkdirSync(join(folder, name))
  const conf = join(folder, "slurm.conf")
  const names = Array.from({ length: wanted.nodes ?? 3 }, (_, index) => nodeName(index + 1))
  const [port = 0, ...nodePorts] = await freePorts(names.length + 1)
  const ports: Ports = { controller: port, nodes: nodePorts }
  writeFileSync(conf, confOf(folder, ports, wanted))
  const gpus = /^gpu:(\d+)$/u.exec(wanted.gres ?? "")?.[1]
  if (gpus !== undefined) {
    writeFileSync(join(folder, "gres.conf"), `NodeName=${names.join(",")} Name=gpu Count=${gpus}\n`)
  }
  writeFileSync(join(folder, "munge.key"), randomBytes(1024), { mode: 0o600 })

  const env = { ...withoutSlurm(process.env), SLURM_CONF: conf }
  const daemon = (name: string, words: ReadonlyArray<string>, log = name) =>
    makeDaemon([programOf(name) ?? name, ...words], join(folder, "log", `${log}.out`), env)
  const run = join(folder, "run")
  const munge = daemon("munged", [
    "--foreground",
    "--force",
    `--key-file=${join(folder, "munge.key")}`,
    `--socket=${join(run, "munge.socket")}`,
    `--pid-file=${join(run, "munged.pid")}`,
    `--seed-file=${join(run, "munged.seed")}`,
    `--log-file=${join(folder, "log/munged.log")}`,
  ])
  const controller = daemon("slurmctld", ["-D", "-f", conf])
  const slurmds = new Map(
    names.map((name) => [name, daemon("slurmd", ["-D", "-f", conf, "-N", name], `slurmd-${name}`)]),
  )
  munge.start()
  await eventually("munged listens", () => existsSync(join(run, "munge.socket")) || undefined)
  controller.start()
  for (const slurmd of slurmds.values()) slurmd.start()

  const ask = (program: string, ...words: ReadonlyArray<string>): Promise<Said> =>
    new Promise((done) => {
      execFile(programOf(program) ?? program, words, { env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
        done({ code: error === null ? 0 : typeof error.code === "number" ? error.code : 1, stdout, stderr })
      })
    })
  let isStopped = false
  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    let is = false
    let asking = false
    await eventually(what, () => {
      // What waits for a cluster that was given up would ask it for ever.
      if (isStopped) throw new Error(`the cluster was stopped before ${what}`)
      if (!asking && !is) {
        asking = true
        void holds().then((answer) => ([is, asking] = [answer, false]))
      }
      return is || undefined
    })
  }
  const queue = async (): Promise<ReadonlyArray<Queued> | undefined> => {
    const { code, stdout } = await ask("squeue", "--noheader", "--array", "--format=%i|%T|%j|%N|%r")
    if (code !== 0) return undefined
    return stdout.trim().split("\n").filter((line) => line !== "").map((line) => {
      const [id = "", state = "", name = "", node = "", reason = ""] = line.split("|")
      return { id, state, name, node, reason }
    })
  }
  const queued = (count: number) =>
    until(`there are ${count} jobs in the queue`, async () => (await queue())?.length === count)
  const drained = () => queued(0)
  const answers = () => {
    controller.start()
    return until("the controller answers", async () => (await ask("scontrol", "ping")).stdout.includes("is UP"))
  }
  const ready = () =>
    until("all nodes can be given jobs", async () => {
      const { code, stdout } = await ask("sinfo", "--noheader", "--Node", "--format=%N %T")
      const usable = stdout.trim().split("\n").filter((line) => /^\S+ (?:idle|mixed|allocated)$/u.test(line))
      return code === 0 && new Set(usable).size === names.length
    })
  return {
    folder,
    variables: { SLURM_CONF: conf },
    controller,
    node: (name) => {
      const slurmd = slurmds.get(name)
      if (slurmd === undefined) throw new Error(`no node ${name} in this cluster`)
      return slurmd
    },
    nodes: names,
    ask,
    queue,
    queued,
    drained,
    answers,
    ready,
    stop: async () => {
      isStopped = true
      for (const each of [...slurmds.values(), controller, munge]) await each.end()
      // Jobs outlive the daemons that started them.
      await eventually("what the jobs left has ended", () => {
        const left = startedWith("SLURM_CONF", conf)
        for (const pid of left) kill(pid)
        return left.length === 0 || undefined
      })
      empty(folder)
    },
  }
}

/** The environment without what an enclosing job or another cluster set. */
export const withoutSlurm = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(?:SLURM|SLURMD|SBATCH|SQUEUE|SINFO|SCANCEL|SCONTROL|SRUN)_/u.test(name)),
  )

const kill = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It ended meanwhile.
  }
}

/** Ports of this machine that nobody listens on. */
const freePorts = async (count: number): Promise<ReadonlyArray<number>> => {
  const servers = await Promise.all(
    Array.from({ length: count }, () =>
      new Promise<ReturnType<typeof createServer>>((done, fail) => {
        const server = createServer().once("error", fail)
        server.listen(0, "127.0.0.1", () => done(server))
      })),
  )
  const ports = servers.map((server) => {
    const address = server.address()
    return typeof address === "object" && address !== null ? address.port : 0
  })
  await Promise.all(servers.map((server) => new Promise<void>((done) => server.close(() => done()))))
  return ports
}

const logsOf = (folder: string): string =>
  readdirSync(join(folder, "log")).map((name) =>
    `${name}: ${readFileSync(join(folder, "log", name), "utf8").trimEnd().split("\n").slice(-5).join("\n  ")}`
  ).join("\n")
