import { Schema } from "effect"
import { engines } from "../models/engine.ts"

/**
 * What the tensor programs run on. "auto" is TensorFlow where it finds a GPU, else onnxruntime.
 *
 * The names follow from the engines' code, so that a new one is in no other's program.
 */
export const EngineParam = Schema.Literals(engines.options)
