import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"

const python = process.env["DAG_READERS"] ?? join(process.env["TMPDIR"] ?? tmpdir(), "redag-readers/bin/python")

/** Why the programs that read what is exported cannot be asked; undefined where they can. */
export const noReaders = existsSync(python) ? undefined : "test/readers/install.sh installs what reads it"

/** What a program beside this one says of a file or folder: the JSON that it prints. */
export const readBy = async (program: string, path: string): Promise<unknown> => {
  const { stdout } = await promisify(execFile)(python, [join(import.meta.dirname, program), path], {
    maxBuffer: 1 << 28,
  })
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "")
}
