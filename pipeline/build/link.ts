import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { basename, dirname, join, relative, resolve, sep } from "node:path"
import { rolldown } from "rolldown"
import { type LinkedMap, sourceLines } from "../identity/linked-lines.ts"
import { lazyMark, type Linked } from "./cut.ts"
import { messagesWithoutWords } from "./messages.ts"
import { packageOf } from "./packages.ts"
import { SourceProblem } from "./problem.ts"

/** The linked stages, and the files that they were made of. */
export interface LinkedProject extends Linked {
  readonly files: ReadonlyArray<string>
  /** Where each line of the text comes from. */
  readonly map: LinkedMap
  /** The modules of messages that the stages use, below the project. */
  readonly messages: ReadonlyArray<string>
  /** Files beside modules that programs read, by the path at which they find them; known once the text is cut. */
  readonly data: ReadonlyMap<string, string>
}

const entry = "\0stages"

/**
 * Links all stages of a project into one module. npm packages, Node's modules, effect and the engine stay imports.
 *
 * Modules of the project that are imported lazily are linked too, and their imports marked: a program holds what it
 * reaches and loads nothing of the project's own when it runs.
 */
export const link = async (root: string, packageRoot: string): Promise<LinkedProject> => {
  const path = (file: string): string => relative(root, file).split(sep).join("/")
  const stages = stageFolders(root)
  if (stages.length === 0) throw noStages
  const engine = join(packageRoot, "pipeline") + sep
  let lazy: ReadonlySet<string> = new Set(likelyLazy(root).map(path))
  let met = new Set<string>()
  let problem: unknown
  const dependencies = new Set([root, packageRoot].flatMap(dependenciesOf))
  const messages = new Set<string>()
  const bare = new Set<string>()
  const source = () =>
    [
      ...stages.map((stage, index) =>
        `export * as s${index} from ${JSON.stringify(join(root, "stages", stage, "stage.ts"))}`
      ),
      ...[...lazy].map((file, index) => `export * as l${index} from ${JSON.stringify(join(root, file))}`),
    ].join("\n")
  const generate = async () => {
    const bundle = await rolldown({
      input: entry,
      platform: "node",
      cwd: root,
      // What is not used is left out of each program; the linker would turn an unused declaration into a bare call.
      treeshake: false,
      // Where a constant is inlined, the linker no longer says by which name a module exports it.
      optimization: { inlineConst: false },
      onLog: () => undefined,
      plugins: [{
        name: "stages",
        resolveId: {
          // Whatever is no path is a package, which programs import by themselves.
          filter: { id: /^(?:\0stages|(?![./]|[A-Za-z]:[\\/])[^\0])/u },
          handler: (id, importer) => {
            if (id !== entry && /^(?:#|file:)/u.test(id)) throw (problem ??= notByPath(path(importer ?? ""), id))
            return id === entry ? id : { id, external: true }
          },
        },
        load: {
          filter: { id: /^\0stages$|[\\/]messages\.ts$/u },
          handler: (id) => {
            if (id === entry) return source()
            messages.add(path(id))
            try {
              return messagesWithoutWords(path(id), readFileSync(id, "utf8"))
            } catch (cause) {
              // The bundler would tell it as its own.
              problem ??= cause
              throw cause
            }
          },
        },
        resolveDynamicImport: (specifier, importer) => {
          if (typeof specifier !== "string" || importer === undefined || !/^\.{1,2}\//u.test(specifier)) {
            return undefined
          }
          const file = resolve(dirname(importer), specifier)
          if (!existsSync(file)) return undefined
          met.add(path(file))
          return { id: `${lazyMark}${path(file)}`, external: true }
        },
      }],
    })
    const { output: [chunk] } = await bundle.generate({
      format: "esm",
      codeSplitting: false,
      minify: false,
      comments: false,
      sourcemap: true,
      sourcemapPathTransform: (file, map) => path(resolve(dirname(map), file)),
    }).catch((cause: unknown) => {
      throw problem ?? cause
    })
    const files = (await bundle.watchFiles).filter((file) => !file.startsWith("\0"))
    await bundle.close()
    const own = files.find((file) => file.startsWith(engine))
    if (own !== undefined) throw engineImported(path(own))
    return { chunk, files }
  }
  for (;;) {
    met = new Set()
    const { chunk, files } = await generate()
    const asExpected = lazy.symmetricDifference(met).size === 0
    // What is imported lazily is only known once it was met; the aliases stand in the order that was linked.
    if (!asExpected) {
      lazy = met
      continue
    }
    const data = new Map<string, string>()
    const { map } = chunk
    if (map === null) throw new Error("the linker gave no map")
    let lineOf: ReturnType<typeof sourceLines> | undefined
    return {
      text: chunk.code,
      stages: new Map(stages.map((stage, index) => [stage, `s${index}`])),
      lazy: new Map([...lazy].map((file, index) => [file, `l${index}`])),
      map,
      // Seldom asked for, and the map is large.
      sourceLine: (line, module) => (lineOf ??= sourceLines(map))(line, module),
      isDependency: (name) => dependencies.has(packageOf(name)),
      isBare: (specifier) => bare.has(specifier),
      dataOf: (module, name) => {
        const file = join(root, dirname(module), name)
        if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) throw noData(module, name)
        const content = readFileSync(file)
        const target = `./data/${createHash("sha256").update(content).digest("hex").slice(0, 32)}/${basename(file)}`
        data.set(target, file)
        return target
      },
      files,
      messages: [...messages].sort(),
      data,
    }
  }
}

/** The names of the project's stages: the folders below `stages/` that hold a `stage.ts`. */
export const stageFolders = (root: string): ReadonlyArray<string> => {
  const folder = join(root, "stages")
  return whereThere(() => readdirSync(folder)).filter((name) => existsSync(join(folder, name, "stage.ts"))).sort()
}

/** What a call gives of a folder or file; nothing where it is not there, or is no more: it may go at any moment. */
const whereThere = <A>(call: () => ReadonlyArray<A>): ReadonlyArray<A> => {
  try {
    return call()
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return []
    throw thrown
  }
}

/**
 * The files that modules of `stages/` name in `import("./…")`, by their text. Which of them are linked is found out by
 * linking; a guess that is right, as it mostly is, saves linking a second time.
 */
const likelyLazy = (root: string): ReadonlyArray<string> => {
  const folder = join(root, "stages")
  return whereThere(() => readdirSync(folder, { recursive: true, encoding: "utf8" }))
    .filter((name) => name.endsWith(".ts")).toSorted().flatMap((name) => {
      const importer = join(folder, name)
      const imports = whereThere(() => [
        ...readFileSync(importer, "utf8").matchAll(/\bimport\("(\.{1,2}\/[^"]+)"\)/gu),
      ])
      return imports.map(([, specifier = ""]) => resolve(dirname(importer), specifier))
    }).filter((file) => existsSync(file))
}

/** The packages that a folder's package.json depends on, but for effect, which programs get from their host. */
const dependenciesOf = (folder: string): ReadonlyArray<string> => {
  const file = join(folder, "package.json")
  if (!existsSync(file)) return []
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly dependencies?: object
    readonly optionalDependencies?: object
  }
  return Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => name !== "effect")
}

const noStages = new SourceProblem({
  file: "stages",
  message: "holds no stage",
  help: "restore the folder, or write a stage: stages/NAME/stage.ts (docs/add-a-stage.md)",
})

const engineImported = (file: string): SourceProblem =>
  new SourceProblem({
    file,
    line: 1,
    message: "is a part of the engine that a stage imports",
    help: "import from \"redag\" what stages use of the engine",
  })

const notByPath = (file: string, specifier: string): SourceProblem =>
  new SourceProblem({
    file,
    line: 1,
    message: `imports ${specifier}, which is neither a path nor a package`,
    help: "import a module of the project by its path, such as ./module.ts",
  })

const noData = (file: string, name: string): SourceProblem =>
  new SourceProblem({
    file,
    line: 1,
    message: `names ${name} beside it, which is not a file`,
    help: "name a file that is there",
  })
