#!/usr/bin/env node
/**
 * The `dag` command: finds the project, makes sure that its build is of the sources as they are now, and starts it.
 *
 * Only Node's own modules are loaded here, so that an unchanged project starts at once.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import * as nodeModule from "node:module"
import { constants } from "node:os"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { stripVTControlCharacters } from "node:util"
import { OldBuilder } from "./builder.ts"
import { otherCopy } from "./copies.ts"
import { currentBuild, isCurrentTool } from "./current.ts"

const fail = (message: string, help: string): never => {
  process.stderr.write(`error: ${message}\n  help: ${help}\n`)
  process.exit(1)
}

const projectRoot = (): string => {
  for (let folder = process.cwd();; folder = dirname(folder)) {
    if (existsSync(join(folder, "dag.config.ts"))) return folder
    if (folder === dirname(folder)) {
      return fail(`there is no dag.config.ts in ${process.cwd()} or above it`, "run dag inside a project")
    }
  }
}

/** Bundles the command of redag's sources as they are now, and runs it in the place of this one. */
const startAgain = async (packageRoot: string): Promise<void> => {
  const { bundleTool } = await import("./tool.ts")
  await bundleTool(packageRoot)
  const words = [...process.execArgv, join(packageRoot, "dist/dag.js"), ...process.argv.slice(2)]
  const child = spawn(process.execPath, words, { stdio: "inherit" })
  // The terminal tells both; the other one decides what becomes of it.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal))
  const [code, signal] = await once(child, "close") as [number | null, NodeJS.Signals | null]
  process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal])
}

/** What keeps a project from being built, and what to do. */
const unbuildable = (cause: unknown): readonly [message: string, help: string] => {
  const message = stripVTControlCharacters(cause instanceof Error ? cause.message : String(cause))
  // A problem that names its place says what to do by itself.
  return cause instanceof Error && "file" in cause && "line" in cause && "help" in cause
    ? [
      `${String(cause.file)}${typeof cause.line === "number" ? `:${cause.line}` : ""}: ${message}`,
      String(cause.help),
    ]
    : [`the project does not build: ${message}`, "fix the source; npx tsc shows type errors too"]
}

const main = async () => {
  const major = Number(process.versions.node.split(".")[0])
  if (major < 24) {
    fail(
      `this is Node ${process.versions.node}, and redag needs 24`,
      "start it with npx in the folder of redag, or put node_modules/.bin of that folder first on PATH: the Node is there",
    )
  }
  const root = projectRoot()
  const packageRoot = dirname(dirname(import.meta.filename))
  // The bundler takes what follows for a query, and would look for other files for ever.
  const asking = [root, packageRoot].find((folder) => folder.includes("?"))
  if (asking !== undefined) return fail(`the path ${asking} has a question mark`, "rename that folder")
  const other = otherCopy(root, packageRoot)
  if (other !== undefined) {
    return fail(
      `this is the dag of ${packageRoot}, and ${root} ${
        other === root ? "is another copy of redag" : `has its own copy of redag in ${other}`
      }`,
      `run npx dag in ${root}, or node ${join(other, "dist/dag.js")}`,
    )
  }
  const toolIsCurrent = isCurrentTool(packageRoot)
  let record = toolIsCurrent ? currentBuild(root, packageRoot) : undefined
  if (record === undefined) {
    try {
      if (!toolIsCurrent) return await startAgain(packageRoot)
      const { build } = await import("./build.ts")
      record = await build(root, packageRoot).catch((cause: unknown) => {
        if (cause instanceof OldBuilder) return undefined
        throw cause
      })
      if (record === undefined) return await startAgain(packageRoot)
    } catch (cause) {
      return fail(...unbuildable(cause))
    }
  }
  // By way of the namespace: a Node that lacks it would not even get to the message about its version above.
  nodeModule.enableCompileCache(join(root, "dist/compile-cache"))
  await import(pathToFileURL(join(root, "dist", record.id, "main.mjs")).href)
}

await main()
