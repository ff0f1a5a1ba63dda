import { Effect } from "effect"
import { createHash } from "node:crypto"
import { homedir, tmpdir } from "node:os"
import { piecesOf } from "../../report/pages.ts"
import { redaction } from "../../report/provenance/redact.ts"
import { Project } from "../project.ts"
import { assets } from "./assets.ts"
import type { Answers, Link, PageContent } from "./messages.ts"
import type { Routes } from "./route.ts"

/** So many runs, the newest ones, and so many pages of the experiment are in a file; tables that have more rows are not. */
const [RUNS, PAGES, ROWS] = [20, 5000, 2000]

/** What a file may hold of answers, in characters; it opens in a moment then. */
const MOST = 48_000_000

/** The page with all that it may be asked for as one file, which needs no server, and what of that had no room in it. */
export const exportedPage = Effect.fnUntraced(function*<R>(routes: Routes<R>) {
  const { root, store } = yield* Project
  const redact = redaction([store, root, homedir(), tmpdir()])
  const answers = new Map<string, string>()
  let size = 0
  let left = 0
  /** Puts the answer to a path into the file, and gives it; undefined where there is none, or no room for it. */
  const add = Effect.fnUntraced(function*<Name extends keyof Answers>(name: Name, ...path: ReadonlyArray<string>) {
    const route: Routes<R>[Name] = routes[name]
    const address = `/api/${[name, ...path].map(encodeURIComponent).join("/")}`
    if (route === undefined || answers.has(address)) return undefined
    // What cannot be read is not in the file, and its page says so.
    const answer = yield* Effect.orElseSucceed(
      route.answer({ path, query: new URLSearchParams(), body: undefined }),
      () => undefined,
    )
    if (answer === undefined) return undefined
    // Whoever gets the file learns nothing of the machine that it was written on.
    const text = JSON.stringify(
      redact.value(answer),
      name === "node" ? (key, value: unknown) => (key === "host" ? "" : value) : undefined,
    )
    if (size + text.length > MOST) {
      left++
      return undefined
    }
    size += text.length
    answers.set(address, text)
    return answer
  })

  const project = yield* add("project")
  const graph = yield* add("graph")
  const runs = yield* add("runs")
  for (const { run } of runs?.runs.slice(0, RUNS) ?? []) yield* add("run", run)
  const waiting = (project?.pages ?? []).map(({ name }): ReadonlyArray<string> => [name])
  // Many pages lead to the same one.
  const known = new Set(waiting.map((path) => path.join("\n")))
  for (let count = 0; waiting.length > 0 && count < PAGES; count++) {
    const content = yield* add("page", ...waiting.shift() ?? [])
    for (const link of content === undefined ? [] : linksIn(content)) {
      if (link.to === "page") {
        const address = link.path.join("\n")
        if (!known.has(address)) waiting.push(link.path)
        known.add(address)
      } else if (link.to === "source") yield* add("source", link.node, link.path)
    }
  }
  left += waiting.length
  for (const name of graph?.names ?? []) {
    const node = yield* add("node", name)
    if (node?.hasLog === true) yield* add("log", name)
    for (const { path, origin } of node?.params ?? []) if (origin !== null) yield* add("source", name, path)
    for (const { digest, rows } of node?.outputs ?? []) if (rows <= ROWS) yield* add("table", digest)
  }
  return { html: htmlOf(answers), left }
})

/** All links of a page, wherever they stand in it. */
const linksIn = ({ above, blocks }: PageContent): ReadonlyArray<Link> =>
  [...above, ...blocks.flatMap(piecesOf)].flatMap(({ link }) => link ?? [])

const digestOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

const htmlOf = (answers: ReadonlyMap<string, string>): string => {
  // Nothing in them may end the element that they stand in.
  const script = assets.script.replaceAll(/<\/(?=script)/giu, "<\\/")
  const json = `{${[...answers].map(([path, text]) => `${JSON.stringify(path)}:${text}`).join(",")}}`
    .replaceAll("<", "\\u003c")
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${digestOf(script)}; style-src ${
    digestOf(assets.style)
  }; img-src data:; base-uri 'none'; form-action 'none'">
<title>dag ui</title>
<link rel="icon" href="data:,">
<style>${assets.style}</style>
</head>
<body>
<div id="page"></div>
<script type="application/json" id="answers">${json}</script>
<script>${script}</script>
</body>
</html>
`
}
