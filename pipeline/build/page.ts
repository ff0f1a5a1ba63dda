import { readFileSync } from "node:fs"
import { join } from "node:path"
import { rolldown } from "rolldown"

/** The page of `dag ui`, and the files that it was made of. */
interface BundledPage {
  readonly script: string
  readonly style: string
  readonly files: ReadonlyArray<string>
}

/** Makes one script and one style sheet of `page/`. */
export const bundledPage = async (packageRoot: string): Promise<BundledPage> => {
  const style = join(packageRoot, "page/style.css")
  const bundle = await rolldown({
    input: { page: join(packageRoot, "page/main.tsx") },
    platform: "browser",
    onLog: () => undefined,
    // What it says is said here: a build knows of each file that it depends on.
    tsconfig: false,
    transform: { jsx: { runtime: "automatic", importSource: "preact" } },
  })
  const { output } = await bundle.generate({ format: "iife", minify: true })
  const files = (await bundle.watchFiles).filter((file) => !file.startsWith("\0"))
  await bundle.close()
  return {
    script: output.flatMap((each) => (each.type === "chunk" ? [each.code] : [])).join(""),
    style: readFileSync(style, "utf8"),
    files: [...files, style],
  }
}
