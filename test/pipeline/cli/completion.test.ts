import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { delimiter, join } from "node:path"
import { repository, sharedProject } from "../../rig/project.ts"

/** How a shell is made to say what it would offer for a line; "SCRIPT" stands for the file that it reads. */
const shells: Readonly<Record<string, (line: string) => ReadonlyArray<string>>> = {
  bash: (line) => [
    "--norc",
    "-c",
    `source SCRIPT; COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; _dag; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  zsh: (line) => [
    "-f",
    "-c",
    // Outside its editor there is nothing to offer to: what is offered is printed.
    `compadd() { while [ "$1" != -- ]; do shift; done; shift; print -rl -- "$@" }; _files() { }; source SCRIPT
     line='${line}'; words=("\${(@s: :)line}"); CURRENT=\${#words}; _dag`,
  ],
  fish: (line) => ["--no-config", "-c", `source SCRIPT; complete -C '${line}'`],
}

const isInstalled = (shell: string): boolean => spawnSync(shell, ["-c", "exit"]).status === 0

describe("completion", () => {
  const project = sharedProject()

  const offered = (...words: ReadonlyArray<string>) =>
    project.dag("complete", "--", ...words).then(({ stdout }) => stdout.split("\n").filter((line) => line !== ""))

  it("offers commands, flags, profiles and the parts of selectors", async () => {
    const cases: ReadonlyArray<readonly [words: ReadonlyArray<string>, wanted: ReadonlyArray<string>]> = [
      [["pl"], ["plan"]],
      [["help", "aud"], ["audit"]],
      [["run", "--excl"], ["--exclude"]],
      [["plan", "--profile", "twin"], ["twins"]],
      [["plan", "--profile=twin"], ["--profile=twins"]],
      [["run", "--executor", ""], ["local", "slurm"]],
      [["run", "--executor=s"], ["--executor=slurm"]],
      [["ls", "ad"], ["add/"]],
      [["ls", "add/"], ["add/step0", "add/step1", "add/step2"]],
      [["ls", "--profile", "heavy", "heavy/"], ["heavy/a", "heavy/b", "heavy/c"]],
      [["ls", "read,+ad"], ["read,+add/"]],
      [["ls", "add clip/step1"], ["add clip/step1"]],
      [["ls", "by=1"], ["by=1", "by=10", "by=100"]],
      [["ls", "@stage=t"], ["@stage=total"]],
      [["run", "--exclude", "state:st"], ["state:stale"]],
      [["gc", "--checkpoints", "b"], ["best"]],
      [["pin", "ad"], []],
      [["pin", "name", "ad"], ["add/"]],
      [["diff", "la"], ["last"]],
      [["completion", "z"], ["zsh"]],
      [["key", ""], ["new", "show"]],
      [["key", "n"], ["new"]],
      [["key", "new", "--t"], ["--to"]],
      [["key", "show", ""], []],
      [["key", "shew", ""], []],
      [["engine", "r"], ["remove"]],
      [["nothing", "a"], []],
      [["show", "read/numbers:"], ["read/numbers:numbers"]],
      [["lineage", "add/step1:num"], ["add/step1:numbers"]],
      [["show", "nothing/here:"], []],
    ]
    for (const [words, wanted] of cases) {
      assert.deepStrictEqual(await offered(...words), [...wanted], words.join(" "))
    }
  })

  it("offers what filters choose from, and what engines can be added, of the experiment itself", () => {
    const of = (...words: ReadonlyArray<string>) =>
      spawnSync(join(repository, "node_modules/.bin/node"), [
        join(repository, "dist/dag.js"),
        "complete",
        "--",
        ...words,
      ], { cwd: repository, encoding: "utf8" }).stdout.split("\n").filter((line) => line !== "")
    assert.deepStrictEqual(of("run", "--profile", "demo", "--models", "t5"), ["t5-mini"])
    assert.deepStrictEqual(of("run", "--profile", "demo", "--models=t5-mini,bio"), ["--models=t5-mini,biogpt-mini"])
    assert.deepStrictEqual(of("ls", "--corpora", "cdr,dc"), ["cdr,dce"])
    assert.deepStrictEqual(of("engine", "a"), ["add"])
    assert.deepStrictEqual(of("engine", "add", ""), ["cuda"])
    assert.deepStrictEqual(of("engine", "add", "cuda", ""), [])
    assert.deepStrictEqual(of("engine", "list", ""), [])
  })

  it("offers no nodes, and no error, while the configuration is wrong", async () => {
    assert.deepStrictEqual(await offered("ls", "--profile", "cycle", "a"), [])
    assert.deepStrictEqual(await offered("ls", "--profile", "cy"), ["cycle"])
  })

  for (const [shell, wordsFor] of Object.entries(shells)) {
    it.skipIf(!isInstalled(shell))(`works in ${shell}, where that is installed`, async () => {
      const { code, stdout } = await project.dag("completion", shell)
      assert.strictEqual(code, 0)
      project.write("script", stdout)
      // As npm installs it.
      project.write("node_modules/.bin/dag", `#!/bin/sh\nexec node '${join(repository, "dist/dag.js")}' "$@"\n`)
      spawnSync("chmod", ["+x", project.path("node_modules/.bin/dag")])
      for (
        const [line, wanted] of [["dag pl", ["plan"]], ["dag ls add/", [
          "add/step0",
          "add/step1",
          "add/step2",
        ]]] as const
      ) {
        const answer = spawnSync(shell, wordsFor(line).map((word) => word.replace("SCRIPT", project.path("script"))), {
          cwd: project.root,
          encoding: "utf8",
          env: { ...process.env, PATH: [join(repository, "node_modules/.bin"), process.env["PATH"]].join(delimiter) },
        })
        assert.deepStrictEqual(answer.stdout.split("\n").filter((each) => each !== ""), [...wanted], answer.stderr)
      }
      if (shell === "bash") {
        // Bash has "=" end a word: what stands before it is there already.
        const [flag, command, text = ""] = wordsFor("dag ls by=10")
        const answer = spawnSync(shell, [flag ?? "", command ?? "", text.replace("SCRIPT", project.path("script"))], {
          cwd: project.root,
          encoding: "utf8",
        })
        assert.strictEqual(answer.stdout, "10\n100\n")
      }
    })
  }
})
