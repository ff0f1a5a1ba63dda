import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Installed, installed, type PeerName, repository } from "./install.ts"
import { editProject, writeProject } from "./project.ts"
import { edited, shapeOf, type Step } from "./shape.ts"
import { jobs, type Timed, timed } from "./timed.ts"

/** One tool with a graph that it has brought up to date. */
export interface Peer {
  readonly name: string
  readonly version: string
  /** How it is started, which is its fastest way to do the same. */
  readonly how: string
  /** Brings all nodes up to date. */
  readonly prepare: () => void
  /** Runs it once. */
  readonly run: () => Timed
  /** Edits the input of one node; a run then executes that node and one behind it. */
  readonly edit: (value: number) => void
}

/** This build of redag, started as its command is. */
export const redag = (folder: string, nodes: number): Peer => {
  const tool = join(repository, "dist/dag.js")
  const run = () => timed(folder, process.execPath, [tool, "run", "--yes"])
  return {
    name: "redag",
    version: `of this checkout (Node ${process.versions.node})`,
    how: "dag run --yes, which takes digests for changes",
    prepare: () => {
      writeProject(folder, nodes)
      run()
    },
    run,
    edit: (value) => editProject(folder, value),
  }
}

/** Writes the files of a peer's project. */
const write = (folder: string, files: Readonly<Record<string, string>>): void => {
  mkdirSync(join(folder, "out"), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
}

const out = (name: string): string => `out/${name}`

/** The files that a node of a peer that works with files takes; the first node has none of its own. */
const sourcesOf = (shape: ReadonlyArray<Step>, { name, from }: Step): ReadonlyArray<string> => [
  ...from.map((index) => out(shape[index]?.name ?? "")),
  ...(name === edited ? ["edit.txt"] : from.length === 0 ? ["base.txt"] : []),
]

/** The outputs of all nodes as a run would write them, for tools that would take hours for that. */
const writeOutputs = (folder: string, shape: ReadonlyArray<Step>): void => {
  for (const { name } of shape) writeFileSync(join(folder, out(name)), `${name}\n`)
}

const inputs = { "base.txt": "1\n", "edit.txt": "0\n" }

const makefile = (shape: ReadonlyArray<Step>): string =>
  [
    `all: ${shape.map(({ name }) => out(name)).join(" ")}`,
    ...shape.map((step) => `${out(step.name)}: ${sourcesOf(shape, step).join(" ")}\n\tcat $^ > $@`),
    "",
  ].join("\n")

const buildNinja = (shape: ReadonlyArray<Step>): string =>
  [
    "rule node\n  command = cat $in > $out",
    ...shape.map((step) => `build ${out(step.name)}: node ${sourcesOf(shape, step).join(" ")}`),
    "",
  ].join("\n")

const snakefile = `import json
graph = json.load(open("graph.json"))
rule all:
    input: expand("out/{name}", name=graph)
rule node:
    input: lambda wildcards: graph[wildcards.name]
    output: "out/{name}"
    shell: "cat {input} > {output}"
`

const dvcYaml = (shape: ReadonlyArray<Step>): string =>
  JSON.stringify({
    stages: Object.fromEntries(shape.map((step) => {
      const deps = sourcesOf(shape, step)
      return [step.name, {
        cmd: `cat ${deps.join(" ")} > ${out(step.name)}`,
        deps,
        outs: [{ [out(step.name)]: { cache: false } }],
      }]
    })),
  })

const redunWorkflow = `import json
from redun import task
redun_namespace = "bench"

@task()
def node(name, by, *values):
    return by + sum(values)

@task()
def main(edit: int):
    made = []
    for index, step in enumerate(json.load(open("graph.json"))):
        by = edit if step["name"] == "${edited}" else index
        made.append(node(step["name"], by, *[made[source] for source in step["from"]]))
    return made
`

/** A peer with a graph of so many nodes in a folder of its own; undefined where it cannot be installed. */
export const peerOf = (name: PeerName, folder: string, nodes: number): Peer | undefined => {
  const tool = installed(name)
  if (tool === undefined) return undefined
  const shape = shapeOf(nodes)
  const edit = (value: number) => write(folder, { "edit.txt": `${value}\n` })
  const { version } = tool
  return { name, version, edit, ...ways[name](tool, folder, shape) }
}

type Way = (
  tool: Installed,
  folder: string,
  shape: ReadonlyArray<Step>,
) => Pick<Peer, "how" | "prepare" | "run"> & Partial<Pick<Peer, "edit">>

const ways: Readonly<Record<PeerName, Way>> = {
  make: ({ program }, folder, shape) => {
    const run = () => timed(folder, program, ["-rRs", "-j", jobs])
    return {
      how: "make -rRs -j, which takes times for changes",
      prepare: () => {
        write(folder, { ...inputs, Makefile: makefile(shape) })
        run()
      },
      run,
    }
  },
  ninja: ({ program }, folder, shape) => {
    const run = () => timed(folder, program, ["--quiet", "-j", jobs])
    return {
      how: "ninja --quiet -j, which takes times for changes",
      prepare: () => {
        write(folder, { ...inputs, "build.ninja": buildNinja(shape) })
        run()
      },
      run,
    }
  },
  snakemake: ({ program }, folder, shape) => ({
    how: "--rerun-triggers mtime, all nodes in one rule; outputs as if it had made them",
    prepare: () => {
      const graph = Object.fromEntries(shape.map((step) => [step.name, sourcesOf(shape, step)]))
      write(folder, { ...inputs, Snakefile: snakefile, "graph.json": JSON.stringify(graph) })
      writeOutputs(folder, shape)
    },
    run: () => timed(folder, program, ["--cores", jobs, "--quiet", "all", "--rerun-triggers", "mtime"]),
  }),
  dvc: ({ program }, folder, shape) => ({
    how: "dvc repro without a cache of outputs; outputs committed as if it had made them",
    prepare: () => {
      write(folder, { ...inputs, "dvc.yaml": dvcYaml(shape) })
      timed(folder, program, ["init", "--no-scm", "--quiet"])
      timed(folder, program, ["config", "core.analytics", "false"])
      timed(folder, program, ["config", "core.check_update", "false"])
      writeOutputs(folder, shape)
      timed(folder, program, ["commit", "--force", "--quiet"])
    },
    run: () => timed(folder, program, ["repro", "--quiet"]),
  }),
  redun: ({ program }, folder, shape) => {
    let value = 0
    const run = () => timed(folder, program, ["run", "workflow.py", "main", "--edit", String(value)])
    return {
      how: "tasks in its own process, values in SQLite; the edit is an argument",
      prepare: () => {
        write(folder, { "workflow.py": redunWorkflow, "graph.json": JSON.stringify(shape) })
        run()
      },
      run,
      edit: (next) => {
        value = next
      },
    }
  },
}
