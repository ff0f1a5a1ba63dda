import { afterAll, assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { eventually, repository, sharedProject } from "../../rig/project.ts"

const tmux = ["/usr/bin/tmux", "/bin/tmux", "/usr/local/bin/tmux", "/opt/homebrew/bin/tmux"].find((path) =>
  existsSync(path)
)
const why = tmux === undefined ? " [skipped: no program `tmux` to give the command a terminal]" : ""

/** A server of its own, so that nobody's sessions are touched. */
const server = `redag-${process.pid}`
const ask = (...words: ReadonlyArray<string>): string =>
  execFileSync(tmux ?? "", ["-L", server, ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })

describe.skipIf(tmux === undefined)(`the screen of a terminal${why}`, () => {
  const project = sharedProject()
  afterAll(() => {
    try {
      ask("kill-server")
    } catch {
      // It ends by itself with its last session.
    }
  })

  /**
   * Starts a command on a terminal of its own, which stays when the command has ended and says its exit code. The shell
   * stays for every Ctrl-C, also for one that was meant for the command and comes after its end.
   */
  const open = async (width: number, height: number, words: string, behaviour: object) => {
    const dag = `${join(repository, "node_modules/.bin/node")} ${join(repository, "dist/dag.js")}`
    const size = ["-x", String(width), "-y", String(height)]
    const command = `trap : INT; ${dag} ${words}; code=$?; trap "" INT; echo "ended with $code"; sleep 1000`
    const started = project.startProgram(tmux ?? "", ["-L", server, "new-session", "-d", ...size, command], {
      RIG_BEHAVIOUR: JSON.stringify(behaviour),
      TERM: "xterm",
    })
    // The server keeps the pipes open; that it was started is seen by its answers.
    started.process.unref()
    await eventually("the terminal is there", () => screen() === undefined ? undefined : true)
  }
  const screen = (): ReadonlyArray<string> | undefined => {
    try {
      return ask("capture-pane", "-p").split("\n").map((line) => line.trimEnd())
    } catch {
      return undefined
    }
  }
  const showing = (pattern: RegExp): Promise<ReadonlyArray<string>> =>
    eventually(`the screen shows ${pattern.source}`, () => {
      const lines = screen() ?? []
      return lines.some((line) => pattern.test(line)) ? lines : undefined
    })
  const close = () => ask("kill-session")

  it("has one block at its foot while a run goes on, also after it was resized, and nothing of it after Ctrl-C", async () => {
    await open(80, 24, "run -y --profile heavy", { a: "wait", b: "wait" })
    await project.process("heavy", "a")
    await project.process("heavy", "b")
    const block = (lines: ReadonlyArray<string>) => lines.filter((line) => /^(running|stage) /u.test(line)).length
    // A screen may be looked at while it is drawn.
    const whole = (width: number) =>
      eventually(`a block at ${width} columns`, () => {
        const now = screen() ?? []
        const fits = now.every((line) => Array.from(line).length <= width)
        return fits && block(now) === 2 && now.filter((line) => line.startsWith("1 of 5 nodes")).length === 1
          ? now
          : undefined
      })
    await whole(80)
    for (const width of [38, 120, 60]) {
      ask("resize-window", "-x", String(width), "-y", "24")
      const lines = await whole(width)
      for (const line of lines) assert.isAtMost(Array.from(line).length, width)
    }
    // What goes on was drawn for the last width by then: a drawing may have begun before the program heard of it.
    for (const drawing of ["next", "second"]) {
      const before = (screen() ?? []).join("\n")
      await eventually(`the ${drawing} drawing`, () => (screen() ?? []).join("\n") === before ? undefined : true)
    }
    ask("send-keys", "C-c")
    const ended = await showing(/^ended with 130$/u)
    assert.strictEqual(block(ended), 0, ended.join("\n"))
    assert.notInclude(ended.join("\n"), "^C")
    assert.notInclude(ended.join("\n"), "of 5 nodes")
    assert.include(ended.join(" "), "Interrupted.")
    close()
  })

  it("has what a second Ctrl-C ends at once, and no rest of the block", async () => {
    await open(80, 24, "run -y heavy/b --profile heavy", { b: "spin" })
    await project.process("heavy", "b")
    await showing(/^running {2}heavy\/b/u)
    ask("send-keys", "C-c")
    await showing(/^Stopping;/u)
    // Within the time of one press a second one does not count.
    await eventually("the second one counts", () => {
      if ((screen() ?? []).includes("ended with 130")) return true
      ask("send-keys", "C-c")
      return undefined
    })
    assert.notMatch((screen() ?? []).join("\n"), /^running|^\d of \d nodes/mu)
    close()
  })

  it.each([80, 100, 140])("of %i columns holds the table of a status in whole lines", async (width) => {
    assert.strictEqual((await project.dag("run")).code, 0)
    await open(width, 60, "status", {})
    await showing(/^ended with 0$/u)
    const lines = screen() ?? []
    assert.isTrue(
      lines.some((line) => /^stage +up to date +will run +may run +missing files +blocked +not needed$/u.test(line)),
    )
    close()
  })
})
