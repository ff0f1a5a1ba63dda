import { Effect, Layer } from "effect"
import { availableParallelism } from "node:os"
import * as Apart from "../store/apart.ts"
import type { Disk } from "../store/disk.ts"
import type { ActionRecord } from "../store/record.ts"
import { type Execute, Executor } from "./executor.ts"
import * as LocalExecutor from "./local.ts"
import type { ProgramFolders } from "./program.ts"
import { makeThreads } from "./threads.ts"

/** The word by which a worker knows that it works apart from the store; the folder of its own store comes after it. */
export const apartWord = "worker-apart"

/** What executes actions apart from the store: the programs, and the program that is started for a worker. */
export interface Programs extends ProgramFolders {
  readonly program: string
}

/**
 * Executes a recorded action again and gives the record of what it made: in a thread or in a process of its own, as its
 * stage wants it, which ends with the effect.
 *
 * Inputs and code come from the store, verified as they are read. Whatever is made, the record too, goes into a store of
 * its own in the folder `scratch`, so that the two can be compared; the caller removes it. Fails as an execution does:
 * with a StoreError that names `damaged` where an input is damaged, with an InputError where a file of the user is gone
 * or has other bytes, with a StageError where the build lacks the program.
 */
export const executeAgain = (
  record: ActionRecord,
  isolation: "inline" | "process",
  programs: Programs,
  apart: Apart.Apart,
  advanced: Parameters<Execute>[1],
) => {
  const { key, preImage, node, files, resources, environment: { commit, dirty } } = record
  const job = { key, preImage, node, files, resources, environment: { commit, dirty } }
  const command = { program: programs.program, arguments: [apartWord, apart.scratch] }
  const executor: Layer.Layer<Executor, never, Disk> = LocalExecutor.layer(
    makeThreads(programs, { most: availableParallelism(), behind: apart.behind, soon: false }),
    command,
  ).pipe(Layer.provide(Apart.layer(apart)))
  return Effect.flatMap(Executor, ({ execute }) => execute(job, isolation, advanced)).pipe(
    Effect.provide(executor),
  )
}
