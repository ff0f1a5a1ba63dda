import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { expect, it } from "vitest"
import { commandNames } from "../../pipeline/cli/commands.ts"
import { rooms } from "./rooms.ts"
import { repository } from "./tree.ts"

const pages = [
  "README.md",
  "ARCHITECTURE.md",
  "artifacts/README.md",
  ...readdirSync(join(repository, "docs")).map((name) => `docs/${name}`),
]

const textOf = (page: string): string => readFileSync(join(repository, page), "utf8")

/** The text of a page without its blocks of code, which also show files that do not exist. */
const prose = (page: string): string => textOf(page).replaceAll(/^```.*?^```$/gmsu, "")

const found = (text: string, pattern: RegExp): ReadonlyArray<string> =>
  [...text.matchAll(pattern)].flatMap(([, group]) => group === undefined ? [] : [group])

it.each(pages)("links only to pages and headings that exist, in %s", (page) => {
  for (const link of found(textOf(page), /\]\((?!https?:)([^)\s]+)\)/gu)) {
    const [path = "", heading] = link.split("#")
    const target = path === "" ? page : join(dirname(page), path)
    expect(existsSync(join(repository, target)), link).toBe(true)
    const headings = found(textOf(target), /^#+ (.+)$/gmu).map((title) =>
      title.toLowerCase().replaceAll(/[^a-z0-9 -]/gu, "").replaceAll(" ", "-")
    )
    if (heading !== undefined) expect(headings).toContain(heading)
  }
})

it.each(pages)("names only files and npm scripts that exist, in %s", (page) => {
  const text = prose(page)
  const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Readonly<Record<string, string>> }
  for (const name of found(text, /npm run ([a-z:]+)/gu)) expect(Object.keys(scripts)).toContain(name)
  const files = found(text, /`((?:schemas|pipeline|models|stages|experiment|bundled|bench|test|docs)\/[\w./-]+)`/gu)
  for (const file of files) expect(existsSync(join(repository, file)), file).toBe(true)
})

it("keeps the README to what fits into 200 lines, and links every page of docs/", () => {
  const readme = textOf("README.md")
  expect(readme.split("\n").length - 1).toBeLessThanOrEqual(200)
  for (const page of pages.filter((name) => name.startsWith("docs/"))) expect(readme).toContain(`(${page})`)
})

const sourcesIn = (folder: string): string =>
  readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"))
    .map((file) => textOf(join(folder, file))).join("\n")

it("names every command in the README, and every setting that the code reads on some page", () => {
  expect(commandNames).toContain("verify")
  for (const command of commandNames) expect(textOf("README.md")).toContain(`\`dag ${command}`)
  const settings = new Set(
    ["pipeline", "models", "experiment"].flatMap((folder) => found(sourcesIn(folder), /\b(DAG_[A-Z_]+)\b/gu)),
  )
  expect(settings).toContain("DAG_LEASE_SECONDS")
  const all = pages.map(textOf).join("\n")
  for (const setting of settings) expect(all).toContain(`\`${setting}`)
})

it("has every room of the engine and the models in ARCHITECTURE.md", () => {
  const architecture = textOf("ARCHITECTURE.md")
  for (const { room } of rooms.filter(({ room }) => /^(?:pipeline|models)\//u.test(room))) {
    const name = room.slice(room.indexOf("/") + 1)
    expect(architecture).toContain(`| \`${name}${name.endsWith(".ts") ? "" : "/"}\` |`)
  }
})
