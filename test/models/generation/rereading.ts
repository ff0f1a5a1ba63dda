import type { Architecture } from "../../../models/architectures/architecture.ts"
import { type Model } from "../../../models/architectures/weights.ts"
import { onnxEngine } from "../../../models/engines/onnx/engine.ts"
import { BeamSearch } from "../../../models/generation/beams.ts"
import type { Guide } from "../../../models/generation/constraints/guide.ts"
import type { Decoding } from "../../../models/generation/decoding.ts"
import { GreedySearch, type Search } from "../../../models/generation/search.ts"
import type { TensorData } from "../../../models/ir/program.ts"
import { logitsProgram } from "../../../models/training/programs.ts"

/**
 * The output of one source by a model that reads everything again for every token, without anything that is kept; a
 * guide rules tokens out.
 */
export const searchByReading = async (
  { architecture, weights }: Model,
  source: readonly number[],
  decoding: Decoding,
  limit: number,
  guide?: Guide,
): Promise<readonly number[]> => {
  const { vocabulary } = architecture
  const joined = architecture.kind === "decoder-only"
  const prompt = joined ? source : [architecture.decoderStartId]
  const eosIds = decoding.eosTokenIds ?? [architecture.eosId]
  const options = { decoding, eosIds, vocabulary, prompt, limit }
  const beams = decoding.numBeams
  const search: Search = beams === 1 ? new GreedySearch(options) : new BeamSearch(options)
  const length = prompt.length + limit
  const { inputs, ids } = inputsOf(architecture, source, beams, length)
  for (const [name, { data }] of weights.tensors) inputs.set(name, data)
  const logits = new Float32Array(beams * length * vocabulary)
  const shape = { batch: beams, source: joined ? length : source.length, target: length }
  const session = await onnxEngine.compile(logitsProgram(architecture, shape), { threads: 1 })
  const binding = session.bind(inputs, new Map([["logits", logits]]))
  let sequences = Array.from({ length: beams }, () => prompt)
  while (!search.done) {
    sequences.forEach((sequence, beam) => ids.set(sequence, beam * length))
    await session.run(binding)
    const scores = new Float32Array(beams * vocabulary)
    sequences.forEach((sequence, beam) => {
      const last = (beam * length + sequence.length - 1) * vocabulary
      const row = logits.subarray(last, last + vocabulary)
      scores.set(beams === 1 ? row : logSoftmax(row), beam * vocabulary)
    })
    sequences.forEach((_, beam) => guide?.apply(scores.subarray(beam * vocabulary, (beam + 1) * vocabulary), beam))
    search.advance(scores)
    guide?.follow([...search.parents], search.next)
    const before = sequences
    sequences = before.map((_, beam) => [...before[search.parents[beam] ?? 0] ?? [], search.next[beam] ?? 0])
  }
  await session.release()
  return search.result
}

const inputsOf = ({ kind, padId }: Architecture, source: readonly number[], beams: number, length: number) => {
  const ids = new Int32Array(beams * length).fill(padId)
  if (kind === "decoder-only") {
    const inputs = new Map<string, TensorData>([["source ids", ids], ["rows", Int32Array.from(ids.keys())]])
    return { inputs, ids }
  }
  const all = Array.from({ length: beams }, () => source).flat()
  const sourceMask = new Float32Array(all.length)
  const inputs = new Map<string, TensorData>([
    ["source ids", Int32Array.from(all)],
    ["source mask", sourceMask],
    ["decoder ids", ids],
  ])
  return { inputs, ids }
}

const logSoftmax = (row: Float32Array): Float32Array => {
  const most = row.reduce((a, b) => Math.max(a, b))
  const sum = row.reduce((total, value) => total + Math.exp(value - most), 0)
  return row.map((value) => value - most - Math.log(sum))
}
