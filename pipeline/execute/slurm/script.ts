import { scratchVariable } from "../scratch.ts"
import { clock } from "./quantities.ts"
import type { ResourceClass } from "./resource-class.ts"

/** What one sbatch call submits. */
export interface Submission {
  /** The name of the batch, which its tasks ask for. */
  readonly id: string
  /** The name that squeue shows. */
  readonly jobName: string
  readonly class: ResourceClass
  /** How many tasks the array has, from 0 on. */
  readonly tasks: number
  /** How many of them may run at the same time; all where it is left out. */
  readonly atOnce?: number
}

/** Where tasks run and how they are started; all of these paths are the same on every compute node. */
export interface Start {
  /** The folder of the project. */
  readonly root: string
  /** The program and its arguments, before "batch ID TASK". */
  readonly command: ReadonlyArray<string>
  /** The file for what a task prints; "{task}" stands for the number of the task. */
  readonly output: string
}

/** The signal by which Slurm says that the time limit comes: SIGTERM is that of scancel. */
export const warningSignal = "SIGUSR1"

/** The script that sbatch submits. What slurm.yaml says of sbatch comes last, so that it wins. */
export const scriptOf = (submission: Submission, start: Start): string => {
  const { modules = [] } = submission.class.options
  return [
    // Only a login shell knows `module` everywhere.
    modules.length > 0 ? "#!/bin/bash -l" : "#!/bin/bash",
    ...directives(submission, start).map((each) => `#SBATCH ${each}`),
    "",
    ...commands(submission, start),
    "",
  ].join("\n")
}

const directives = (
  { jobName, class: { cpus, memory, time, gres, warning, options }, tasks, atOnce }: Submission,
  { root, output }: Start,
): ReadonlyArray<string> => {
  const { partition, account, qos, constraint, sbatch = [] } = options
  const given = { partition, account, qos, constraint, gres, time: time === undefined ? undefined : clock(time) }
  return [
    `--job-name=${inDirective(jobName)}`,
    `--array=0-${tasks - 1}${atOnce === undefined ? "" : `%${atOnce}`}`,
    `--chdir=${inDirective(root)}`,
    `--output=${output.split("{task}").map((part) => inDirective(part.replaceAll("%", "%%"))).join("%a")}`,
    // A task that is queued again goes on in the same file.
    "--open-mode=append",
    "--requeue",
    "--export=ALL",
    "--nodes=1",
    "--ntasks=1",
    `--cpus-per-task=${cpus}`,
    `--mem=${memory}M`,
    ...Object.entries(given).flatMap((
      [name, value],
    ) => (value === undefined ? [] : [`--${name}=${inDirective(value)}`])),
    // "B:": to the shell, in whose place the program runs.
    `--signal=B:${warningSignal.slice(3)}@${warning}`,
    ...sbatch,
  ]
}

const commands = (
  { id, class: { options: { modules = [], setup = [], scratch } } }: Submission,
  { command }: Start,
): ReadonlyArray<string> => [
  // The warning may come early, and would end what does not listen.
  ...(modules.length + setup.length > 0 ? ["set -e", `trap "" ${warningSignal.slice(3)}`] : []),
  ...modules.map((name) => `module load ${inShell(name)}`),
  ...setup,
  ...(scratch === undefined ? [] : [`export ${scratchVariable}="${scratch}"`]),
  `exec ${[...command, "batch", id].map(inShell).join(" ")} "$SLURM_ARRAY_TASK_ID"`,
]

/** A value in a line of #SBATCH, where spaces and quotes mean something. */
const inDirective = (value: string): string =>
  /^[\w./:=@%+,&|*()-]*$/u.test(value) ? value : `"${value.replaceAll(/["\\]/gu, "\\$&")}"`

/** A word of a command in a shell. */
const inShell = (word: string): string => (/^[\w./:=@%+,-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)
