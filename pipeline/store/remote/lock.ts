import { randomBytes } from "node:crypto"
import { setTimeout } from "node:timers/promises"
import { digestOf } from "../../base/digest.ts"
import { systemCode } from "../../base/system.ts"
import type { Files } from "./files.ts"
import { readAll, writeFile } from "./small-files.ts"

/** For how long a lock is watched that stays the same before whoever holds it is taken for dead, in milliseconds. */
const DEAD = 15_000

/** A lock holds for a few calls; between two looks at one that is taken, this many milliseconds go by at most. */
const PAUSE = 40

/** Tells, just before what a lock is for, whether it is still held. */
export type StillHeld = () => Promise<boolean>

/**
 * Does something while no other process does it for the same name: files have no other way to replace a version.
 *
 * The lock is a second name of a file of one's own, which only one can get. One that stays the same for long was left
 * by somebody who died, and is broken by one alone: whoever gets a name made of the lock's content. That is `nonce`,
 * random digits of the caller, who with the same ones goes on with a lock that it got before its connection dropped.
 */
export const locked = async <A>(
  files: Files,
  folder: string,
  name: string,
  nonce: string,
  act: (stillHeld: StillHeld) => Promise<A>,
  dead = DEAD,
): Promise<A> => {
  const own = `${folder}/${nonce}-${randomBytes(4).toString("hex")}`
  const lock = `${folder}/lock-${digestOf(name)}`
  await writeFile(files, own, Buffer.from(nonce))
  const holder = async () => (await readAll(files, lock, 64))?.toString()
  const stillHeld = async () => (await holder()) === nonce
  try {
    let seen: { readonly nonce: string | undefined; readonly since: number; breaks: number } | undefined
    while (!(await files.link(own, lock)) && !(await stillHeld())) {
      const now = await holder()
      if (seen?.nonce !== now || seen === undefined) seen = { nonce: now, since: performance.now(), breaks: 0 }
      if (now !== undefined && performance.now() - seen.since > dead * (seen.breaks + 1)) {
        seen.breaks++
        // Who gets this name is alone in breaking that very lock; the name stays, for whoever else thought of it.
        if (await files.link(own, `${folder}/broken-${digestOf(now).slice(0, 24)}-${seen.breaks}`)) {
          await removeLock(files, lock, now, own)
        }
        continue
      }
      await setTimeout(PAUSE * (0.25 + 0.75 * Math.random()))
    }
    try {
      return await act(stillHeld)
    } finally {
      if (await stillHeld()) await files.unlink(lock)
    }
  } finally {
    await files.unlink(own)
  }
}

/**
 * Removes a lock that was found to be left. Whoever had it may have let it go this moment, and another have got it: that
 * one is put back, and whoever has it looks whether it does before what the lock is for.
 */
const removeLock = async (files: Files, lock: string, left: string, own: string): Promise<void> => {
  const aside = `${own}-aside`
  try {
    await files.rename(lock, aside)
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return
    throw thrown
  }
  if ((await readAll(files, aside, 64))?.toString() !== left) await files.link(aside, lock)
  await files.unlink(aside)
}
