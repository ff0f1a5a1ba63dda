import { hash } from "node:crypto"
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { dirname, join, sep } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { type InputOptions, rolldown } from "rolldown"
import { madeOfSteadyFiles, noteSources, type SourceStates } from "../base/sources.ts"
import { loadedFile } from "../identity/programs.ts"
import { builderFiles, builderIn, OldBuilder } from "./builder.ts"
import { hostSource } from "./host.ts"
import type { LinkedProject } from "./link.ts"
import { loadedBuilder } from "./loaded-builder.ts"
import { bundledPage } from "./page.ts"
import { projectCode } from "./project-code.ts"

/**
 * Native packages and the bundler itself are loaded from node_modules; everything else is bundled. What ssh2 can be
 * without is native too.
 */
const external = [/^onnxruntime-node/u, /^@tensorflow\//u, /^@resvg\//u, /^rolldown/u, /^cpu-features$/u, /\.node$/u]

/** A build that nothing was started from for this long is removed; one action may take weeks. */
const longMs = 60 * 24 * 3600 * 1000

/** What `dist/build.json` says: which build is current, and the files it was made from. */
export interface BuildRecord {
  readonly id: string
  /** Where the project and redag stood: the bundle has both paths in it. */
  readonly root: string
  readonly packageRoot: string
  readonly sources: SourceStates
}

/**
 * Bundles the tool with a project's `dag.config.ts` into `dist/<id>/`, beside it the code of the project's stages, and
 * makes that build current.
 *
 * One program starts in a fraction of the time that loading a few hundred modules takes. Older builds stay for a
 * while, since runs in progress still load from them.
 *
 * Rejects with OldBuilder, and leaves the current build as it is, where redag changed since this process loaded it.
 */
export const build = async (root: string, packageRoot: string): Promise<BuildRecord> => {
  const dist = join(root, "dist")
  const draft = join(dist, `draft-${process.pid}`)
  // Under the name of the build that its notes belong to, a draft of other files would be taken for that build.
  const record = await madeOfSteadyFiles(() => {
    rmSync(draft, { recursive: true, force: true })
    return draftIn(draft, root, packageRoot)
  })
  // The record would say that this was made of sources by which it would have been made otherwise.
  if (builderIn(record.sources, packageRoot) !== loadedBuilder) {
    rmSync(draft, { recursive: true, force: true })
    throw new OldBuilder()
  }
  return makeCurrent(dist, draft, record)
}

/** Makes a build in a folder that nothing uses yet, and says what it was made of. */
const draftIn = async (draft: string, root: string, packageRoot: string): Promise<BuildRecord> => {
  const { code, linked, hosted, files, loaded } = await projectCode(root, packageRoot)
  const bundled = await bundle(root, packageRoot, hostSource(root, hosted, linked.messages), draft)
  writeFileSync(join(draft, "code.json"), JSON.stringify(code))
  writeFileSync(join(draft, "lines.json"), JSON.stringify(linked.map))
  copyFileSync(verifier(packageRoot), join(draft, "verify.mjs"))
  writeFileSync(loadedFile(draft), JSON.stringify(noteSources(loaded)))
  copyData(linked, join(draft, "programs"))
  // Programs import packages from here; a project without packages of its own uses those of redag.
  if (!existsSync(join(root, "node_modules"))) {
    symlinkSync(join(packageRoot, "node_modules"), join(draft, "node_modules"))
  }
  const sources = noteSources(
    [...bundled, verifier(packageRoot), ...files, ...builderFiles(packageRoot)],
    lockFiles(root, packageRoot),
  )
  const digests = Object.entries(sources.files).map(([path, { digest }]) => [path, digest])
  const id = hash("sha256", JSON.stringify([root, packageRoot, digests, code])).slice(0, 16)
  return { id, root, packageRoot, sources }
}

/** What a proof is verified with, as it is: whoever is given one reads it. */
const verifier = (packageRoot: string): string => join(packageRoot, "pipeline/report/proof/verify.mjs")

const makeCurrent = (dist: string, draft: string, draftRecord: BuildRecord): BuildRecord => {
  const folder = join(dist, draftRecord.id)
  const made = filesIn(draft)
  moveInto(draft, folder, made)
  // The build's own files too: where one is gone or damaged, the project is built again.
  const { files } = noteSources(made.map((name) => join(folder, name)))
  const { sources } = draftRecord
  const record = { ...draftRecord, sources: { ...sources, files: { ...sources.files, ...files } } }
  const temporary = join(dist, `build-${process.pid}.json`)
  writeFileSync(temporary, JSON.stringify(record))
  renameSync(temporary, join(dist, "build.json"))
  removeOld(dist)
  return record
}

/** The files of a folder, however deep; not those behind a link, as node_modules may be one. */
const filesIn = (folder: string, below = ""): ReadonlyArray<string> =>
  readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const name = join(below, entry.name)
    return entry.isDirectory() ? filesIn(folder, name) : entry.isFile() ? [name] : []
  })

/** Bundles the command with the project's configuration, and what programs share with it; gives the files that it read. */
const bundle = async (
  root: string,
  packageRoot: string,
  host: string,
  folder: string,
): Promise<ReadonlyArray<string>> => {
  const main = [
    `import { start } from ${JSON.stringify(join(packageRoot, "pipeline/cli/start.ts"))}`,
    `start({ load: () => import(${JSON.stringify(join(root, "dag.config.ts"))}), root: ${
      JSON.stringify(root)
    }, build: import.meta.dirname, program: import.meta.filename })`,
  ].join("\n")
  const thread = [
    `import { serve } from ${JSON.stringify(join(packageRoot, "pipeline/execute/thread.ts"))}`,
    "serve()",
  ].join("\n")
  const runner = [
    `import { runProof } from ${JSON.stringify(join(packageRoot, "pipeline/report/proof/runner.ts"))}`,
    `import { given } from "\0redag-host"`,
    `await runProof(given, process.argv[2])`,
  ].join("\n")
  const entries: Readonly<Record<string, string>> = {
    "\0redag-main": main,
    "\0redag-host": host,
    "\0redag-thread": thread,
    "\0redag-runner": runner,
  }
  const read = new Set<string>()
  /** By module, those that it cannot begin without. */
  const imports = new Map<string, ReadonlyArray<string>>()
  const made = await rolldown({
    ...bundling(packageRoot),
    // ssh2 asks where it stands, in a form that modules of today do not have.
    transform: {
      define: { __dirname: "import.meta.dirname" },
      inject: { "Intl.Segmenter": [join(packageRoot, "pipeline/cli/text/segmenter.ts"), "Segmenter"] },
    },
    input: { main: "\0redag-main", host: "\0redag-host", thread: "\0redag-thread", runner: "\0redag-runner" },
    plugins: [{
      name: "entries",
      resolveId: { filter: { id: /^\0redag-/u }, handler: (id) => (id in entries ? id : undefined) },
      load: { filter: { id: /^\0redag-/u }, handler: (id) => entries[id] },
      moduleParsed: ({ id, importedIds }) => {
        imports.set(id, importedIds)
        if (!id.startsWith("\0")) read.add(id.replace(/\?.*$/u, ""))
      },
    }, {
      name: "page",
      load: {
        filter: { id: /[\\/]pipeline[\\/]cli[\\/]ui[\\/]assets\.ts$/u },
        handler: async () => {
          const { files, script, style } = await bundledPage(packageRoot)
          for (const file of files) read.add(file)
          return `export const assets = ${JSON.stringify({ script, style })}`
        },
      },
    }],
  })
  await made.write({
    dir: folder,
    format: "esm",
    // Half of the bytes that each start would read and check are comments of packages.
    comments: false,
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name]-[hash].mjs",
    codeSplitting: {
      groups: [{ name: "first", test: neededBy(imports, first.map((file) => join(packageRoot, file))) }],
    },
  })
  await made.close()
  return [...read]
}

/** What a run with nothing to do begins with, which is one file then: to find and read many takes longer. */
const first = ["pipeline/cli/start.ts", "pipeline/cli/at-once.ts"]

/** Whether a module is one of these, or one that they cannot begin without; asked once all modules are known. */
const neededBy = (imports: ReadonlyMap<string, ReadonlyArray<string>>, modules: ReadonlyArray<string>) => {
  let needed: Set<string> | undefined
  return (id: string): boolean => {
    if (needed === undefined) {
      needed = new Set(modules)
      for (const each of needed) for (const imported of imports.get(each) ?? []) needed.add(imported)
    }
    return needed.has(id)
  }
}

/** How the bundler goes about a project, whatever it makes of it. */
export const bundling = (packageRoot: string): Omit<InputOptions, "input" | "plugins"> => ({
  platform: "node",
  external,
  // What it has to say of its speed and of the project's code is no concern of the user.
  onLog: (level, log) => {
    if (level === "warn" && log.code !== "PLUGIN_TIMINGS") process.stderr.write(`warning: ${plain(log.message)}\n`)
  },
  resolve: {
    alias: { redag: join(packageRoot, "pipeline/index.ts") },
    modules: ["node_modules", join(packageRoot, "node_modules")],
  },
  // What the engine does not use of its own modules is not loaded; none of them does anything but declare.
  treeshake: { moduleSideEffects: (id) => !id.startsWith(join(packageRoot, "pipeline") + sep) },
})

/** The bundler's words without the colours that it puts in them wherever they go. */
const plain = (message: string): string => stripVTControlCharacters(message).trimEnd()

/** npm writes these whenever it installs something, which may be what an import finds from then on. */
const lockFiles = (...roots: ReadonlyArray<string>): ReadonlyArray<string> =>
  roots.map((root) => join(root, "node_modules/.package-lock.json"))

const copyData = ({ data }: LinkedProject, folder: string): void => {
  mkdirSync(folder, { recursive: true })
  for (const [target, file] of data) {
    mkdirSync(dirname(join(folder, target)), { recursive: true })
    copyFileSync(file, join(folder, target))
  }
}

const moveInto = (draft: string, folder: string, files: ReadonlyArray<string>): void => {
  try {
    renameSync(draft, folder)
  } catch (cause) {
    // The same build is there: from before, or from another process that was faster. Commands in progress load from it,
    // so it stays, and what is gone or damaged in it is replaced.
    if (!existsSync(folder)) throw cause
    for (const name of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      renameSync(join(draft, name), join(folder, name))
    }
    rmSync(draft, { recursive: true })
    utimesSync(folder, new Date(), new Date())
  }
}

const removeOld = (dist: string): void => {
  for (const old of readdirSync(dist)) {
    if (!/^(?:[0-9a-f]{16}|draft-\d+)$/u.test(old)) continue
    // The draft of another process has another name by now.
    const used = statSync(join(dist, old), { throwIfNoEntry: false })?.mtimeMs
    if (used !== undefined && Date.now() - used > longMs) {
      rmSync(join(dist, old), { recursive: true, force: true })
    }
  }
}
