/**
 * Variables by which Slurm tells a job of itself, or by which a user sets defaults of its commands. Where dag is started in
 * a job they are those of another job: its commands would take them for what they are asked.
 */
const ofSlurm = /^(?:SLURM|SLURMD|SBATCH|SQUEUE|SALLOC|SRUN|SCANCEL|SINFO|SACCT|PMI|PMIX)_/u

/** Those that say where the cluster is, rather than what a job is. */
const ofCluster: ReadonlySet<string> = new Set(["SLURM_CONF", "SLURM_CONF_SERVER", "SLURM_JWT", "SLURM_CLUSTERS"])

/** An environment without what an enclosing job left there. */
export const ownEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(environment).filter(([name]) => !ofSlurm.test(name) || ofCluster.has(name)),
  )

/** Words of a variable that holds what nobody else is to know. */
const secretName =
  /(?:^|_)(?:\w*SECRET\w*|\w*TOKEN|\w*PASSWORD|PASSWD|PASS|PWD|PASSPHRASE|\w*CREDENTIALS?|\w*KEY(?:_ID)?|AUTH|COOKIE|JWT|SAS)$/iu

/** Values that are secrets whatever they are called: a password in an address, and keys of well-known services. */
const secretValue =
  /:\/\/[^\s/@:]*:[^\s/@]+@|^(?:sk-|hf_|gh[opsu]_|github_pat_|glpat-|xox[abp]-|AKIA|ASIA|eyJ[\w-]+\.)\S+$|[?&](?:X-Amz-Signature|sig|token)=/iu

/** Variables of the system whose names look like those of secrets. */
const isKnown: ReadonlySet<string> = new Set(["PWD", "OLDPWD"])

/**
 * An environment as jobs get it. Slurm writes it down where it keeps its state and sends it to every node of a job: it has
 * no secret in it, and no credentials of a remote, which jobs do not use.
 */
export const jobEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(ownEnvironment(environment)).filter(([name, value = ""]) =>
      ofCluster.has(name) || isKnown.has(name)
      || (!name.startsWith("AWS_") && !secretName.test(name) && !secretValue.test(value))
    ),
  )
