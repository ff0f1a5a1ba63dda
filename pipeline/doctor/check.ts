import { Effect, Option, Schema } from "effect"
import { fork } from "node:child_process"

/** How something that work depends on stands here, found by trying it. */
export const Finding = Schema.Struct({
  /** `absent` is what this machine does not have, `broken` what it has and fails. */
  status: Schema.Literals(["usable", "absent", "broken"]),
  /** What was found, in one line: a version, a device, a measure, a reason. */
  detail: Schema.String,
  /** How to make it usable or better, in one line. */
  help: Schema.optionalKey(Schema.String),
})
export type Finding = typeof Finding.Type

/** One thing that an experiment depends on. */
export interface Check {
  /** Whether nothing can run without it. */
  readonly required?: boolean
  /** Tries it. Runs in a process of its own, which it may take down with it. */
  run(): Promise<Finding>
}

/** How long a check may take before it counts as broken. */
const LIMIT_MS = 60_000

const decode = Schema.decodeUnknownOption(Finding)

/** Runs a check of the experiment in a process of `program`, so that what crashes or hangs there does no harm here. */
export const runIsolated = (program: string, name: string, limit = LIMIT_MS): Effect.Effect<Finding> =>
  Effect.callback((resume) => {
    const child = fork(program, ["check", name], { stdio: ["ignore", "ignore", "pipe", "ipc"] })
    let printed = ""
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-4096)
    })
    const end = (finding: Finding) => {
      clearTimeout(timer)
      child.kill("SIGKILL")
      resume(Effect.succeed(finding))
    }
    const broken = (detail: string) => end({ status: "broken", detail })
    const timer = setTimeout(() => broken(`gave no answer within ${limit / 1000} s`), limit)
    child.on("message", (message) => {
      // A package that the check uses may use the channel too.
      const finding = decode(message)
      if (Option.isSome(finding)) end(finding.value)
    })
    child.on("error", (cause) => broken(`its process could not be started: ${cause.message}`))
    child.on("close", (code, signal) => {
      const how = signal === null ? `ended with code ${code}` : `was killed by ${signal}`
      // Stacks surround the one line that says what happened; the files of their frames may be called anything.
      const said = printed.split("\n").filter((line) => !/^\s*(?:\d+: |at )/u.test(line))
      const why = said.find((line) => /error|fatal|what\(\)/iu.test(line))
      broken(`its process ${how}${why === undefined ? "" : `: ${why.trim()}`}`)
    })
    return Effect.sync(() => {
      clearTimeout(timer)
      child.kill("SIGKILL")
    })
  })

/** The other end of {@link runIsolated}: runs a check and sends what it found. */
export const sendFinding = (checks: Readonly<Record<string, Check>>, name: string): Effect.Effect<void> =>
  Effect.promise(async () => {
    const check = checks[name]
    if (check === undefined || process.send === undefined) throw new Error("a check is started by dag doctor")
    // Nobody would read what is found.
    process.on("disconnect", () => process.exit(1))
    // Whoever asked may have been gone before anybody listened.
    if (!process.connected) process.exit(1)
    process.send(await attempt(check))
  })

const attempt = async (check: Check): Promise<Finding> => {
  try {
    return await check.run()
  } catch (cause) {
    const [line = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n")
    return { status: "broken", detail: line }
  }
}
