import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Room that all projects of a run of the tests are sure not to need, in bytes. */
const enough = 4 * 2 ** 30

const roomIn = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/** Whether programs may be started from a folder: a file system may be mounted without that. */
const mayStartIn = (folder: string): boolean => {
  const program = join(folder, "program")
  writeFileSync(program, "#!/bin/sh\n", { mode: 0o755 })
  const { status } = spawnSync(program)
  rmSync(program)
  return status === 0
}

/**
 * Makes the folder that the projects of one run of the tests are in: in memory where the system has room there, since
 * what the tests show depends on no disk.
 */
export const makePlaces = (): string => {
  if (existsSync("/dev/shm") && roomIn("/dev/shm") > enough) {
    const places = mkdtempSync("/dev/shm/redag-rig-")
    if (mayStartIn(places)) return places
    empty(places)
  }
  return mkdtempSync(join(tmpdir(), "redag-rig-"))
}

/** Removes a file or folder into which a worker of a command that was just killed may still write. */
export const empty = (path: string): void => {
  rmSync(path, { recursive: true, force: true, maxRetries: 10 })
}

/** Says that a place has a project. */
const mark = "taken"

/** What stays in a place: the builds of its project, and which of them is of its sources as they are at first. */
const kept: ReadonlySet<string> = new Set(["dist", "first-build.json"])

/**
 * Takes a place for a project of a kind, which may have the builds of an earlier one of that kind: a path is in a build,
 * so that only a project at the same path can have it.
 */
export const takePlace = (kind: string): string => {
  const places = process.env["RIG_PLACES"] ?? makePlaces()
  for (let number = 0;; number++) {
    const place = join(places, `${kind}-${number}`)
    mkdirSync(place, { recursive: true })
    try {
      mkdirSync(join(place, mark))
      return place
    } catch (cause) {
      if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw cause
    }
  }
}

/** Empties a folder but for builds. */
export const emptyFolder = (folder: string): void => {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) if (!kept.has(name)) empty(join(folder, name))
}

/** Gives a place back, with a project in one of its folders, of which only the builds stay. */
export const givePlace = (place: string, project: string): void => {
  emptyFolder(join(place, project))
  for (const name of readdirSync(place)) {
    if (!kept.has(name) && name !== project && name !== mark) empty(join(place, name))
  }
  empty(join(place, mark))
}
