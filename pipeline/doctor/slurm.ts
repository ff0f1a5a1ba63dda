import { Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { attempt } from "../base/attempt.ts"
import { type InputError, StageError } from "../base/errors.ts"
import { counted } from "../base/text.ts"
import { runCommand, Slurm } from "../execute/slurm/client.ts"
import { isUsable, type Partition, partitionsIn, partitionWords } from "../execute/slurm/partitions.ts"
import { clock } from "../execute/slurm/quantities.ts"
import { type Graphs, readSlurmFile, slurmFile } from "../execute/slurm/slurm-file.ts"
import type { Finding } from "./check.ts"
import { isShared, kindOf } from "./mounts.ts"
import { checkFile } from "./slurm-file.ts"

/** What a run on Slurm needs, by name: the commands, the controller, partitions, slurm.yaml, and folders that nodes share. */
export const checkSlurm = Effect.fnUntraced(function*(project: {
  readonly root: string
  readonly store: string
  /** The names of the profiles that are declared. */
  readonly profiles: ReadonlyArray<string>
  /** The graphs of those that can be declared now. */
  readonly graphs: () => Graphs
}) {
  const slurm = yield* Slurm
  const found = new Map<string, Finding>()
  const note = (name: string, look: Effect.Effect<Finding, StageError | InputError>) =>
    look.pipe(
      Effect.catch((error) => Effect.succeed(brokenBy(error))),
      Effect.map((finding) => {
        found.set(name, finding)
        return finding.status === "usable"
      }),
    )

  const isThere = yield* note(
    "sbatch",
    slurm.version.pipe(
      Effect.map((version) => usable(`Slurm ${version}`)),
      Effect.catch(({ message, help }) => Effect.succeed({ status: "absent" as const, detail: message, help })),
    ),
  )
  if (isThere) {
    const answers = yield* note(
      "slurmctld",
      Effect.map(slurm.limits, ({ cluster, maxArraySize, minJobAge, killWait, settings }) =>
        usable(
          `cluster ${cluster}; arrays of up to ${maxArraySize} tasks, at most ${
            settings.get("MaxJobCount") ?? "?"
          } jobs; ended jobs are remembered for ${minJobAge} s; ${killWait} s from SIGTERM to SIGKILL`,
        )),
    )
    if (answers) {
      const { settings } = yield* slurm.limits
      if (settings.get("AuthType") === "auth/munge") yield* note("munge", checkMunge(settings.get("AuthInfo") ?? ""))
      found.set("memory limits", memoryLimits(settings))
      found.set("requeue", requeue(settings))
      const partitions = yield* Effect.exit(partitionsHere)
      yield* note("partitions", Effect.map(partitions, described))
      const isRead = yield* note(
        slurmFile,
        Effect.flatMap(
          partitions,
          (all) => attempt(() => checkFile(project.root, project.profiles, project.graphs(), all)),
        ),
      )
      const modules = isRead ? yield* checkModules(project.root) : undefined
      if (modules !== undefined) found.set("modules", modules)
    }
  }
  for (const [name, folder] of [["project folder", project.root], ["store folder", project.store]] as const) {
    found.set(name, checkShared(folder))
  }
  return found
})

const usable = (detail: string, help?: string): Finding => ({
  status: "usable",
  detail,
  ...(help === undefined ? {} : { help }),
})

const brokenBy = (error: StageError | InputError): Finding => ({
  status: "broken",
  detail: "file" in error && error.file !== undefined
    ? `${error.file}:${error.line ?? 1} ${error.field ?? ""} ${error.message}`
    : error.message,
  help: error.help,
})

export const partitionsHere = Effect.flatMap(
  runCommand("sinfo", partitionWords),
  ({ code, stdout, stderr }) =>
    code === 0
      ? Effect.succeed(partitionsIn(stdout))
      : new StageError({
        message: `sinfo failed: ${stderr.trim().split("\n", 1)[0] ?? ""}`,
        help: "see whether slurmctld runs: scontrol ping",
        transient: true,
      }),
)

const checkMunge = Effect.fnUntraced(function*(info: string) {
  const socket = /socket=([^,]+)/u.exec(info)?.[1]
  const { code, stderr } = yield* runCommand("munge", [
    "--no-input",
    ...(socket === undefined ? [] : [`--socket=${socket}`]),
  ])
  if (code === 0) return usable("gives credentials")
  const [line = ""] = stderr.trim().split("\n")
  return { status: "broken", detail: line, help: "have munged started on this machine" } satisfies Finding
})

const memoryLimits = (settings: ReadonlyMap<string, string>): Finding => {
  const by = /cgroup/u.test(settings.get("TaskPlugin") ?? "")
    ? "by cgroups"
    : /OverMemoryKill/u.test(settings.get("JobAcctGatherParams") ?? "")
    ? "by OverMemoryKill"
    : undefined
  const isCounted = /MEMORY/iu.test(settings.get("SelectTypeParameters") ?? "")
  if (by !== undefined) return usable(`enforced ${by}: a job that outgrows its memory is given more and executed again`)
  return usable(
    `not enforced${isCounted ? "" : ", nor does Slurm count the memory of jobs on a node"}`,
    "a job that outgrows its memory may be killed by the kernel, with others of its node; ask for enough in slurm.yaml",
  )
}

const requeue = (settings: ReadonlyMap<string, string>): Finding =>
  settings.get("JobRequeue") === "1"
    ? usable("jobs of a node that fails are queued again")
    : usable("off: jobs of a node that fails are not queued again by Slurm", "dag run submits them again while it runs")

const described = (partitions: ReadonlyArray<Partition>): Finding => {
  const texts = partitions.map(({ name, isDefault, limit, nodes }) => {
    const there = nodes.filter(isUsable)
    const gres = [...new Set(nodes.flatMap((node) => (/^\(null\)$/u.test(node.gres) ? [] : [node.gres])))]
    return `${name}${isDefault ? " (default)" : ""}: ${there.length} of ${counted(nodes.length, "node")} usable, ${
      range(nodes.map(({ cpus }) => cpus))
    } CPUs, ${range(nodes.map(({ memory }) => memory))} MiB${gres.length === 0 ? "" : `, ${gres.join(" and ")}`}, ${
      limit === undefined ? "no time limit" : `at most ${clock(limit)}`
    }`
  })
  const isAny = partitions.some(({ nodes }) => nodes.some(isUsable))
  return isAny
    ? usable(texts.join("; "))
    : { status: "broken", detail: texts.join("; ") || "there are none", help: "see why: sinfo --list-reasons" }
}

const range = (values: ReadonlyArray<number>): string => {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return least === most ? `${least}` : `${least} to ${most}`
}

/** Whether a login shell of bash, in which jobs begin that load modules, has the command for it: the same as on compute nodes. */
const checkModules = Effect.fnUntraced(function*(root: string) {
  const { defaults, rules } = yield* attempt(() => readSlurmFile(root))
  const modules = new Set([defaults, ...rules.map(({ options }) => options)].flatMap(({ modules = [] }) => modules))
  if (modules.size === 0) return undefined
  const { code } = yield* runCommand("bash", ["-l", "-c", "type module"])
  if (code === 0) return usable(`jobs load ${[...modules].join(", ")}`)
  return {
    status: "broken",
    detail: `${slurmFile} has jobs load ${
      [...modules].join(", ")
    }, and a login shell of bash has no command "module" here`,
    help:
      `have a module system installed, such as Lmod, here and on compute nodes; or take "modules" out of ${slurmFile}`,
  } satisfies Finding
})

/** Whether other machines see a folder too, as far as its file system says. */
const checkShared = (folder: string): Finding => {
  const mounts = "/proc/self/mountinfo"
  const kind = existsSync(mounts) ? kindOf(folder, readFileSync(mounts, "utf8")) : undefined
  if (kind !== undefined && isShared(kind)) return usable(`${folder} is on ${kind}, which machines share`)
  return usable(
    `${folder} is on ${kind ?? "an unknown file system"}: it cannot be seen from here whether compute nodes share it`,
    "dag doctor --slurm --try has a job look; where they do not, move it to a folder that they share",
  )
}
