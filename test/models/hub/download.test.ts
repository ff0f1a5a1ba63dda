import { assert, describe, it } from "@effect/vitest"
import { mkdir, readdir, readFile, readlink, stat, unlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { COMMIT, fetched, folderOf, gitSha1, model, NEEDED, noise, refused, sha256, withRig } from "./rig.ts"

describe("a download", () => {
  it("brings what a model needs and nothing else, with the sha256 of each file", () =>
    withRig(async ({ hub, options }) => {
      const { snapshot, events } = await fetched(options)
      const { files } = model()
      assert.deepStrictEqual(
        snapshot.files.map(({ name, size, sha256 }) => [name, size, sha256]),
        NEEDED.map((name) => [name, files[name]?.length, sha256(files[name] ?? new Uint8Array())]),
      )
      assert.strictEqual(snapshot.commit, COMMIT)
      for (const { name, path } of snapshot.files) {
        assert.strictEqual(path, join(snapshot.folder, name))
        assert.deepStrictEqual(new Uint8Array(await readFile(path)), new Uint8Array(files[name] ?? []))
      }
      const total = snapshot.files.reduce((sum, { size }) => sum + size, 0)
      assert.deepStrictEqual(events.at(-1), { file: "model.safetensors", done: total, total })
      assert.isFalse(hub.seen.some(({ path }) => /README|h5|pytorch/u.test(path)))
    }))

  it("brings no weights of a model of which only the tokenizer is wanted, and all of it later", () =>
    withRig(async ({ hub, options }) => {
      const described = NEEDED.slice(0, -1)
      const { snapshot } = await fetched({ ...options, parts: "tokenizer" })
      assert.deepStrictEqual(snapshot.files.map(({ name }) => name), described)
      assert.isFalse(hub.seen.some(({ path }) => /model\.safetensors|bin$/u.test(path)))
      hub.seen.length = 0
      assert.deepStrictEqual((await fetched(options)).snapshot.files.map(({ name }) => name), [...NEEDED])
      assert.isTrue(described.every((name) => hub.bodies(name).length === 0))
    }))

  it("needs no weights where only the tokenizer is wanted, but a tokenizer", () =>
    withRig(async ({ hub, options }) => {
      const { files: { "model.safetensors": _, "pytorch_model.bin": __, ...files } } = model()
      hub.repositories.set("org/model", { commit: COMMIT, files })
      assert.match((await refused(options)).message, /no weights that are read/u)
      assert.lengthOf((await fetched({ ...options, parts: "tokenizer" })).snapshot.files, 3)
      const { "tokenizer.json": ___, "spiece.model": ____, ...rest } = files
      hub.repositories.set("org/model", { commit: "e".repeat(40), files: rest })
      const { message } = await refused({ ...options, parts: "tokenizer" })
      assert.match(message, /org\/model has no tokenizer that is read: none of tokenizer\.json/u)
    }))

  it("lays the cache out as Hugging Face does", () =>
    withRig(async ({ home, options }) => {
      await fetched({ ...options, revision: "refs/pr/1" })
      const { files } = model()
      const folder = folderOf(home)
      assert.strictEqual(await readFile(join(folder, "refs", "refs", "pr", "1"), "utf8"), COMMIT)
      const [config = new Uint8Array(), weights = new Uint8Array()] = [files["config.json"], files["model.safetensors"]]
      const link = (name: string): Promise<string> => readlink(join(folder, "snapshots", COMMIT, name))
      assert.strictEqual(await link("config.json"), `../../blobs/${gitSha1(config)}`)
      assert.strictEqual(await link("model.safetensors"), `../../blobs/${sha256(weights)}`)
      assert.strictEqual((await readdir(join(folder, "blobs"))).length, NEEDED.length)
      assert.deepStrictEqual(await readdir(join(home, "hub", ".locks", "models--org--model")), [])
    }))

  it("asks only which commit a branch is when it is there already, and nothing for a commit", () =>
    withRig(async ({ hub, options }) => {
      const first = await fetched(options)
      hub.seen.length = 0
      assert.deepStrictEqual((await fetched(options)).snapshot, first.snapshot)
      assert.deepStrictEqual(hub.seen.map(({ path }) => path), ["/api/models/org/model/revision/main"])
      hub.seen.length = 0
      const { snapshot } = await fetched({ ...options, revision: COMMIT })
      assert.deepStrictEqual(snapshot.files, first.snapshot.files)
      assert.lengthOf(hub.seen, 0)
    }))

  it("fetches of a new commit only what has changed", () =>
    withRig(async ({ hub, options, home }) => {
      await fetched(options)
      const next = "f".repeat(40)
      const { files } = model()
      hub.repositories.set("org/model", { commit: next, files: { ...files, "config.json": Buffer.from("{}") } })
      const { snapshot } = await fetched(options)
      assert.strictEqual(snapshot.commit, next)
      assert.lengthOf(hub.bodies("model.safetensors"), 1)
      assert.strictEqual(await readFile(join(snapshot.folder, "config.json"), "utf8"), "{}")
      assert.strictEqual(await readFile(join(folderOf(home), "refs", "main"), "utf8"), next)
      assert.deepStrictEqual((await readdir(join(folderOf(home), "snapshots"))).toSorted(), [COMMIT, next])
    }))

  it("fetches the files that an index names, each once", () =>
    withRig(async ({ hub, options }) => {
      const [one, two] = ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"]
      const index = JSON.stringify({ metadata: { total_size: 3 }, weight_map: { a: two, b: one, c: one } })
      const files = {
        "config.json": Buffer.from("{}"),
        "pytorch_model.bin.index.json": Buffer.from(index),
        [one]: noise(5000, 5),
        [two]: noise(6000, 6),
        "pytorch_model-00003-of-00002.bin": noise(10, 7),
      }
      hub.repositories.set("gpt2", { commit: COMMIT, files })
      const { snapshot, events } = await fetched({ ...options, repository: "gpt2" })
      assert.deepStrictEqual(
        snapshot.files.map(({ name }) => name),
        ["config.json", "pytorch_model.bin.index.json", one, two],
      )
      assert.strictEqual(events.at(-1)?.done, 2 + index.length + 11_000)
      hub.seen.length = 0
      await fetched({ ...options, repository: "gpt2", revision: COMMIT })
      assert.lengthOf(hub.seen, 0)
      const { [two]: _, ...lacking } = files
      hub.repositories.set("lacking", { commit: COMMIT, files: lacking })
      const error = await refused({ ...options, repository: "lacking" })
      assert.strictEqual(error.kind, "file")
      assert.include(error.message, two)
    }))

  const indices: Readonly<Record<string, readonly [content: string, kind: string]>> = {
    "a name outside the folder": ["{\"weight_map\":{\"a\":\"../../evil.safetensors\"}}", "protocol"],
    "an absolute name": ["{\"weight_map\":{\"a\":\"/etc/evil.safetensors\"}}", "protocol"],
    "a name with a backslash": ["{\"weight_map\":{\"a\":\"..\\\\evil.safetensors\"}}", "protocol"],
    "a file of another kind": ["{\"weight_map\":{\"a\":\"evil.py\"}}", "unusable"],
    "no names": ["{\"weight_map\":{}}", "unusable"],
    "no map": ["[]", "unusable"],
    "no JSON": ["<html>", "unusable"],
  }
  for (const [what, [content, kind]] of Object.entries(indices)) {
    it(`refuses an index with ${what}`, () =>
      withRig(async ({ hub, options }) => {
        hub.repositories.set("org/model", {
          commit: COMMIT,
          files: {
            "config.json": Buffer.from("{}"),
            "model.safetensors.index.json": Buffer.from(content),
            "evil.py": Buffer.from("import os"),
          },
        })
        assert.strictEqual((await refused(options)).kind, kind)
        assert.isFalse(hub.seen.some(({ path }) => path.includes("evil")))
      }))
  }

  it("names what a repository lacks", () =>
    withRig(async ({ hub, options }) => {
      const { files: { "config.json": _, ...noConfig } } = model()
      hub.repositories.set("org/no-config", { commit: COMMIT, files: noConfig })
      const config = await refused({ ...options, repository: "org/no-config" })
      assert.deepStrictEqual([config.kind, config.message], ["unusable", "org/no-config has no config.json"])
      hub.repositories.set("org/no-weights", { commit: COMMIT, files: { "config.json": Buffer.from("{}") } })
      const weights = await refused({ ...options, repository: "org/no-weights" })
      assert.strictEqual(weights.kind, "unusable")
      assert.match(weights.message, /no weights.*pytorch_model\.bin/u)
    }))

  it("sends the token to the Hub alone, never to the storage", () =>
    withRig(async ({ hub, home, options }) => {
      await writeFile(join(home, "token"), "hf_file\n")
      for (const [name, token, variables] of [["a", "hf_env", { HF_TOKEN: "hf_env" }], ["b", "hf_file", {}]] as const) {
        hub.seen.length = 0
        hub.repositories.set(name, { ...model(), token })
        await fetched({
          ...options,
          repository: name,
          environment: { ...options.environment, ...variables, HF_HUB_CACHE: join(home, name) },
        })
        const [own, other] = [hub.seen.filter((s) => s.server === "hub"), hub.seen.filter((s) => s.server === "cdn")]
        assert.isAbove(own.length, 4)
        assert.isTrue(own.every(({ authorization }) => authorization === `Bearer ${token}`))
        assert.lengthOf(other, 2)
        assert.isTrue(other.every(({ authorization }) => authorization === undefined))
      }
    }))

  it("follows a redirect of the Hub to itself, as for a renamed repository", () =>
    withRig(async ({ hub, options }) => {
      hub.repositories.set("org/model", { ...model(), token: "hf_a" })
      hub.fault = ({ path }) =>
        path.includes("org/old")
          ? { status: 307, headers: { location: path.replace("org/old", "org/model") } }
          : undefined
      const environment = { ...options.environment, HF_TOKEN: "hf_a" }
      const { snapshot } = await fetched({ ...options, repository: "org/old", environment })
      assert.deepStrictEqual(snapshot.files.map(({ name }) => name), [...NEEDED])
    }))

  it("takes a plain file from where the Hub keeps its copy, and its description from the redirect", () =>
    withRig(async ({ hub, options }) => {
      const { files } = model()
      hub.repositories.set("kept/org/model", model())
      hub.fault = ({ path }) => {
        const bytes = files[/^\/org\/model\/resolve\/[^/]+\/(.+\.json)$/u.exec(path)?.[1] ?? ""]
        if (bytes === undefined) return undefined
        const described = { "x-linked-etag": `"${gitSha1(bytes)}"`, "x-linked-size": `${bytes.length}` }
        return { status: 307, headers: { location: `/kept${path}`, "x-repo-commit": COMMIT, ...described } }
      }
      const { snapshot } = await fetched(options)
      assert.deepStrictEqual(snapshot.files.map(({ name }) => name), [...NEEDED])
      const kept = hub.seen.filter(({ path }) => path.startsWith("/kept/"))
      assert.deepStrictEqual(kept.map(({ method }) => method), ["GET", "GET"])
    }))

  it("tells how far it is without a flood of events", () =>
    withRig(async ({ hub, options }) => {
      hub.repositories.set("org/model", model(4_000_000))
      const start = performance.now()
      const { events } = await fetched(options)
      // One for each fifth of a second, and one for each file.
      assert.isBelow(events.length, 40 + (performance.now() - start) / 200)
      const done = events.map((event) => event.done)
      assert.deepStrictEqual(done, done.toSorted((a, b) => a - b))
    }))
})

describe("offline", () => {
  const offline = { HF_HUB_OFFLINE: "1" } as const

  it("uses what is in the cache and asks nobody", () =>
    withRig(async ({ hub, options }) => {
      const first = await fetched(options)
      hub.seen.length = 0
      const environment = { ...options.environment, ...offline }
      const { snapshot } = await fetched({ ...options, environment })
      assert.deepStrictEqual(snapshot, first.snapshot)
      assert.lengthOf(hub.seen, 0)
    }))

  it("says what is not there", () =>
    withRig(async ({ hub, home, options }) => {
      const environment = { ...options.environment, ...offline }
      for (const revision of ["main", COMMIT]) {
        const error = await refused({ ...options, revision, environment })
        assert.strictEqual(error.kind, "offline")
        assert.include(error.message, `revision "${revision}" of org/model is not in the cache`)
        assert.include(error.help, "HF_HUB_OFFLINE")
      }
      await fetched(options)
      await writeFile(join(folderOf(home), "refs", "broken"), "not a commit")
      assert.strictEqual((await refused({ ...options, revision: "broken", environment })).kind, "offline")
      await unlink(join(folderOf(home), "snapshots", COMMIT, "tokenizer.json"))
      assert.match((await refused({ ...options, environment })).message, /tokenizer\.json .* is not in the cache/u)
      assert.isAbove(hub.seen.length, 0)
    }))

  it("refuses a corrupt file", () =>
    withRig(async ({ options }) => {
      const { snapshot } = await fetched(options)
      const weights = snapshot.files.at(-1)?.path ?? ""
      await writeFile(weights, (await readFile(weights)).subarray(0, 1000))
      const error = await refused({ ...options, environment: { ...options.environment, ...offline } })
      assert.strictEqual(error.kind, "corrupt")
      assert.strictEqual((await stat(weights)).size, 1000)
    }))
})

describe("the cache", () => {
  it("downloads a truncated or altered file again, and says so", () =>
    withRig(async ({ hub, options }) => {
      const first = await fetched(options)
      const path = (name: string): string => join(first.snapshot.folder, name)
      await writeFile(path("model.safetensors"), (await readFile(path("model.safetensors"))).subarray(0, 5000))
      await writeFile(path("config.json"), "{\"model_type\":\"t6\"}")
      hub.seen.length = 0
      const { snapshot, notes } = await fetched({ ...options, revision: COMMIT })
      assert.deepStrictEqual(snapshot.files, first.snapshot.files)
      assert.match(notes, /config\.json of org\/model is corrupt in the cache; downloading it again/u)
      assert.match(notes, /model\.safetensors of org\/model is corrupt/u)
      assert.strictEqual(hub.sent("model.safetensors"), 300_000)
      assert.lengthOf(hub.bodies("spiece.model"), 0)
    }))

  it("verifies also what another revision has left", () =>
    withRig(async ({ hub, options }) => {
      const first = await fetched(options)
      await writeFile(join(first.snapshot.folder, "model.safetensors"), "cut")
      hub.repositories.set("org/model", { ...model(), commit: "f".repeat(40) })
      const { snapshot, notes } = await fetched(options)
      assert.match(notes, /model\.safetensors of org\/model is corrupt in the cache/u)
      assert.deepStrictEqual(snapshot.files.map((file) => file.sha256), first.snapshot.files.map((file) => file.sha256))
      assert.lengthOf(hub.bodies("model.safetensors"), 2)
      assert.lengthOf(hub.bodies("spiece.model"), 1)
    }))

  it("is found by HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME, HOME, in this order", () =>
    withRig(async ({ home, hub, options }) => {
      const rest = { HF_ENDPOINT: hub.endpoint, HOME: join(home, "home") }
      const variables = [
        [{ HF_HUB_CACHE: join(home, "cache"), HF_HOME: home }, "cache"],
        [{ HF_HOME: "~/hf" }, "home/hf/hub"],
        [{ XDG_CACHE_HOME: join(home, "xdg") }, "xdg/huggingface/hub"],
        [{}, "home/.cache/huggingface/hub"],
      ] as const
      hub.repositories.set("org/model", model(100))
      for (const [more, folder] of variables) {
        const { snapshot } = await fetched({ ...options, environment: { ...rest, ...more } })
        assert.strictEqual(snapshot.folder, join(home, folder, "models--org--model", "snapshots", COMMIT))
      }
    }))

  it("says why it cannot be written", () =>
    withRig(async ({ home, options }) => {
      await writeFile(join(home, "hub"), "a file")
      const error = await refused(options)
      assert.strictEqual(error.kind, "disk")
      assert.match(error.message, /hub.* cannot be .*a part of the path is a file, not a folder/u)
      assert.include(error.help, "HF_HUB_CACHE")
    }))

  it("refuses what the disk cannot hold before it fetches anything", () =>
    withRig(async ({ hub, options }) => {
      hub.fault = ({ method, path }) =>
        method === "HEAD" && path.endsWith("safetensors") ? { size: 900_000_000_000_000 } : undefined
      const error = await refused(options)
      assert.strictEqual(error.kind, "disk")
      assert.match(error.message, /free, and the download needs 900000\.0 GB/u)
      assert.lengthOf(hub.bodies("config.json"), 0)
    }))

  it("takes a file that lies where a link should be for what the server says it is", () =>
    withRig(async ({ hub, home, options }) => {
      const { files } = model()
      const folder = join(folderOf(home), "snapshots", COMMIT)
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, "model.safetensors"), files["model.safetensors"] ?? "")
      await writeFile(join(folder, "spiece.model"), "something else")
      const { snapshot } = await fetched(options)
      assert.lengthOf(hub.bodies("model.safetensors"), 0)
      assert.lengthOf(hub.bodies("spiece.model"), 1)
      assert.strictEqual(snapshot.files[2]?.sha256, sha256(files["spiece.model"] ?? new Uint8Array()))
    }))
})

describe("options", () => {
  const wrong: Readonly<Record<string, object>> = {
    "a name with a way up": { repository: "../etc" },
    "a name of three parts": { repository: "a/b/c" },
    "an empty name": { repository: "" },
    "a revision with a way up": { revision: "../../main" },
    "a revision with a space": { revision: "ma in" },
    "an empty revision": { revision: "" },
    "an endpoint without a scheme": { environment: { HF_ENDPOINT: "huggingface.co" } },
    "an endpoint of another scheme": { environment: { HF_ENDPOINT: "file:///etc" } },
    "a token of two lines": { environment: { HF_TOKEN: "hf_a\nhf_b" } },
  }
  for (const [what, more] of Object.entries(wrong)) {
    it(`refuses ${what}`, () =>
      withRig(async ({ hub, options }) => {
        const error = await refused({ ...options, ...more })
        assert.strictEqual(error.kind, "option")
        assert.notStrictEqual(error.help, "")
        assert.lengthOf(hub.seen, 0)
      }))
  }
})
