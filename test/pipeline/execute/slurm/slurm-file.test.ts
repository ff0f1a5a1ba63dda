import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { InputError } from "../../../../pipeline/base/errors.ts"
import { onCluster } from "../../../../pipeline/execute/slurm/on-cluster.ts"
import { lackingIn, partitionsIn } from "../../../../pipeline/execute/slurm/partitions.ts"
import { clock, mebibytesOf, secondsIn } from "../../../../pipeline/execute/slurm/quantities.ts"
import { scriptOf } from "../../../../pipeline/execute/slurm/script.ts"
import { jobOptionsIn, readSlurmFile } from "../../../../pipeline/execute/slurm/slurm-file.ts"
import { expand } from "../../../../pipeline/graph/expand.ts"
import { stage } from "../../../../pipeline/graph/stage.ts"
import { experiment } from "../../../../pipeline/report/experiment.ts"

const Row = Schema.Struct({ n: Schema.Int }).annotate({ identifier: "rows" })
const of = <const Name extends string>(name: Name, gpu: number) =>
  stage({
    name,
    params: Schema.Struct({}),
    inputs: {},
    outputs: { rows: Row },
    resources: () => ({ cpu: 1.5, memory: 1000, gpu, retries: { memory: 5 } }),
    run: () => Effect.die("nothing is run here"),
  })
const [train, score] = [of("train", 1), of("score", 0)]

const graph = expand(
  experiment({
    defaultProfile: "p",
    profiles: {
      p: (dag) => {
        for (const model of ["t5", "t5-large"]) dag.add(train, { name: model, params: {}, inputs: {} })
        dag.add(score, { name: "t5", params: {}, inputs: {} })
      },
    },
  }),
  "p",
  ".",
)

const root = mkdtempSync(join(tmpdir(), "redag-slurm-yaml-"))
afterAll(() => rmSync(root, { recursive: true }))

const fileOf = (text: string) => {
  writeFileSync(join(root, "slurm.yaml"), text)
  return readSlurmFile(root)
}

const wrong = (text: string): readonly [line: number | undefined, field: string | undefined, message: string] => {
  try {
    jobOptionsIn(fileOf(text), graph)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    assert.strictEqual(error.file, "slurm.yaml")
    return [error.line, error.field, error.message]
  }
  return assert.fail("nothing was thrown")
}

const text = `
profiles: [p]
defaults:
  partition: cpu
  time: 2:00:00
rules:
  - nodes: stage=train
    partition: gpu
    modules: [cuda/12.4]
  - nodes: [train/t5-large, stage=elsewhere]
    memory: 64G
    time: 1-12:00:00
    share: 2
    sbatch: [--exclude=node7]
`

describe("slurm.yaml", () => {
  it("gives each node what its rules say, the later before the earlier, field by field", () => {
    const { of, idle } = jobOptionsIn(fileOf(text), graph)
    assert.deepStrictEqual(of({ name: "score/t5" }), { partition: "cpu", time: 7200 })
    assert.deepStrictEqual(of({ name: "train/t5" }), { partition: "gpu", time: 7200, modules: ["cuda/12.4"] })
    assert.deepStrictEqual(of({ name: "train/t5-large" }), {
      partition: "gpu",
      time: 129_600,
      modules: ["cuda/12.4"],
      memory: 65_536,
      share: 2,
      sbatch: ["--exclude=node7"],
    })
    assert.deepStrictEqual(idle, [])
  })

  it("says nothing of rules for nodes of other profiles, and is not needed", () => {
    assert.strictEqual(
      jobOptionsIn(fileOf("rules: [{ nodes: stage=none, qos: low }]"), graph).idle[0]?.field,
      "rules[0].nodes",
    )
    const nothing = { profiles: [], defaults: {}, rules: [], lines: new Map() }
    assert.deepStrictEqual(readSlurmFile(join(root, "nowhere")), nothing)
    for (const empty of ["", "# nothing yet\n"]) assert.deepStrictEqual(fileOf(empty), nothing)
  })

  it("is refused with the line and the field of what is wrong in it", () => {
    const rule = (fields: string) => `defaults:\n  qos: low\nrules:\n  - nodes: stage=train\n    ${fields}\n`
    assert.deepStrictEqual(wrong(rule("time: soon")).slice(0, 2), [5, "rules[0].time"])
    assert.deepStrictEqual(wrong(rule("memory: lots")).slice(0, 2), [5, "rules[0].memory"])
    assert.deepStrictEqual(wrong(rule("gress: gpu:1")), [5, "rules[0].gress", "is not a name that is known here"])
    assert.deepStrictEqual(wrong(rule("partition: \"a b\"")).slice(0, 2), [5, "rules[0].partition"])
    for (const field of ["partition", "account", "qos", "constraint", "gres", "scratch"]) {
      assert.deepStrictEqual(wrong(rule(`${field}: "/a\\n"`)).slice(0, 2), [5, `rules[0].${field}`])
    }
    for (const field of ["modules", "setup", "sbatch"]) {
      assert.deepStrictEqual(wrong(rule(`${field}: ["-H\\n"]`)).slice(0, 2), [5, `rules[0].${field}[0]`])
    }
    const none = "is a time before the end of `time`, and there is none"
    assert.deepStrictEqual(wrong(rule("warning: 10d")).slice(0, 2), [5, "rules[0].warning"])
    assert.deepStrictEqual(wrong(rule("warning: 10m")), [5, "rules[0].warning", none])
    assert.deepStrictEqual(wrong("defaults:\n  warning: 10m\n"), [2, "defaults.warning", none])
    assert.deepStrictEqual(
      fileOf("defaults: { time: 1h }\nrules: [{ nodes: stage=train, warning: 5m }]").lines.get("rules[0].warning"),
      2,
    )
    // What counts is what a node comes to.
    for (
      const right of [
        "rules: [{ nodes: stage=train, time: 4:00:00 }, { nodes: train/t5, warning: 10m }]",
        "rules: [{ nodes: train/t5, warning: 10m }, { nodes: stage=train, time: 4:00:00 }]",
        "defaults: { warning: 10m }\nrules: [{ nodes: stage=train, time: 1h }, { nodes: stage=score, time: 2h }]",
      ]
    ) assert.strictEqual(jobOptionsIn(fileOf(right), graph).of({ name: "train/t5" }).warning, 600, right)
    const timed = new Map(
      [...graph.nodes].map(([name, node]) =>
        [name, { ...node, resources: { ...node.resources, timeout: 3600 } }] as const
      ),
    )
    for (const right of ["defaults: { warning: 10m }", "rules: [{ nodes: stage=train, warning: 10m }]"]) {
      const { of } = jobOptionsIn(fileOf(right), { ...graph, nodes: timed })
      assert.strictEqual(of({ name: "train/t5" }).warning, 600, right)
    }
    assert.deepStrictEqual(wrong(rule("share: 0")).slice(0, 2), [5, "rules[0].share"])
    const beyond = ["memory: 99999999T", "cpus: 99999999999", "time: 1:99:99", "time: 99999d", "share: 1000000"]
    for (const amount of beyond) assert.strictEqual(wrong(rule(amount))[0], 5, amount)
    // sbatch takes long options shortened, short ones together, and several in a line.
    const shortened = [
      "--arr=0-3",
      "--sig=USR1@1",
      "-Ha0-3",
      "--nice=1 --array=0-3",
      "--comment='a b' -o x",
      "-M other",
    ]
    const whole = ["--array=0-3", "-a0", "--output=x", "--signal=USR1@1", "--wrap=true", "nice"]
    for (const option of [...whole, ...shortened]) {
      assert.deepStrictEqual(wrong(rule(`sbatch: ["${option}"]`)).slice(0, 2), [5, "rules[0].sbatch[0]"])
    }
    const fields = ["--mem=300", "--time=1", "-t1", "--part=x", "-pgpu", "--export=NONE", "--nice=1 -N 2"]
    for (const option of fields) {
      assert.deepStrictEqual(wrong(rule(`sbatch: ["${option}"]`)).slice(0, 2), [5, "rules[0].sbatch[0]"])
    }
    const free = [
      "--nice=1 -H",
      "--mem-bind=local",
      "--ntasks-per-node=1",
      "--comment=\"not --array\"",
      "--exclude=a-a,b",
    ]
    assert.deepStrictEqual(fileOf(rule(`sbatch: ${JSON.stringify(free)}`)).rules[0]?.options.sbatch, free)
    for (const folder of ["/a/$(id)", "/a/`id`", "/a b", "/a\\\"", "relative"]) {
      assert.deepStrictEqual(wrong(rule(`scratch: '${folder}'`)).slice(0, 2), [5, "rules[0].scratch"])
    }
    assert.deepStrictEqual(wrong("rules:\n  - nodes: state:stale\n"), [
      2,
      "rules[0].nodes",
      "asks how nodes stand, which changes",
    ])
    assert.deepStrictEqual(wrong("rules:\n  - nodes: 'a,'\n").slice(0, 2), [2, "rules[0].nodes"])
  })

  it("says on a cluster what nodes need there, and what its jobs ask for, also of what was raised", () => {
    const cluster = onCluster(fileOf(text), graph)
    const nodeOf = (name: string) => cluster.graph.nodes.get(name) ?? assert.fail(name)
    assert.deepStrictEqual(nodeOf("score/t5").resources, {
      cpu: 1.5,
      memory: 1256,
      gpu: 0,
      timeout: 7200,
      retries: { memory: 5, time: 3 },
    })
    const { resources } = nodeOf("train/t5-large")
    assert.deepStrictEqual([resources.memory, resources.timeout, resources.gpu], [65_536, 129_600, 1])
    const asked = cluster.classOf({ node: "train/t5-large", resources }, resources.timeout)
    assert.deepStrictEqual([asked.cpus, asked.memory, asked.time, asked.gres, asked.together], [
      4,
      131_072,
      129_600,
      "gpu:1",
      2,
    ])
    const raised = cluster.classOf({ node: "train/t5-large", resources: { ...resources, memory: 131_072 } }, 259_200)
    assert.deepStrictEqual([raised.memory, raised.time], [262_144, 259_200])
    assert.notStrictEqual(raised.id, asked.id)
    assert.strictEqual(cluster.classOf({ node: "train/t5-large", resources }, resources.timeout).id, asked.id)
  })
})

describe("the script of a batch", () => {
  it("holds what is asked for, the user's options last, and starts the program in its own place", () => {
    const { graph: { nodes }, classOf } = onCluster(
      fileOf(text.replace("    share: 2", "    scratch: /scratch/$USER")),
      graph,
    )
    const { resources } = nodes.get("train/t5-large") ?? assert.fail("no node")
    const script = scriptOf({
      id: "b1",
      jobName: "redag-b1",
      class: classOf({ node: "train/t5-large", resources }, resources.timeout),
      tasks: 4,
      atOnce: 2,
    }, {
      root: "/home/a b/100%",
      command: ["/n o/node", "/p/it's/dag.js"],
      output: "/home/a b/100%/logs/b1.{task}.log",
    })
    assert.strictEqual(
      script,
      `#!/bin/bash -l
#SBATCH --job-name=redag-b1
#SBATCH --array=0-3%2
#SBATCH --chdir="/home/a b/100%"
#SBATCH --output="/home/a b/100%%/logs/b1."%a.log
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --export=ALL
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=2
#SBATCH --mem=65536M
#SBATCH --partition=gpu
#SBATCH --gres=gpu:1
#SBATCH --time=1-12:00:00
#SBATCH --signal=B:USR1@120
#SBATCH --exclude=node7

set -e
trap "" USR1
module load cuda/12.4
export DAG_SCRATCH="/scratch/$USER"
exec '/n o/node' '/p/it'\\''s/dag.js' batch b1 "$SLURM_ARRAY_TASK_ID"
`,
    )
  })
})

describe("times and sizes", () => {
  it("are read as Slurm writes them, and with units", () => {
    const times = {
      "30": 1800,
      "90m": 5400,
      "2h": 7200,
      "1d12h": 129_600,
      "10:30": 630,
      "1:00:05": 3605,
      "2-12": 216_000,
    }
    for (const [text, seconds] of Object.entries(times)) assert.strictEqual(secondsIn(text), seconds, text)
    for (const none of ["", "0", "soon", "1:2:3:4", "-5", "1-"]) assert.strictEqual(secondsIn(none), undefined, none)
    assert.deepStrictEqual([59, 3600, 90_061].map(clock), ["00:00:59", "01:00:00", "1-01:01:01"])
    assert.deepStrictEqual(["64G", "1.5g", "512 MB", 300].map(mebibytesOf), [65_536, 1536, 512, 300])
    assert.deepStrictEqual(["", "G", "0", "4K", "lots"].map(mebibytesOf), [
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe("what a cluster has", () => {
  const partitions = partitionsIn([
    "cpu*|infinite|c1|32|64000|(null)|idle",
    "cpu*|infinite|c2|64|128000|(null)|down*",
    "gpu|1-00:00:00|g1|16|500000|gpu:a100:4(S:0-1)|mixed",
  ].join("\n"))

  it("is found node by node", () => {
    assert.deepStrictEqual(
      partitions.map(({ name, isDefault, limit, nodes }) => [name, isDefault, limit, nodes.length]),
      [
        ["cpu", true, undefined, 2],
        ["gpu", false, 86_400, 1],
      ],
    )
  })

  it("is held against what jobs ask for", () => {
    assert.deepStrictEqual(lackingIn({}, partitions), [])
    assert.deepStrictEqual(
      lackingIn({ partition: "gpu", gres: "gpu:a100:1", memory: 400_000, cpus: 16 }, partitions),
      [],
    )
    const lacking = (options: Parameters<typeof lackingIn>[0]) =>
      lackingIn(options, partitions).map(({ field, problem }) => [field, problem])
    assert.deepStrictEqual(lacking({ partition: "gpu", gres: "gpu:h100:1" }), [
      ["gres", "gres gpu:h100:1: no node of partition gpu has any"],
    ])
    assert.deepStrictEqual(lacking({ partition: "gpu", time: 90_000 }), [
      ["time", "time 1-01:00:00: partition gpu allows 1-00:00:00"],
    ])
    assert.deepStrictEqual(lacking({ cpus: 33, share: 2 }), [
      ["cpus", "66 CPUs: no node of partition cpu has more than 64"],
    ])
    assert.deepStrictEqual(lacking({ partition: "big" }), [
      ["partition", "there is no partition \"big\"; there are cpu, gpu"],
    ])
  })
})
