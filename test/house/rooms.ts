import type { Way } from "./outside.ts"

/**
 * The rooms of the repository and what each may import: nothing that is not named here is allowed.
 *
 * A room is a folder with all that is below it, or one file. `*` stands for one part of a path, each a room of its
 * own. A file belongs to the first room of the table that holds it. A room may always import itself.
 */
export interface Room {
  readonly room: string
  /** Other rooms, or folders of them, that it may import, types included. */
  readonly may: ReadonlyArray<string>
  /** npm packages and Node's modules; `node:*` for all of Node's. */
  readonly packages: ReadonlyArray<string>
}

const pipeline = (
  room: string,
  may: ReadonlyArray<string>,
  packages: ReadonlyArray<string> = [],
  files: ReadonlyArray<string> = [],
): Room => ({
  room: `pipeline/${room}`,
  may: [...may.map((name) => `pipeline/${name}`), ...files],
  packages: ["effect", "node:*", ...packages],
})

const models = (room: string, may: ReadonlyArray<string>, packages: ReadonlyArray<string> = []): Room => ({
  room: `models/${room}`,
  may: may.map((name) => `models/${name}`),
  packages: ["effect", "node:*", ...packages],
})

/** Every room of the repository, those with narrower paths first. */
export const rooms: ReadonlyArray<Room> = [
  { room: "schemas", may: ["pipeline/index.ts"], packages: ["effect"] },

  pipeline("base", [], ["hyparquet"]),
  pipeline("graph", ["base"], ["adm-zip", "yaml"]),
  pipeline("identity", ["base", "graph"]),
  pipeline("store", ["base", "graph", "identity"], ["aws4fetch", "hyparquet", "hyparquet-writer", "saxes", "ssh2"]),
  pipeline("status", ["base", "graph", "identity", "store"]),
  pipeline("execute", ["base", "graph", "identity", "store"]),
  pipeline("run", ["base", "graph", "identity", "store", "status", "execute"]),
  pipeline("report", ["base", "graph", "identity", "store", "status", "run", "execute", "doctor"], [
    "@bufbuild/protobuf",
    "adm-zip",
  ]),
  // The pinned Node.
  pipeline("doctor", ["base", "graph", "store", "run", "execute"], [], ["package.json"]),
  pipeline("cli", [
    "base",
    "graph",
    "identity",
    "store",
    "status",
    "run",
    "execute",
    "report",
    "doctor",
  ], ["@effect/platform-node", "chokidar"]),
  // It completes the lock file.
  pipeline("build", ["base", "graph", "identity", "cli"], ["rolldown"], ["package.json", "package-lock.json"]),
  pipeline("index.ts", ["base", "graph", "identity", "store", "status", "run", "execute", "report", "doctor"]),

  models("kernels", []),
  models("ir", []),
  models("patterns", [], ["re2js"]),
  models("tokenizers", ["ir", "patterns"], ["@bufbuild/protobuf"]),
  models("architectures", ["ir", "kernels"]),
  models("training", ["architectures", "ir", "kernels", "tokenizers"]),
  models("generation", ["architectures", "ir", "tokenizers", "training"]),
  models("checkpoints", ["architectures", "generation", "ir", "tokenizers"]),
  models("memory", ["architectures", "generation", "ir", "tokenizers", "training"]),
  models("engines", ["ir"], ["@bufbuild/protobuf", "@tensorflow/tfjs-core", "onnxruntime-node"]),
  models("hub", []),

  { room: "stages/shared", may: ["pipeline/index.ts", "schemas", "models"], packages: ["effect", "node:*"] },
  {
    room: "stages/*",
    may: ["pipeline/index.ts", "schemas", "models", "stages/shared"],
    packages: ["effect", "node:*", "saxes"],
  },

  {
    room: "experiment",
    may: ["pipeline/index.ts", "schemas", "stages", "models/engines", "models/hub"],
    packages: ["effect", "node:*", "linkedom", "@resvg/resvg-js", "@observablehq/plot"],
  },
  {
    room: "dag.config.ts",
    may: ["pipeline/index.ts", "schemas", "stages", "experiment"],
    packages: ["node:*"],
  },
  // It runs in a browser, and knows of the engine what travels.
  { room: "page", may: ["pipeline/cli/ui/messages.ts"], packages: ["preact"] },
  { room: "bundled", may: ["stages", "schemas", "pipeline/index.ts"], packages: ["node:*"] },
  {
    room: "bench",
    may: [
      "models",
      "stages",
      "experiment",
      "schemas",
      "pipeline",
      "dag.config.ts",
      "bundled",
      "test/models",
      "test/parity",
      "test/slurm",
    ],
    packages: ["effect", "node:*", "onnxruntime-node", "playwright-core"],
  },
  {
    room: "test",
    may: ["models", "stages", "experiment", "schemas", "pipeline", "dag.config.ts", "bundled", "bench", "docs"],
    packages: ["*"],
  },
]

/** Where an import, or a URL beside the module, may be an expression: nobody can say what that loads. */
export const computedImports: ReadonlyArray<{ readonly in: string; readonly why: string }> = [
  { in: "pipeline/build/launcher.ts", why: "starts the build that it has just found or made" },
  { in: "pipeline/build/engine.ts", why: "loads the engine that it has just found or made" },
  { in: "pipeline/execute/program.ts", why: "starts the program of a node, and what it imports by computed names" },
  { in: "pipeline/report/proof/runner.ts", why: "starts the programs of a proof, in a process without rights" },
  { in: "models/engines/probe.ts", why: "asks whether an optional package is installed" },
  { in: "models/engines/tensorflow/load.ts", why: "loads an optional package, by a constant name" },
  { in: "models/kernels/build.ts", why: "a tool: no stage reaches it" },
  { in: "bundled/make.ts", why: "a tool: no stage reaches it" },
  { in: "test", why: "reads templates and references by a list of their names" },
]

/** What a module of stages/ or models/ may take from outside its key, and why no result depends on it. */
export interface Allowance {
  /** A file, or a folder with all below it. */
  readonly in: string
  readonly ways: ReadonlyArray<Way>
  readonly why: string
}

export const allowances: ReadonlyArray<Allowance> = [
  {
    in: "stages/ingest/source.ts",
    ways: ["files"],
    why: "reads source files, whose contents are in the key, by the paths that the engine gives",
  },
  {
    in: "stages/split/stage.ts",
    ways: ["files"],
    why: "reads a source file, whose content is in the key, by the path that the engine gives",
  },
  {
    in: "stages/predictions/lines.ts",
    ways: ["files"],
    why: "reads a file of predictions, whose content is in the key, by the path that the engine gives",
  },
  {
    in: "stages/finetune/saved-state.ts",
    ways: ["files"],
    why: "reads the state of an unfinished training of the same key, which goes on to the same bytes",
  },
  {
    in: "stages/finetune/training.ts",
    ways: ["clock"],
    why: "when to save, and the speeds, an output of their own that is declared to differ from run to run",
  },
  {
    in: "stages/pretrained/stage.ts",
    ways: ["environment"],
    why: "HF_HOME, HF_TOKEN, HF_ENDPOINT and the like: where a repository comes from; its commit is an output",
  },
  {
    in: "stages/ask/account.ts",
    ways: ["environment"],
    why: "the key of an account, from the variable that a param names: it opens an endpoint and is in no answer",
  },
  {
    in: "stages/ask/send.ts",
    ways: ["network", "chance"],
    why:
      "asks an endpoint, and when: each reply is kept by the digest of all that was asked, and never asked for again",
  },
  {
    in: "models/hub",
    ways: ["files", "machine", "network", "clock", "chance"],
    why: "downloads: every file is checked against the digest that the Hub names, whenever and wherever from",
  },
  {
    in: "models/checkpoints",
    ways: ["files"],
    why: "reads checkpoints, which are inputs and so in the key, by the paths that the engine gives",
  },
  {
    in: "models/memory/available.ts",
    ways: ["files", "machine"],
    why: "how much memory there is, which decides whether a training starts, never what it makes",
  },
  {
    in: "models/engines/probe.ts",
    ways: ["machine", "clock", "code"],
    why: "which engines work here; the engine that a stage takes is recorded with its outputs",
  },
  {
    in: "models/engines/cuda/install.ts",
    ways: ["processes", "files", "code"],
    why: "a tool that installs libraries by their digests: no stage reaches it",
  },
  {
    in: "models/engines/cuda/folder.ts",
    ways: ["environment", "files", "machine"],
    why: "where pinned libraries of CUDA are; the engine is recorded with its outputs",
  },
  {
    in: "models/engines/cuda/load.ts",
    ways: ["environment", "machine", "code"],
    why: "loads pinned libraries of CUDA, where they load; the engine is recorded with its outputs",
  },
  {
    in: "models/engines/tensorflow/load.ts",
    ways: ["environment", "code"],
    why: "TF_* variables that are set, never read, before an optional package is loaded by its constant name",
  },
  {
    in: "models/engines/onnx/engine.ts",
    ways: ["environment"],
    why: "NVIDIA_TF32_OVERRIDE is set, never read, so that CUDA multiplies in float32",
  },
  {
    in: "models/kernels/build.ts",
    ways: ["environment", "files", "machine", "processes", "code"],
    why: "a tool that compiles the kernels: no stage reaches it",
  },
]
