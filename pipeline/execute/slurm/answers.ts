/** What the controller of a cluster is set to. */
export interface ClusterLimits {
  readonly cluster: string
  readonly version: string
  /** The largest index of a task of an array is one less. */
  readonly maxArraySize: number
  /** For how many seconds a job that ended is remembered. */
  readonly minJobAge: number
  /** The seconds between SIGTERM and SIGKILL. */
  readonly killWait: number
  /** All settings, by their names as Slurm writes them. */
  readonly settings: ReadonlyMap<string, string>
}

/** What `scontrol show config` says. */
export const limitsIn = (text: string): ClusterLimits => {
  const settings = new Map<string, string>()
  for (const line of text.split("\n")) {
    const [, name, value] = /^(\w+)\s+= (.*)$/u.exec(line) ?? []
    if (name !== undefined && value !== undefined) settings.set(name, value.trim())
  }
  const number = (name: string, otherwise: number) => {
    const found = Number.parseInt(settings.get(name) ?? "", 10)
    return Number.isNaN(found) ? otherwise : found
  }
  return {
    cluster: settings.get("ClusterName") ?? "",
    version: settings.get("SLURM_VERSION") ?? "",
    maxArraySize: number("MaxArraySize", 1001),
    minJobAge: number("MinJobAge", 300),
    killWait: number("KillWait", 30),
    settings,
  }
}

/** A task of an array in the queue, or a job that is none. */
export interface Queued {
  /** The id of the array, or of the job. */
  readonly job: string
  readonly task: number | undefined
  readonly state: string
  readonly reason: string
  readonly name: string
}

/** What `squeue --array --format=%F|%K|%i|%T|%r|%j` lists. */
export const queuedIn = (text: string): ReadonlyArray<Queued> =>
  text.split("\n").flatMap((line) => {
    const [job = "", task = "", , state = "", reason = "", name] = line.trim().split("|")
    if (name === undefined || !/^\d+$/u.test(job)) return []
    return [{ job, task: /^\d+$/u.test(task) ? Number(task) : undefined, state, reason, name }]
  })

/** The idle cores of a partition, by what `sinfo --format=%P|%C` lists; the default one has an asterisk. */
export const idleCoresIn = (text: string, partition: string | undefined): number =>
  text.split("\n").reduce((sum, line) => {
    const [, name = "", star, idle] = /^([^|*]+)(\*?)\|\d+\/(\d+)\/\d+\/\d+$/u.exec(line.trim()) ?? []
    const isMeant = partition === undefined ? star === "*" : partition.split(",").includes(name)
    return isMeant ? sum + Number(idle) : sum
  }, 0)

/** What the controller remembers of a job. */
export interface Details {
  readonly job: string
  readonly task: number | undefined
  /** In capitals, without what is put behind it, such as "CANCELLED by 0". */
  readonly state: string
  readonly reason: string
  readonly restarts: number
  /** The code that it exited with, and the signal that ended it: 0 where none did. */
  readonly exitCode: number
  readonly signal: number
  readonly fields: ReadonlyMap<string, string>
}

/** What `scontrol --oneliner show job` says, a job or a task a line. */
export const detailsIn = (text: string): ReadonlyArray<Details> =>
  text.split("\n").flatMap((line) => {
    const fields = new Map<string, string>()
    for (const [, name = "", value = ""] of line.matchAll(/(?:^| )([A-Z][\w/:]*)=(\S*)/gu)) {
      if (!fields.has(name)) fields.set(name, value)
    }
    const id = fields.get("JobId")
    if (id === undefined) return []
    const [exitCode = 0, signal = 0] = (fields.get("ExitCode") ?? "").split(":").map(Number)
    const task = fields.get("ArrayTaskId") ?? ""
    return [{
      job: fields.get("ArrayJobId") ?? id,
      task: /^\d+$/u.test(task) ? Number(task) : undefined,
      state: fields.get("JobState") ?? "",
      reason: fields.get("Reason") ?? "",
      restarts: Number(fields.get("Restarts") ?? 0),
      exitCode,
      signal,
      fields,
    }]
  })

/** What is remembered of a task: tasks that have not begun are one entry for all of them, which says which they are. */
export const detailsOf = (details: ReadonlyArray<Details>, task: number): Details | undefined =>
  details.find((each) => each.task === task)
    ?? details.find((each) => each.task === undefined && isAmong(task, each.fields.get("ArrayTaskId")))

/** Whether a task is one of "5-9,12%2". What is cut off at "..." may be any; a job that is no array has none. */
export const isAmong = (task: number, indices: string | undefined): boolean => {
  if (indices === undefined || indices.includes("...")) return true
  return indices.replace(/%\d+$/u, "").split(",").some((part) => {
    const [, first = "", last = first, step = "1"] = /^(\d+)(?:-(\d+))?(?::(\d+))?$/u.exec(part) ?? []
    return first !== "" && task >= Number(first) && task <= Number(last) && (task - Number(first)) % Number(step) === 0
  })
}

/** Ids in portions that a command line can hold. */
export const jobsOf = (ids: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> =>
  Array.from({ length: Math.ceil(ids.length / PORTION) }, (_, at) => ids.slice(at * PORTION, (at + 1) * PORTION))

const PORTION = 500
