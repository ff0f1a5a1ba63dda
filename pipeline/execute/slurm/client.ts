import { Context, Effect, Layer } from "effect"
import { spawn } from "node:child_process"
import { StageError } from "../../base/errors.ts"
import { systemCode } from "../../base/system.ts"
import {
  type ClusterLimits,
  type Details,
  detailsIn,
  idleCoresIn,
  jobsOf,
  limitsIn,
  type Queued,
  queuedIn,
} from "./answers.ts"
import { jobEnvironment, ownEnvironment } from "./environment.ts"

/** How a command of Slurm ended. */
export interface Answer {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Slurm's own commands: nothing else is known of a cluster. Each fails with a StageError that is transient. */
export class Slurm extends Context.Service<Slurm, {
  /** The version, such as 22.05.8; fails where there is no Slurm here. */
  readonly version: Effect.Effect<string, StageError>
  /** What the controller is set to; asked until it has answered once. */
  readonly limits: Effect.Effect<ClusterLimits, StageError>
  /** Submits a script; the id of its job, or of its array. */
  readonly submit: (script: string) => Effect.Effect<string, StageError>
  /** What is in the queue under these names of jobs, whoever submitted them: users may share a store; a task of an array each. */
  readonly queue: (names: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Queued>, StageError>
  /** How many cores nobody uses now, of a partition or of the default one. */
  readonly idleCores: (partition: string | undefined) => Effect.Effect<number, StageError>
  /** What the controller remembers of a job, or of a task by `123_4`; nothing where it has forgotten it. */
  readonly details: (id: string) => Effect.Effect<ReadonlyArray<Details>, StageError>
  /** Cancels jobs, or tasks of them by `123_4`. What has ended already is no error. */
  readonly cancel: (ids: ReadonlyArray<string>) => Effect.Effect<void, StageError>
  /** Cancels all jobs of these names, whatever their ids are. */
  readonly cancelNamed: (names: ReadonlyArray<string>) => Effect.Effect<void, StageError>
  /** Puts a job that runs back into the queue. */
  readonly requeue: (id: string) => Effect.Effect<void, StageError>
}>()("redag/Slurm") {}

/** A controller that is being started again takes its time; a command that waits for longer waits for nobody. */
const LONGEST = 60_000

/** Answers are small; one that is larger is none of ours. */
const MOST = 1 << 26

/** Runs a program without a shell. Interrupting the effect ends it. */
export const runCommand = (
  program: string,
  words: ReadonlyArray<string>,
  input = "",
  longest = LONGEST,
  environment = ownEnvironment,
): Effect.Effect<Answer, StageError> =>
  Effect.callback((resume) => {
    const child = spawn(program, words, { env: environment(process.env), stdio: ["pipe", "pipe", "pipe"] })
    const printed = { stdout: "", stderr: "" }
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        if (printed[name].length < MOST) printed[name] += text
      })
    }
    const timer = setTimeout(() => child.kill("SIGKILL"), longest)
    const failed = (problem: string, help: string, transient = true) =>
      resume(Effect.fail(new StageError({ message: `${program} ${problem}`, help, transient })))
    child.on("error", (cause) => {
      clearTimeout(timer)
      // A program that is not there will not be there a second later.
      const isThere = systemCode(cause) !== "ENOENT"
      const help = "run dag where Slurm's commands are, such as on a login node"
      failed(isThere ? `could not be started: ${cause.message}` : "is not on this machine", help, isThere)
    })
    child.on("close", (code, signal) => {
      clearTimeout(timer)
      if (signal !== null) {
        failed(`did not answer within ${longest / 1000} s`, "see whether slurmctld runs: scontrol ping")
      } else resume(Effect.succeed({ code, ...printed }))
    })
    // It may end before it has read everything.
    child.stdin.on("error", () => {})
    child.stdin.end(input)
    return Effect.sync(() => {
      clearTimeout(timer)
      child.kill("SIGKILL")
    })
  })

/** The last lines of what a command complained of, without the name that it gives itself. */
const complaint = ({ stderr, code }: Answer): string => {
  const lines = stderr.trim().split("\n").map((line) => line.replace(/^(?:s\w+: )?(?:error: )?/u, ""))
  return lines.join("; ").slice(-500) || `ended with code ${code}`
}

const refused = (program: string, answer: Answer): StageError =>
  new StageError({
    message: `${program} failed: ${complaint(answer)}`,
    help: isOutOfReach(answer.stderr)
      ? "see whether slurmctld runs: scontrol ping"
      : "fix what it says, in slurm.yaml or on the cluster, then run again",
    transient: isOutOfReach(answer.stderr),
  })

/** Whether the controller did not answer, or is busy: not whether it refused. */
export const isOutOfReach = (stderr: string): boolean =>
  /Unable to contact|Connection (?:refused|timed out|reset)|Socket timed out|Zero Bytes were transmitted|temporarily (?:unable|disabled|unavailable)|slurm_persist_conn_open|Communication connection failure|in standby mode/iu
    .test(stderr)

/** The cluster of this machine, by the commands on PATH. */
export const layer: Layer.Layer<Slurm> = Layer.effect(
  Slurm,
  Effect.gen(function*() {
    const ask = (program: string, ...words: ReadonlyArray<string>) =>
      Effect.flatMap(
        runCommand(program, words),
        (answer) => answer.code === 0 ? Effect.succeed(answer.stdout) : Effect.fail(refused(program, answer)),
      )
    const cancelling = Effect.fnUntraced(function*(words: ReadonlyArray<string>) {
      const answer = yield* runCommand("scancel", ["--quiet", ...words])
      if (answer.code !== 0 && isOutOfReach(answer.stderr)) yield* refused("scancel", answer)
    })
    const version = yield* Effect.cached(
      Effect.map(ask("sbatch", "--version"), (text) => text.trim().replace(/^slurm(?:-wlm)? /u, "")),
    )
    let known: ClusterLimits | undefined
    const limits = Effect.suspend(() =>
      known !== undefined
        ? Effect.succeed(known)
        : Effect.map(ask("scontrol", "show", "config"), (text) => known = limitsIn(text))
    )
    return Slurm.of({
      version,
      limits,
      submit: Effect.fnUntraced(function*(script) {
        const answer = yield* runCommand("sbatch", ["--parsable"], script, LONGEST, jobEnvironment)
        const id = /^\s*(\d+)(?:;\S+)?\s*$/mu.exec(answer.stdout)?.[1]
        return answer.code === 0 && id !== undefined ? id : yield* refused("sbatch", answer)
      }),
      queue: Effect.fnUntraced(function*(names) {
        if (names.length === 0) return []
        return queuedIn(
          yield* ask("squeue", "--noheader", "--array", "--format=%F|%K|%i|%T|%r|%j", "--name", names.join(",")),
        )
      }),
      idleCores: (partition) =>
        Effect.map(
          ask("sinfo", "--noheader", "--format=%P|%C", ...(partition === undefined ? [] : ["--partition", partition])),
          (text) => idleCoresIn(text, partition),
        ),
      details: Effect.fnUntraced(function*(id) {
        const answer = yield* runCommand("scontrol", ["--oneliner", "show", "job", id])
        if (answer.code === 0) return detailsIn(answer.stdout)
        return /Invalid job id/u.test(answer.stderr) ? [] : yield* refused("scontrol", answer)
      }),
      cancel: Effect.fnUntraced(function*(ids) {
        // The command line has its limits.
        for (const some of jobsOf(ids)) yield* cancelling(some)
      }),
      cancelNamed: Effect.fnUntraced(function*(names) {
        // It takes one name at a time.
        for (const name of names) yield* cancelling(["--name", name])
      }),
      requeue: (id) => Effect.asVoid(ask("scontrol", "requeue", id)),
    })
  }),
)
