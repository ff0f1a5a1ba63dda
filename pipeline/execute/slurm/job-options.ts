/**
 * What `slurm.yaml` says of the jobs of a node: the defaults, and over them each rule that selects it. What is left out is
 * worked out from what the node needs, or is the cluster's to say.
 */
export interface JobOptions {
  readonly partition?: string
  readonly account?: string
  readonly qos?: string
  /** Features that a compute node must have. */
  readonly constraint?: string
  /** The time limit of a node, in seconds. */
  readonly time?: number
  /** The memory of a node, in MiB. */
  readonly memory?: number
  readonly cpus?: number
  /** Generic resources as sbatch takes them, such as "gpu:a100:1". */
  readonly gres?: string
  /** How many nodes run at the same time in one job, on its GPU. */
  readonly share?: number
  /** What is loaded by `module load` before a job begins. */
  readonly modules?: ReadonlyArray<string>
  /** Lines of shell before a job begins. */
  readonly setup?: ReadonlyArray<string>
  /** Further options of sbatch, such as "--exclude=node7". */
  readonly sbatch?: ReadonlyArray<string>
  /** A folder on the compute node, in which variables such as $SLURM_JOB_ID stand for their values. */
  readonly scratch?: string
  /** How long before the time limit a training is told to save its step, in seconds. */
  readonly warning?: number
}
