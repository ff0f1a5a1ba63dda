/**
 * Options of sbatch by which dag says what it submits, where it goes, and how it ends, or that slurm.yaml has a field for: dag
 * counts on what those say. Its queue is asked of one cluster, and its jobs are one process on one node.
 */
const own: ReadonlySet<string> = new Set([
  "--array",
  "-a",
  "--job-name",
  "-J",
  "--chdir",
  "-D",
  "--output",
  "-o",
  "--error",
  "-e",
  "--input",
  "-i",
  "--open-mode",
  "--signal",
  "--requeue",
  "--no-requeue",
  "--dependency",
  "-d",
  "--wrap",
  "--wait",
  "-W",
  "--parsable",
  "--test-only",
  "--ntasks",
  "-n",
  "--clusters",
  "-M",
  "--export",
  "--export-file",
  "--get-user-env",
  "--nodes",
  "-N",
  "--time",
  "-t",
  "--time-min",
  "--mem",
  "--mem-per-cpu",
  "--mem-per-gpu",
  "--cpus-per-task",
  "-c",
  "--gres",
  "--partition",
  "-p",
  "--account",
  "-A",
  "--qos",
  "-q",
  "--constraint",
  "-C",
])

/** Whether a text sets an option of sbatch that is dag's to set: a line may hold several, and sbatch takes each shortened. */
export const isOwn = (text: string): boolean => {
  const words =
    text.match(/(?:[^\s"']|"(?:[^"\\]|\\.)*"|'[^']*'|["'])+/gu)?.map((word) => word.replaceAll(/["']/gu, "")) ?? []
  return words.some((word) => word.startsWith("--") ? isOwnLong(word) : isOwnShort(word))
}

/** "--array=0-3", and "--arr=0-3". */
const isOwnLong = (word: string): boolean => {
  const [name = ""] = word.split("=")
  return [...own].some((each) => name.length > 2 && each.startsWith(name))
}

/** "-a0-3", and "-Ha0-3", where what has no value stands before it. */
const isOwnShort = (word: string): boolean => {
  const [, before = "", last = ""] = /^-([HOQsv]*)(\w?)/u.exec(word) ?? []
  return [...before.split(""), last].some((letter) => own.has(`-${letter}`))
}
