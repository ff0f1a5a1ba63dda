import { createRequire } from "node:module"
import { constants } from "node:os"
import { join } from "node:path"
import { EngineUnavailable } from "../errors.ts"
import { cudaDamaged, cudaHelp, cudaNotAdded, driverHelp } from "../messages.ts"
import { addonFolder, cudaFolder, installationIn } from "./folder.ts"

type Runtime = typeof import("onnxruntime-node")

/** What the driver brings, on the system's own path. */
const DRIVER = "libcuda.so.1"

/** What onnxruntime loads by itself, which finds there the process that it is of: loaded before, it would find none. */
const PROVIDER = "libonnxruntime_providers_cuda.so"

/**
 * The libraries that others find by name once they are in the process, each after those that it needs. The addon's folder
 * is on no path that the system's loader searches for them, and that path is read before this program begins.
 */
const LIBRARIES = [
  "libcudart.so.13",
  "libnvJitLink.so.13",
  "libcublasLt.so.13",
  "libcublas.so.13",
  "libcurand.so.10",
  "libcufft.so.12",
  "libnvrtc.so.13",
  "libcudnn.so.9",
] as const

/** Whether the libraries were added, as far as their list says. */
export const isCudaAdded = (folder = cudaFolder()): boolean => installationIn(folder)._tag === "Installed"

/** onnxruntime with its CUDA provider, as `dag engine add cuda` installed it. Throws `EngineUnavailable`. */
export const loadCudaRuntime = async (folder = cudaFolder()): Promise<Runtime> => {
  const found = installationIn(folder)
  if (found._tag === "Absent") throw new EngineUnavailable("onnxruntime-cuda", cudaNotAdded, cudaHelp)
  if (found._tag === "Damaged") {
    throw new EngineUnavailable("onnxruntime-cuda", cudaDamaged(found.what), cudaHelp, { wrong: true })
  }
  const noDriver = missingFor(DRIVER)
  if (noDriver !== undefined) throw new EngineUnavailable("onnxruntime-cuda", noDriver, driverHelp)
  for (const name of LIBRARIES) {
    const reason = missingFor(join(addonFolder(folder), name))
    if (reason !== undefined) throw new EngineUnavailable("onnxruntime-cuda", reason, cudaHelp)
  }
  return createRequire(join(folder, "package.json"))("onnxruntime-node") as Runtime
}

/** Why the provider itself cannot be loaded, in the loader's words, of which onnxruntime gives none. */
export const providerMissing = (folder = cudaFolder()): string | undefined =>
  missingFor(join(addonFolder(folder), PROVIDER))

/** glibc's flag for a library that stays although it turns out to be no addon of Node. */
const RTLD_NODELETE = 0x1000

/** Loads a library into the process; gives the loader's own words where it cannot, such as which file is missing. */
export const missingFor = (path: string): string | undefined => {
  const { RTLD_LAZY, RTLD_GLOBAL } = constants.dlopen
  try {
    process.dlopen({ exports: {} }, path, RTLD_LAZY | RTLD_GLOBAL | RTLD_NODELETE)
    return undefined
  } catch (cause) {
    const [line = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n")
    // What Node says once the library is there.
    return line.startsWith("Module did not self-register") ? undefined : line
  }
}
