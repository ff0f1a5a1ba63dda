// Training and its validation run the same searches as generation and are not to depend on constraints. The engine is
// what generation alone can be given another of: this one changes the scores of a step before the search sees them.
import type { Binding, Engine, EngineOptions, Program, Session, TensorData } from "../../ir/program.ts"

/** What a constraint does with the batches of a generation. */
export interface Batches {
  /** A batch begins, whose sources have these ids [B,S], padded. */
  readonly begin: (ids: TensorData) => void
  /** Scores [B·K,V] of a step that read `ids` [B,K]; `mask` [B·K,K+N] says which slots each beam goes on from. */
  readonly step: (ids: TensorData, mask: TensorData, scores: TensorData) => void
}

/** An engine that tells of the sources and steps of a generation, and lets the scores of a step be changed. */
export const observedEngine = (engine: Engine, batches: Batches): Engine => ({
  name: engine.name,
  compile: async (program: Program, options: EngineOptions): Promise<Session> => {
    const session = await engine.compile(program, options)
    const after = new WeakMap<Binding, () => void>()
    return {
      bind: (inputs, outputs) => {
        const binding = session.bind(inputs, outputs)
        const [ids, mask, scores] = [inputs.get("ids"), inputs.get("own mask"), outputs.get("scores")]
        const sources = inputs.get("source ids")
        if (ids !== undefined && mask !== undefined && scores !== undefined) {
          after.set(binding, () => batches.step(ids, mask, scores))
        } else if (sources !== undefined) after.set(binding, () => batches.begin(sources))
        return binding
      },
      run: async (binding) => {
        await session.run(binding)
        after.get(binding)?.()
      },
      release: () => session.release(),
    }
  },
})
