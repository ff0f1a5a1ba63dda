import { Effect, Option, Schema } from "effect"
import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { attempt } from "../base/attempt.ts"
import type { DagError } from "../base/errors.ts"
import { Slurm } from "../execute/slurm/client.ts"
import type { JobOptions } from "../execute/slurm/job-options.ts"
import { lackingIn } from "../execute/slurm/partitions.ts"
import { classOf, type ResourceClass } from "../execute/slurm/resource-class.ts"
import { scriptOf } from "../execute/slurm/script.ts"
import { readSlurmFile } from "../execute/slurm/slurm-file.ts"
import { Disk } from "../store/disk.ts"
import { layoutOf } from "../store/layout.ts"
import type { Finding } from "./check.ts"
import { partitionsHere } from "./slurm.ts"

/** What a job says of its compute node. */
const Seen = Schema.Struct({
  host: Schema.String,
  node: Schema.String,
  /** What it read of the file that was written here. */
  token: Schema.NullOr(Schema.String),
  /** Whether it sees the folder of the project. */
  project: Schema.Boolean,
  scratch: Schema.NullOr(Schema.String),
})

/** What a job executes: it reads what was written here, and writes what it sees beside that. */
const program = `
const fs = require("node:fs"), path = require("node:path");
const [folder, root] = process.argv.slice(1);
let token = null, scratch = null;
try { token = fs.readFileSync(path.join(folder, "token"), "utf8") } catch {}
const wanted = process.env.DAG_SCRATCH;
if (wanted) try { fs.mkdirSync(wanted, { recursive: true }); fs.accessSync(wanted, fs.constants.W_OK) } catch (error) { scratch = error.message }
const seen = { host: require("node:os").hostname(), node: process.versions.node, token, project: fs.existsSync(path.join(root, "dag.config.ts")), scratch };
fs.writeFileSync(path.join(folder, "new"), JSON.stringify(seen));
fs.renameSync(path.join(folder, "new"), path.join(folder, "seen"));
`.trim().replaceAll("\n", " ")

/** How often it is looked whether a job has ended, in ms. */
const LOOK = 2000

/** How long a file may take to be seen after the job that wrote it has ended, in looks. */
const LATE = 30

const ended = /^(?:COMPLETED|FAILED|CANCELLED|TIMEOUT|OUT_OF_MEMORY|NODE_FAIL|BOOT_FAIL|DEADLINE|PREEMPTED)$/u

/** Has a small job of each kind that slurm.yaml describes look at its compute node, and tells what each saw, by name. */
export const tryJobsOn = Effect.fnUntraced(function*(place: { readonly root: string; readonly store: string }) {
  const { defaults, rules } = yield* attempt(() => readSlurmFile(place.root))
  const partitions = yield* partitionsHere
  const kinds = new Map<string, { readonly asked: ResourceClass; readonly problem: string }>()
  for (const { options } of [{ options: {} }, ...rules]) {
    // GPUs are waited for; what is left says where a job goes and what it begins with.
    const { options: kind } = classOf(small, { ...defaults, ...options })
    const asked = classOf(small, kind)
    const problem = lackingIn({ ...kind, ...small }, partitions).map((each) => each.problem).join("; ")
    kinds.set(asked.id, { asked, problem })
  }
  return yield* Effect.forEach(
    [...kinds.values()],
    ({ asked, problem }, at) =>
      Effect.map(
        problem === "" ? tryJob(asked, place) : notTried(asked, problem),
        (finding) => [`job ${at + 1} of ${kinds.size}`, finding] as const,
      ),
    { concurrency: 8 },
  )
})

/** A job of a kind that would never start. */
const notTried = ({ options }: ResourceClass, problem: string) =>
  Effect.succeed<Finding>({
    status: "broken",
    detail: `${whereOf(options)}: not tried: ${problem}`,
    help: "ask for what the cluster has in slurm.yaml",
  })

/** What a job asks for that only looks around. */
const small = { cpu: 1, memory: 512, gpu: 0, timeout: 300 }

const tryJob = (asked: ResourceClass, { root, store }: { readonly root: string; readonly store: string }) =>
  Effect.gen(function*() {
    const { options } = asked
    const [slurm, disk] = [yield* Slurm, yield* Disk]
    const token = randomBytes(8).toString("hex")
    const folder = join(layoutOf(store).temporaries, `doctor-${token}`)
    yield* disk.makeFolder(folder)
    const output = join(folder, "printed")
    return yield* Effect.gen(function*() {
      yield* disk.write(join(folder, "token"), token)
      const script = scriptOf({ id: "doctor", jobName: "redag-doctor", class: asked, tasks: 1 }, {
        root,
        command: [process.execPath, "-e", program, folder, root],
        output,
      })
      const job = yield* slurm.submit(script)
      const state = yield* Effect.onInterrupt(endOf(job), () => Effect.ignore(slurm.cancel([job])))
      for (let look = 0; look < LATE; look++) {
        const seen = Option.getOrUndefined(decode((yield* disk.read(join(folder, "seen"))) ?? ""))
        if (seen !== undefined) return findingOf(seen, token, options)
        if (state !== "COMPLETED") break
        yield* Effect.sleep(LOOK)
      }
      const printed = ((yield* disk.read(output)) ?? "").trim().split("\n").at(-1) ?? ""
      return {
        status: "broken",
        detail: `${whereOf(options)}: job ${job} ended as ${state} and wrote nothing into ${folder}${
          printed === "" ? "" : `; it printed: ${printed}`
        }`,
        help: printed === ""
          ? "the project, its node_modules and the store must be on a folder that compute nodes share, at the same path"
          : "fix what it says there; modules and setup of slurm.yaml run first",
      } satisfies Finding
    }).pipe(Effect.ensuring(Effect.ignore(disk.remove(folder))))
  }).pipe(
    Effect.catch(({ message, help }: DagError) =>
      Effect.succeed<Finding>({ status: "broken", detail: `${whereOf(asked.options)}: ${message}`, help })
    ),
  )

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Seen))

/** The state in which a job ended; one that nobody remembers has ended somehow. */
const endOf = Effect.fnUntraced(function*(job: string) {
  const slurm = yield* Slurm
  for (;;) {
    const [details] = yield* slurm.details(job)
    if (details === undefined || ended.test(details.state)) return details?.state ?? "COMPLETED"
    yield* Effect.sleep(LOOK)
  }
})

const findingOf = (seen: typeof Seen.Type, token: string, options: JobOptions): Finding => {
  const at = `${whereOf(options)}: ${seen.host} has Node ${seen.node}`
  const wrong = [
    ...(seen.token === token ? [] : ["does not see what was written into the store here"]),
    ...(seen.project ? [] : ["does not see the project"]),
    ...(seen.scratch === null ? [] : [`cannot use the scratch folder: ${seen.scratch}`]),
  ]
  return wrong.length === 0
    ? { status: "usable", detail: `${at}; it sees the project and the store` }
    : {
      status: "broken",
      detail: `${at}; it ${wrong.join(", ")}`,
      help:
        "put the project and the store on a folder that compute nodes share; name a scratch folder that jobs may write",
    }
}

const whereOf = ({ partition }: JobOptions): string =>
  partition === undefined ? "default partition" : `partition ${partition}`
