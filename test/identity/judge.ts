import { SourceProblem } from "../../pipeline/build/problem.ts"
import type { Edit } from "./edit.ts"
import { evaluate, type Evaluation } from "./evaluate.ts"
import { laboratoryFiles } from "./files.ts"

/** What came of an edit. */
export interface Verdict {
  readonly edit: Pick<Edit, "kind" | "name">
  /** Programs that do not compute what their sources do. */
  readonly slips: ReadonlyArray<string>
  /** Nodes that compute something else under the same key. */
  readonly stale: ReadonlyArray<string>
  /** Nodes that compute the same under another key, where this is not documented. */
  readonly needless: ReadonlyArray<string>
  /** The documented kind of those that are. */
  readonly allowed: string | undefined
}

/** Judges edits one after another, each against the laboratory that it is made in. */
export class Judge {
  readonly #folder: string
  readonly #bases = new Map<Edit["before"], Promise<Evaluation>>()
  #made = 0

  /** `folder` is a place for copies of the laboratory. */
  constructor(folder: string) {
    this.#folder = folder
  }

  #next(): string {
    return `${this.#folder}/${this.#made++}`
  }

  #base(before: Edit["before"]): Promise<Evaluation> {
    const known = this.#bases.get(before)
    if (known !== undefined) return known
    const files = laboratoryFiles()
    before?.(files)
    const base = evaluate(files, this.#next())
    this.#bases.set(before, base)
    return base
  }

  async judge(edit: Edit): Promise<Verdict> {
    const base = await this.#base(edit.before)
    const files = laboratoryFiles()
    edit.before?.(files)
    edit.apply(files)
    const { expected } = edit
    if (expected._tag === "Refused") {
      const problem = await evaluate(files, this.#next(), base).then(() => undefined, (cause: unknown) => cause)
      const is = problem instanceof SourceProblem && expected.message.test(problem.message)
      return verdict(edit, { stale: is ? [] : [`is not refused: ${String(problem)}`] })
    }
    const edited = await evaluate(files, this.#next(), base)
    const slips: Array<string> = []
    const stale: Array<string> = []
    const changed: Array<string> = []
    for (const [name, after] of edited.nodes) {
      const before = base.nodes.get(name)
      if (before === undefined) throw new Error(`${edit.name}: node ${name} is new`)
      if (after.native !== after.program) slips.push(name)
      if (after.key !== before.key) changed.push(name)
      // A failure is not kept, so that its words need no key.
      else if (after.native !== before.native && !after.failed && !before.failed) stale.push(name)
    }
    switch (expected._tag) {
      case "Same":
        return verdict(edit, { slips, stale, needless: changed })
      case "Needless":
        return verdict(edit, {
          slips,
          stale,
          allowed: expected.as,
          needless: changed.length > 0 ? [] : ["is not needless"],
        })
      case "Mutant": {
        const holds = (name: string): boolean =>
          Object.keys(base.nodes.get(name)?.parts ?? {}).some((part) => part.startsWith(`${expected.module}: `))
        return verdict(edit, { slips, stale, needless: changed.filter((name) => !holds(name)) })
      }
      case "Other": {
        const named = [...base.nodes.keys()].filter((name) =>
          expected.nodes.some((each) => name === each || name.replace(/^wrong:/u, "").startsWith(`${each}/`))
        )
        return verdict(edit, {
          slips,
          stale: [...stale, ...named.filter((name) => !changed.includes(name))],
          needless: changed.filter((name) => !named.includes(name)),
        })
      }
    }
  }
}

const verdict = ({ kind, name }: Edit, found: Partial<Omit<Verdict, "edit">>): Verdict => ({
  edit: { kind, name },
  slips: found.slips ?? [],
  stale: [...new Set(found.stale)],
  needless: found.needless ?? [],
  allowed: found.allowed,
})
