import { readFileSync } from "node:fs"
import { totalmem } from "node:os"
import { dirname, join } from "node:path"

/**
 * Bytes that this process can still take without swapping: the least of what Linux calls available and what each of the
 * control groups around the process (a container, a batch job) leaves of its limit.
 *
 * Caches of files count as free, for the kernel gives them up when it is asked for memory; Node's own
 * `process.availableMemory()` counts them as taken within a limit. Other systems say only what is installed.
 * `root` is where `/proc` and `/sys` are found.
 */
export const availableMemory = (root = "/"): number => {
  const available = field(read(join(root, "proc/meminfo")), "MemAvailable:")
  if (available === undefined) return totalmem()
  return Math.min(available * 1024, ...controlGroups(root).map(roomIn))
}

/** Where the files of a control group are, and how its version calls them. */
interface ControlGroup {
  readonly folder: string
  readonly names: typeof versions[keyof typeof versions]
}

// https://docs.kernel.org/admin-guide/cgroup-v2.html and https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
const versions = {
  1: {
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    caches: ["total_inactive_file", "total_active_file"],
  },
  2: { limit: "memory.max", used: "memory.current", caches: ["inactive_file", "active_file"] },
} as const

/** The control groups of this process that may limit its memory, each with all above it. */
const controlGroups = (root: string): readonly ControlGroup[] =>
  read(join(root, "proc/self/cgroup")).split("\n").flatMap((line) => {
    // Such as "0::/system.slice/a.service" of version 2, and "4:memory:/docker/f00" of version 1.
    const [, controllers = "", path = ""] = /^\d+:([^:]*):(\/.*)$/u.exec(line) ?? []
    if (path === "" || (controllers !== "" && !controllers.split(",").includes("memory"))) return []
    const [top, names] = controllers === "" ? ["sys/fs/cgroup", versions[2]] : ["sys/fs/cgroup/memory", versions[1]]
    const groups: ControlGroup[] = []
    for (let at = path;; at = dirname(at)) {
      groups.push({ folder: join(root, top, at), names })
      if (at === "/") return groups
    }
  })

/** What a control group leaves of its limit; no bound where it has none. */
const roomIn = ({ folder, names }: ControlGroup): number => {
  const limit = Number.parseInt(read(join(folder, names.limit)), 10)
  const used = Number.parseInt(read(join(folder, names.used)), 10)
  if (Number.isNaN(limit) || Number.isNaN(used)) return Infinity
  const statistics = read(join(folder, "memory.stat"))
  const caches = names.caches.reduce((total, name) => total + (field(statistics, name) ?? 0), 0)
  return Math.max(0, limit - used + caches)
}

/** The number that follows a name at the start of a line. */
const field = (text: string, name: string): number | undefined => {
  const line = text.split("\n").find((each) => each.startsWith(`${name} `))
  return line === undefined ? undefined : Number.parseInt(line.slice(name.length), 10)
}

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}
