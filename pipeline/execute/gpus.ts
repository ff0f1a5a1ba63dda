import { spawnSync } from "node:child_process"

/** A GPU of this machine, as nvidia-smi names it. */
export interface Gpu {
  readonly id: string
  readonly name: string
  /** Its memory, and what of it is free, in MiB. */
  readonly memory: number
  readonly free: number
  /** What tells it apart from all others, whatever its id is here; empty where nvidia-smi does not say. */
  readonly uuid: string
}

/** The GPUs that NVIDIA's driver shows; none where there is no driver. Takes up to some seconds where there is one. */
export const installedGpus = (): ReadonlyArray<Gpu> => {
  const { status, stdout } = spawnSync(
    "nvidia-smi",
    ["--query-gpu=index,name,memory.total,memory.free,uuid", "--format=csv,noheader,nounits"],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 30_000 },
  )
  return status === 0 ? gpusIn(stdout) : []
}

/** The GPUs that nvidia-smi lists, one a line: `0, NVIDIA H200, 143771, 143000, GPU-5f1c…`. */
export const gpusIn = (listed: string): ReadonlyArray<Gpu> =>
  listed.split("\n").flatMap((line) => {
    const [, id = "", name = "", memory = "", free = "", uuid = ""] =
      /^(\d+), (.+), (\S+), (\S+), (\S+)$/u.exec(line.trim()) ?? []
    return id === "" ? [] : [{ id, name, memory: Number(memory), free: Number(free), uuid }]
  })

/**
 * The ids of the GPUs that this process may use: those that `CUDA_VISIBLE_DEVICES` names, else those of `installed`.
 * `DAG_GPUS` names what there is where nvidia-smi does not know it.
 */
export const visibleGpus = (
  environment: Readonly<Record<string, string | undefined>>,
  installed: () => ReadonlyArray<Gpu>,
): ReadonlyArray<string> => {
  const { CUDA_VISIBLE_DEVICES: visible, DAG_GPUS: declared } = environment
  const named = declared === undefined || declared === "" ? undefined : listOf(declared)
  if (visible === undefined) return named ?? installed().map(({ id }) => id)
  const seen = listOf(visible)
  // CUDA stops reading at an id that there cannot be, such as -1, by which all are hidden.
  const end = seen.findIndex((id) => id.startsWith("-"))
  const usable = end < 0 ? seen : seen.slice(0, end)
  return named === undefined ? usable : named.filter((id) => usable.includes(id))
}

/** The parts of a text between commas, each once. */
export const listOf = (text: string): ReadonlyArray<string> => [
  ...new Set(text.split(",").map((part) => part.trim()).filter((part) => part !== "")),
]
