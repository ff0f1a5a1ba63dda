import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"

export const repository = resolve(import.meta.dirname, "../..")
const laboratory = join(import.meta.dirname, "project")

/** The files of a project in memory, to be edited. */
export class Files {
  readonly #texts: Map<string, string>

  constructor(texts: Iterable<readonly [path: string, text: string]>) {
    this.#texts = new Map(texts)
  }

  copy(): Files {
    return new Files(this.#texts)
  }

  get paths(): ReadonlyArray<string> {
    return [...this.#texts.keys()].sort()
  }

  read(path: string): string {
    const text = this.#texts.get(path)
    if (text === undefined) throw new Error(`there is no file ${path}`)
    return text
  }

  write(path: string, text: string): void {
    this.#texts.set(path, text)
  }

  remove(path: string): void {
    this.read(path)
    this.#texts.delete(path)
  }

  /** Replaces the first of a text that must be there. */
  edit(path: string, from: string, to: string): void {
    const text = this.read(path)
    if (!text.includes(from)) throw new Error(`${path} does not hold ${JSON.stringify(from)}`)
    this.write(path, text.replace(from, () => to))
  }

  /** Replaces every one of a text that must be there. */
  editAll(path: string, from: string | RegExp, to: string): void {
    const text = this.read(path)
    const edited = text.replaceAll(from, () => to)
    if (edited === text) throw new Error(`${path} does not hold ${String(from)}`)
    this.write(path, edited)
  }

  /** Moves a module, and says so in every import of it. */
  move(from: string, to: string): void {
    const moved = this.read(from)
    this.#texts.delete(from)
    this.#texts.set(to, moved)
    const rewritten = (path: string, was: string, text: string): string =>
      text.replaceAll(/"(\.{1,2}\/[^"\n]+)"/gu, (all, specifier: string) => {
        const target = join(dirname(was), specifier)
        if (target !== from && (was === path || !this.#texts.has(target))) return all
        const now = relative(dirname(path), target === from ? to : target)
        return JSON.stringify(now.startsWith(".") ? now : `./${now}`)
      })
    for (const [path, text] of this.#texts) {
      if (path.endsWith(".ts")) this.#texts.set(path, rewritten(path, path === to ? from : path, text))
    }
  }

  /** Makes a folder that holds other files hold these, and touches none that stays. */
  replaceIn(root: string, others: Files): void {
    for (const path of others.paths) if (!this.#texts.has(path)) rmSync(join(root, path))
    for (const [path, text] of this.#texts) {
      if (others.#texts.get(path) === text) continue
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
  }

  /** Writes all files into a folder in which imports find their packages. */
  writeTo(root: string): void {
    for (const [path, text] of this.#texts) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    mkdirSync(join(root, "node_modules"), { recursive: true })
    for (
      const [name, target] of [["redag", repository], ["effect", join(repository, "node_modules/effect")]] as const
    ) {
      rmSync(join(root, "node_modules", name), { force: true })
      symlinkSync(target, join(root, "node_modules", name))
    }
  }
}

/** The laboratory as it stands; its packages are where npm would install them. */
export const laboratoryFiles = (): Files =>
  new Files(
    readdirSync(laboratory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => {
      const path = relative(laboratory, join(entry.parentPath, entry.name))
      const placed = path === "packages/project.json" ? "package.json" : path.replace(/^packages\//u, "node_modules/")
      return [placed, readFileSync(join(laboratory, path), "utf8")] as const
    }),
  )

/** Copies a folder of the repository into another project. */
export const copyFromRepository = (root: string, ...names: ReadonlyArray<string>): void => {
  for (const name of names) cpSync(join(repository, name), join(root, name), { recursive: true })
}
