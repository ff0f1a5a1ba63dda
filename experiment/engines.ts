import { type Experiment, InputError } from "redag"
import { cudaFolder, installationIn } from "../models/engines/cuda/folder.ts"
import { wheels } from "../models/engines/cuda/wheels.ts"
import { EngineUnavailable } from "../models/engines/errors.ts"
import { EngineParam } from "../stages/shared/params/engine.ts"

/** The engines that can be asked for by their own names. */
const engines = EngineParam.literals.filter((name) => name !== "auto")

/** What `dag doctor` tries: each engine; the experiment needs one of them, which is installed with the package. */
export const engineChecks: NonNullable<Experiment["checks"]> = Object.fromEntries(
  engines.map((engine) => [engine, {
    required: engine === "onnxruntime",
    run: async () => (await import("../models/engines/probe.ts")).probeEngine(engine),
  }]),
)

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

/** What `dag engine add` installs. */
export const installableEngines: NonNullable<Experiment["engines"]> = {
  cuda: {
    title: "onnxruntime on NVIDIA's GPUs",
    check: "onnxruntime-cuda",
    bytes: wheels.reduce((total, { bytes }) => total + bytes, 0),
    folder: () => cudaFolder(),
    look: async () => {
      const found = installationIn(cudaFolder())
      switch (found._tag) {
        case "Absent":
          return { status: "absent", detail: "dag engine add cuda installs it" }
        case "Damaged":
          return { status: "broken", detail: `${found.what} is missing or not as it was added`, help: "add it again" }
        case "Installed":
          return { status: "usable", detail: `${gigabytes(found.bytes)} in ${cudaFolder()}` }
      }
    },
    add: async () => {
      const { addCuda } = await import("../models/engines/cuda/install.ts")
      try {
        await addCuda()
      } catch (cause) {
        if (!(cause instanceof EngineUnavailable)) throw cause
        throw new InputError({ field: "engine cuda", message: cause.reason, help: cause.help })
      }
    },
    remove: async () => (await import("../models/engines/cuda/install.ts")).removeCuda(),
  },
}
