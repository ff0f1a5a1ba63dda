import { hostname } from "node:os"
import { join } from "node:path"

/** What a test wants of its cluster. */
export interface Wanted {
  /** How many nodes, each with a slurmd of its own on this machine; 3 unless said. */
  readonly nodes?: number
  /** The cores that each node says it has, whatever the machine has; 2 unless said. */
  readonly cpus?: number
  /** The memory that each node says it has, in MiB; 4,000 unless said. */
  readonly memory?: number
  /** The largest array has indexes below this; 1001, which is Slurm's own default, unless said. */
  readonly maxArraySize?: number
  /** The seconds between a polite signal and a kill; 5 unless said. */
  readonly killWait?: number
  /** How long an ended job is known to `scontrol`, in seconds; Slurm's least, 2, or more; 300 unless said. */
  readonly minJobAge?: number
  /** Further lines, such as another partition of nodes `n1`, `n2`. */
  readonly lines?: ReadonlyArray<string>
  /** What each node has besides, such as `gpu:2`. */
  readonly gres?: string
}

/** The ports that daemons listen on, of this machine. */
export interface Ports {
  readonly controller: number
  readonly nodes: ReadonlyArray<number>
}

/** Slurm knows a machine by the first part of its name. */
const host = hostname().split(".", 1)[0]

/** The name of a node by its number, counted from 1. */
export const nodeName = (number: number): string => `n${number}`

/** The `slurm.conf` of a cluster with its files in a folder. */
export const confOf = (folder: string, ports: Ports, wanted: Wanted): string => {
  const { cpus = 2, memory = 4000, maxArraySize = 1001, killWait = 5, minJobAge = 300, lines = [], gres } = wanted
  const at = (...names: ReadonlyArray<string>) => join(folder, ...names)
  const has = gres === undefined ? "" : ` Gres=${gres}`
  return [
    "ClusterName=rig",
    `SlurmctldHost=${host}(127.0.0.1)`,
    "SlurmUser=root",
    "SlurmdUser=root",
    "AuthType=auth/munge",
    // A job that was requeued waits for as long as credentials last, 120 s by default.
    `AuthInfo=socket=${at("run/munge.socket")},cred_expire=5`,
    "CredType=cred/munge",
    `SlurmctldPort=${ports.controller}`,
    `StateSaveLocation=${at("state")}`,
    `SlurmdSpoolDir=${at("spool-%n")}`,
    `SlurmctldPidFile=${at("run/slurmctld.pid")}`,
    `SlurmdPidFile=${at("run/slurmd-%n.pid")}`,
    `SlurmctldLogFile=${at("log/slurmctld.log")}`,
    `SlurmdLogFile=${at("log/slurmd-%n.log")}`,
    "ProctrackType=proctrack/linuxproc",
    "TaskPlugin=task/none",
    "SwitchType=switch/none",
    "MpiDefault=none",
    // A node that comes back may be used at once, whyever it was down.
    "ReturnToService=2",
    "SlurmdParameters=config_overrides",
    "SlurmdTimeout=20",
    "SchedulerType=sched/backfill",
    "SchedulerParameters=batch_sched_delay=0,bf_interval=2,sched_interval=5",
    "SelectType=select/cons_tres",
    "SelectTypeParameters=CR_Core_Memory",
    ...(gres === undefined ? [] : ["GresTypes=gpu"]),
    // Without cgroups this alone ends a job that outgrows its memory.
    "JobAcctGatherType=jobacct_gather/linux",
    "JobAcctGatherFrequency=task=1",
    "JobAcctGatherParams=OverMemoryKill",
    "AccountingStorageType=accounting_storage/none",
    "JobCompType=jobcomp/none",
    "MailProg=/bin/true",
    "InactiveLimit=0",
    `KillWait=${killWait}`,
    `MinJobAge=${minJobAge}`,
    `MaxArraySize=${maxArraySize}`,
    "MaxJobCount=20000",
    ...ports.nodes.map((port, index) =>
      `NodeName=${nodeName(index + 1)} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port} CPUs=${cpus} `
      + `RealMemory=${memory} State=UNKNOWN${has}`
    ),
    `PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO DefMemPerCPU=100`,
    ...lines,
    "",
  ].join("\n")
}
