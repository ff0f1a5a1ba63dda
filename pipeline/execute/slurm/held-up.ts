import type { Queued } from "./answers.ts"

/** What keeps a job waiting that does not pass by itself, by the reason that squeue gives, and what to do. */
const lasting: ReadonlyArray<readonly [reason: RegExp, what: string, help: string]> = [
  [/^(?:JobHeld(?:User|Admin)|launch.failed.requeued.held)$/iu, "is held", "let it go with scontrol release"],
  [
    /^(?:BadConstraints|PartitionConfig|PartitionNodeLimit)$/u,
    "asks for what no node of its partition has",
    "ask for less in slurm.yaml, or name another partition there",
  ],
  [/(?:TimeLimit|WallDurationPerJobLimit)$/u, "asks for more time than it may have", "lower its time in slurm.yaml"],
  [/^(?:InvalidAccount|AccountNotAllowed)$/u, "has an account that may not use its partition", "name another account"],
  [/^(?:InvalidQOS|QOSNotAllowed)$/u, "has a QOS that may not use its partition", "name another qos in slurm.yaml"],
]

/** Says of a job that waits, and will until somebody does something, why and what; undefined of any other. */
export const heldUp = ({ job, task, state, reason }: Queued): string | undefined => {
  const found = state === "PENDING" ? lasting.find(([pattern]) => pattern.test(reason)) : undefined
  if (found === undefined) return undefined
  const [, what, help] = found
  return `job ${task === undefined ? job : `${job}_${task}`} ${what} (${reason}) and does not begin: ${help}`
}
