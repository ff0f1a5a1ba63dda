import type { Architecture, Description } from "../architectures/architecture.ts"
import type { Weights } from "../architectures/weights.ts"
import { type GenerationOptions, generationShape, validateGeneration } from "../generation/generate.ts"
import { type GenerationShape, memoryProgram, stepProgram } from "../generation/programs.ts"
import { peakBytes } from "../ir/memory.ts"
import { InvalidOption } from "../ir/options.ts"
import { sizeOf } from "../ir/shape.ts"
import type { Tokenizer } from "../tokenizers/tokenizer.ts"
import { batchShape, type EncodedExample, encodeSource, planStep, stepsPerEpoch } from "../training/batches.ts"
import { MOST_KEPT } from "../training/graphs.ts"
import { type BatchShape, trainedShapes, trainingProgram } from "../training/programs.ts"
import { type TrainingOptions, validateTraining } from "../training/trainer.ts"
import { availableMemory } from "./available.ts"
import { empty, noBatches } from "./messages.ts"
import { generationBytes, type MemoryPlan, requireMemory, trainingBytes } from "./plan.ts"
import type { Task } from "./task.ts"

/** What a task will take, and which task it is. */
export interface Requirement extends MemoryPlan {
  readonly task: Task
}

/**
 * How many graphs of different lengths a training can keep at a time in the memory there is, asked before the weights
 * are read. Throws `MemoryShort` where not even one fits, or `InvalidOption`.
 */
export const keptGraphsThatFit = (
  architecture: Architecture,
  examples: readonly EncodedExample[],
  options: TrainingOptions,
  available = availableMemory(),
): number => {
  validateTraining(architecture, options)
  if (examples.length === 0) throw new InvalidOption("examples", empty)
  for (let kept = MOST_KEPT; kept > 1; kept--) {
    if (trainingRequirement(architecture, examples, options, kept).bytes <= available) return kept
  }
  requireMemory(trainingRequirement(architecture, examples, options, 1), available)
  return 1
}

/**
 * Refuses a generation that needs more memory than there is, before the weights are read. Throws as above. One `amid` a
 * training finds the training's graphs gone, and its moments and gradients not.
 */
export const requireGenerationMemory = (
  { architecture, tokenizer }: Reader,
  sources: readonly string[],
  options: GenerationOptions,
  available = availableMemory(),
  amid: "nothing" | "training" = "nothing",
): void => {
  validateGeneration(architecture, options)
  const shape = generationShape(
    architecture,
    sources.map((source) => encodeSource(architecture, tokenizer, source, options).ids),
    options,
  )
  if (shape === undefined) return
  const required = generationRequirement(architecture, shape)
  const held = amid === "training" ? { "moments and gradients": 12 * parametersOf(architecture) } : {}
  const bytes = Object.values(held).reduce((total, each) => total + each, required.bytes)
  requireMemory({ ...required, bytes, parts: { ...required.parts, ...held } }, available)
}

/** A model as far as it reads text. */
interface Reader {
  readonly architecture: Architecture
  readonly tokenizer: Tokenizer
}

/**
 * What full finetuning will take at its peak with so many `kept` graphs, from the batches of its first epoch; nothing
 * large is allocated.
 */
export const trainingRequirement = (
  architecture: Architecture,
  examples: readonly EncodedExample[],
  options: TrainingOptions,
  kept = MOST_KEPT,
): Requirement => {
  const { batchSize, accumulation, seed, dropout } = options
  const batching = { examples: examples.length, batchSize, accumulation }
  const shapes = new Map<string, BatchShape>()
  for (let step = 0; step <= stepsPerEpoch(batching); step++) {
    for (const indices of planStep(step, batching, seed).microBatches) {
      const shape = batchShape(architecture, batchSize, indices.flatMap((index) => examples[index] ?? []), options)
      shapes.set(`${shape.source} ${shape.target}`, shape)
    }
  }
  const largest = [...shapes.values()].sort((a, b) => tokensOf(b) - tokensOf(a)).slice(0, kept)
  const programs = largest.map((shape) =>
    trainingProgram(architecture, shape, { dropout, accumulate: accumulation > 1 }).program
  )
  const activations = programs.map((program) => peakBytes(program).activations)
  const most = Math.max(...activations)
  const at = activations.indexOf(most)
  const [shape, program] = [largest[at], programs[at]]
  if (shape === undefined || program === undefined) throw new Error(noBatches)
  // Graphs of shorter batches take less: together they are as many of the largest as their activations say.
  const sessions = activations.reduce((total, each) => total + each, 0) / most
  return {
    ...trainingBytes(parametersOf(architecture), program, { sessions }),
    task: {
      ...modelOf(architecture),
      kind: "training",
      batch: batchSize,
      beams: 1,
      source: shape.source,
      target: shape.target,
    },
  }
}

/** What generation of one shape will take at its peak; nothing large is allocated. */
export const generationRequirement = (architecture: Architecture, shape: GenerationShape): Requirement => ({
  ...generationBytes(
    parametersOf(architecture),
    stepProgram(architecture, unread(architecture), shape).program,
    memoryProgram(architecture, shape.batch, shape.source),
  ),
  task: {
    ...modelOf(architecture),
    kind: "generation",
    batch: shape.batch,
    beams: shape.beams,
    source: shape.source,
    target: shape.capacity,
  },
})

/** Weights that are not there yet. */
const unread = ({ parameters }: Architecture): Weights =>
  new Map([...parameters].map(([name, { shape }]) => [name, { shape, data: new Float32Array(0) }]))

const tokensOf = ({ source, target }: BatchShape): number => source + target

const parametersOf = (architecture: Description): number =>
  [...trainedShapes(architecture).values()].reduce((total, shape) => total + sizeOf(shape), 0)

const modelOf = (architecture: Architecture): Pick<Task, "modelType" | "parameters"> => ({
  modelType: architecture.modelType,
  parameters: parametersOf(architecture),
})
