import type { Experiment } from "redag"
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
