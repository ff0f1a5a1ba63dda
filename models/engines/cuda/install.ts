import { spawn } from "node:child_process"
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { EngineUnavailable } from "../errors.ts"
import {
  cannotUnpack,
  diskShort,
  diskShortHelp,
  downloadFailed,
  downloadHelp,
  noPython,
  otherOnnxruntime,
  otherPlatform,
  otherReleaseHelp,
  pythonHelp,
} from "../messages.ts"
import { addonFolder, cudaFolder, type Manifest, manifestFile } from "./folder.ts"
import { ONNXRUNTIME, UNPACKED, wheels } from "./wheels.ts"

const unavailable = (reason: string, help: string): EngineUnavailable =>
  new EngineUnavailable("onnxruntime-cuda", reason, help)

/**
 * Brings CUDA's libraries into a folder of their own: Python's pip downloads the pinned wheels and checks their sha256,
 * and a copy of onnxruntime-node gets them beside its addon. The package in node_modules stays as it is.
 *
 * What was there before is replaced once all is there; what was downloaded stays where that is broken off, and need not
 * be downloaded again. Throws `EngineUnavailable`, which says what to do.
 */
export const addCuda = async (folder = cudaFolder()): Promise<void> => {
  const node = packageFolder("onnxruntime-node")
  requireFit(node)
  await requirePython()
  const engines = dirname(folder)
  const [downloads, made] = [join(engines, "downloads"), `${folder}.new`]
  mkdirSync(downloads, { recursive: true })
  requireRoom(engines)
  const list = join(downloads, "requirements.txt")
  writeFileSync(
    list,
    `${wheels.map(({ name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}`).join("\n")}\n`,
  )
  const pip = ["-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary=:all:", ...FOR, "-d", downloads]
  if ((await python([...pip, "-r", list])) !== 0) throw unavailable(downloadFailed, downloadHelp)
  rmSync(made, { recursive: true, force: true })
  copyPackages(node, made)
  const files = readdirSync(downloads).filter((name) => name.endsWith(".whl")).map((name) => join(downloads, name))
  if ((await python(["-c", UNPACK, addonFolder(made), ...files])) !== 0) throw unavailable(cannotUnpack, downloadHelp)
  writeFileSync(manifestFile(made), JSON.stringify(manifestOf(made), undefined, 2))
  rmSync(folder, { recursive: true, force: true })
  renameSync(made, folder)
  rmSync(downloads, { recursive: true, force: true })
}

/** Removes what `addCuda` brought; says whether there was anything. */
export const removeCuda = (folder = cudaFolder()): boolean => {
  const all = [folder, `${folder}.new`, join(dirname(folder), "downloads")].filter((path) => existsSync(path))
  for (const path of all) rmSync(path, { recursive: true, force: true })
  return all.length > 0
}

/** The platform that wheels are chosen for, whichever Python it is that downloads them. */
const FOR = [
  "--python-version",
  "3.12",
  "--implementation",
  "cp",
  ...["manylinux_2_28", "manylinux_2_27", "manylinux2014", "manylinux_2_12", "manylinux2010", "manylinux1"].flatMap((
    name,
  ) => ["--platform", `${name}_x86_64`]),
]

/** Writes the libraries of wheels into one folder; those of other uses stay out. */
const UNPACK = `
import os, shutil, sys, zipfile
for wheel in sys.argv[2:]:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            last = os.path.basename(name)
            if ".so" not in last or last.startswith(("libonnxruntime.so", "onnxruntime_pybind", "libnvblas", "libcufftw")) or "tensorrt" in last:
                continue
            with archive.open(name) as source, open(os.path.join(sys.argv[1], last), "wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
`

/** Runs Python, whose words go to the terminal as errors do; gives how it ended. */
const python = (words: readonly string[], quiet = false): Promise<number> =>
  new Promise((done) => {
    const child = spawn("python3", words, { stdio: ["ignore", quiet ? "ignore" : 2, quiet ? "ignore" : 2] })
    child.on("error", () => done(127))
    child.on("close", (code) => done(code ?? 1))
  })

const requirePython = async (): Promise<void> => {
  if ((await python(["-m", "pip", "--version"], true)) !== 0) throw unavailable(noPython, pythonHelp)
}

const requireFit = (node: string): void => {
  const here = `${process.platform} on ${process.arch}`
  if (here !== "linux on x64") throw unavailable(otherPlatform(here), otherReleaseHelp)
  const { version } = createRequire(import.meta.url)(join(node, "package.json")) as { readonly version: string }
  if (version !== ONNXRUNTIME) throw unavailable(otherOnnxruntime(version, ONNXRUNTIME), otherReleaseHelp)
}

const requireRoom = (engines: string): void => {
  const { bavail, bsize } = statfsSync(engines)
  const needed = wheels.reduce((total, { bytes }) => total + bytes, UNPACKED)
  if (bavail * bsize < needed) throw unavailable(diskShort(engines, needed, bavail * bsize), diskShortHelp)
}

const packageFolder = (name: string): string => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))

/** The two packages of onnxruntime, with the addon for this platform alone. */
const copyPackages = (node: string, made: string): void => {
  const packages = join(made, "node_modules")
  const home = packageOf(createRequire(join(node, "package.json")).resolve("onnxruntime-common"))
  cpSync(home, join(packages, "onnxruntime-common"), { recursive: true, dereference: true })
  for (const name of ["package.json", "dist", "bin/napi-v6/linux/x64"]) {
    cpSync(join(node, name), join(packages, "onnxruntime-node", name), { recursive: true, dereference: true })
  }
}

/** The nearest folder that is a package. */
const packageOf = (folder: string): string => {
  for (let path = folder;; path = dirname(path)) {
    if (path.endsWith("onnxruntime-common") || dirname(path) === path) return path
  }
}

const manifestOf = (made: string): Manifest => ({
  versions: Object.fromEntries(wheels.map(({ name, version }) => [name, version])),
  files: Object.fromEntries(
    readdirSync(addonFolder(made)).map((name) => [name, statSync(join(addonFolder(made), name)).size]),
  ),
})
