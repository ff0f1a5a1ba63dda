import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { pathToFileURL } from "node:url"
import { parseSync, Visitor } from "rolldown/utils"
import { canonical } from "../../pipeline/base/canonical.ts"
import { projectCode } from "../../pipeline/build/project-code.ts"
import { expand } from "../../pipeline/graph/expand.ts"
import type { Node } from "../../pipeline/graph/node.ts"
import { programIn } from "../../pipeline/identity/programs.ts"
import type { Experiment } from "../../pipeline/report/experiment.ts"
import { copyFromRepository, repository } from "./files.ts"
import type { Verdict } from "./judge.ts"

/** Edits of the experiment itself, judged by what the paper's nodes would run. */
export const realEdits = async (root: string): Promise<ReadonlyArray<Verdict>> => {
  mkdirSync(root)
  copyFromRepository(root, "stages", "models", "schemas")
  const config = await import(pathToFileURL(join(repository, "dag.config.ts")).href) as { readonly default: Experiment }
  const nodes = [...expand(config.default, "paper", repository).nodes.values()]
  const modules = ["stages", "models"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))
      .map((name) => relative(root, join(root, folder, name)))
  )

  /** By node, what its program is. */
  const programs = async (): Promise<ReadonlyMap<string, string>> => {
    const { code } = await projectCode(root, repository)
    const known = new Map<string, string>()
    return new Map(nodes.map(({ name, stage, options }) => {
      const id = `${stage.name} ${canonical(options)}`
      const digest = known.get(id) ?? programIn(code, stage.name, options).digest
      known.set(id, digest)
      return [name, digest]
    }))
  }
  const before = await programs()

  /** The nodes that have another program while these modules are edited. */
  const changedBy = async (
    edited: ReadonlyArray<string>,
    edit: (text: string) => string,
  ): Promise<ReadonlyArray<string>> => {
    const texts = edited.map((path) => [path, readFileSync(join(root, path), "utf8")] as const)
    for (const [path, text] of texts) writeFileSync(join(root, path), edit(text))
    const after = await programs()
    for (const [path, text] of texts) writeFileSync(join(root, path), text)
    return nodes.map(({ name }) => name).filter((name) => after.get(name) !== before.get(name))
  }
  const verdict = (kind: string, name: string, found: Partial<Verdict>): Verdict => ({
    edit: { kind: `the paper's ${nodes.length} nodes: ${kind}`, name },
    slips: [],
    stale: [],
    needless: [],
    allowed: undefined,
    ...found,
  })

  const verdicts: Array<Verdict> = []
  /** What no program may hold, edited in all modules at once; one by one only where that shows. */
  const nothing = async (
    kind: string,
    edited: ReadonlyArray<string>,
    edit: (text: string) => string,
  ): Promise<void> => {
    const all = await changedBy(edited, edit)
    for (const path of edited) {
      verdicts.push(verdict(kind, path, { needless: all.length === 0 ? [] : await changedBy([path], edit) }))
    }
  }
  await nothing(
    "an export that nothing uses",
    modules.filter((path) => path.startsWith("models/") && !path.endsWith("messages.ts")),
    (text) => `${text}\nexport const unreached = (number: number): number => number + 1\n`,
  )
  await nothing(
    "every text of a module of messages",
    modules.filter((path) => path.endsWith("messages.ts")),
    otherWords,
  )

  /** A module of an option runs the nodes that take the option and no others. */
  const exactly = async (
    kind: string,
    path: string,
    takes: (node: Node) => boolean,
    edit: (text: string) => string,
  ): Promise<void> => {
    const changed = new Set(await changedBy([path], edit))
    const wanted = new Set(nodes.filter(takes).map(({ name }) => name))
    verdicts.push(verdict(kind, `${path}: ${wanted.size} nodes`, {
      stale: [...wanted].filter((name) => !changed.has(name)),
      needless: [...changed].filter((name) => !wanted.has(name)),
    }))
  }
  const takes = (choice: string, option: string) => ({ options }: Node) => options[choice]?.includes(option) === true
  const builds = ({ stage }: Node): boolean => stage.name === "finetune" || stage.name === "generate"
  const optionsOf = (choice: string) => new Set(nodes.flatMap(({ options }) => options[choice] ?? []))
  const { code } = await projectCode(root, repository)
  for (const name of optionsOf("architecture")) {
    const path = `models/architectures/${name}.ts`
    const taken = takes("architecture", name)
    await exactly("a module of an architecture", path, taken, otherNumbers)
    // Other stages take of the module what it says of a checkpoint, and not the graphs.
    const read = new Set(
      nodes.filter((node) => taken(node) && !builds(node)).flatMap(({ stage, options }) =>
        Object.keys(programIn(code, stage.name, options).program.parts())
      ),
    )
    await exactly(
      "the body of an architecture",
      path,
      (node) => taken(node) && builds(node),
      (text) => otherNumbers(text, (name) => !read.has(`${path}: ${name}`)),
    )
  }
  for (const name of optionsOf("format")) {
    await exactly(
      "a reader",
      `stages/ingest/${name}.ts`,
      takes("format", name),
      (text) => otherNumbers(otherWords(text)),
    )
  }
  verdicts.push(verdict("an estimate of memory", "models/memory/plan.ts", {
    allowed: (await changedBy(["models/memory/plan.ts"], otherNumbers)).length === 0
      ? undefined
      : "a guard or a helper of a step that has no part in its bytes",
  }))
  return verdicts
}

/** Every number one more, of a whole module or of some of its declarations. */
const otherNumbers = (text: string, isOf: (name: string) => boolean = () => true): string =>
  edited(text, (program, put) => {
    const others = program.body.filter((statement) => {
      const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement
      const names = declaration?.type === "FunctionDeclaration" || declaration?.type === "ClassDeclaration"
        ? [declaration.id?.name ?? ""]
        : declaration?.type === "VariableDeclaration"
        ? declaration.declarations.map(({ id }) => (id.type === "Identifier" ? id.name : ""))
        : []
      return !names.every(isOf)
    })
    new Visitor({
      Literal: ({ value, start, end }) => {
        if (typeof value !== "number" || others.some((other) => other.start <= start && end <= other.end)) return
        put(start, end, String(value + 1))
      },
    }).visit(program)
  })

/** Every text of a module with a word more. */
const otherWords = (text: string): string =>
  edited(text, (program, put) => {
    const names = new Set<number>()
    new Visitor({
      ImportDeclaration: ({ source }) => void names.add(source.start),
      Property: ({ key }) => void names.add(key.start),
      TSLiteralType: ({ literal }) => void names.add(literal.start),
      Literal: ({ value, start, end }) => {
        if (typeof value === "string" && !names.has(start)) put(start, end, JSON.stringify(`${value} indeed`))
      },
      TemplateLiteral: ({ end }) => put(end - 1, end, " indeed`"),
    }).visit(program)
  })

const edited = (
  text: string,
  find: (
    program: ReturnType<typeof parseSync>["program"],
    put: (start: number, end: number, by: string) => void,
  ) => void,
): string => {
  const places: Array<{ readonly start: number; readonly end: number; readonly by: string }> = []
  find(parseSync("module.ts", text, { lang: "ts" }).program, (start, end, by) => void places.push({ start, end, by }))
  return places.toSorted((one, other) => other.start - one.start)
    .reduce((all, { start, end, by }) => all.slice(0, start) + by + all.slice(end), text)
}
