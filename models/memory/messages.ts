import type { Task } from "./task.ts"

/** Words about tasks that do not fit into memory. */

export const empty = "is empty"

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1)

const named = ({ kind, modelType, parameters, batch, beams, source, target }: Task): string =>
  [
    `${modelType} of ${(parameters / 1e6).toFixed(1)}M parameters`,
    kind === "training" ? "full finetuning" : "generation",
    `batch ${batch}${beams === 1 ? "" : ` of ${beams} beams`} × ${source} + ${target} tokens`,
  ].join(", ")

export const memoryShort = (
  task: Task,
  needed: number,
  parts: Readonly<Record<string, number>>,
  available: number,
): string => {
  const list = Object.entries(parts).filter(([, each]) => each >= 5e7).map(([name, each]) =>
    `${name} ${gigabytes(each)}`
  )
  const why = list.length === 0 ? "" : ` (${list.join(", ")})`
  return `${named(task)}: needs about ${gigabytes(needed)} GB${why}, this machine has ${gigabytes(available)} free`
}

// Defects.
export const noBatches = "a training without batches"
