import { assert, describe, it } from "vitest"
import definition from "../../dag.config.ts"
import { expand } from "../../pipeline/graph/expand.ts"
import { sources } from "../../pipeline/graph/node.ts"
import { repository } from "../rig/project.ts"

const more = ["biored", "drugprot"]
const isOfMore = (name: string): boolean => name.split("/").some((part) => more.includes(part))

/** What the key of a node is made of, besides the program of its stage and the contents of files. */
const partsOf = (profile: string): ReadonlyMap<string, string> =>
  new Map(
    [...expand(definition, profile, repository).nodes.values()].map(({ name, stage, params, inputs }) => [
      name,
      JSON.stringify([
        stage.name,
        params,
        ...[...inputs].map(([role, wire]) => [
          role,
          wire._tag === "Files" ? [wire.set.names, wire.set.base] : wire.refs,
        ]),
      ]),
    ]),
  )

describe("the profile more", () => {
  it("has all that the profile paper has, the same, and the same for BioRED and DrugProt; only its table is another", () => {
    const [paper, all] = [partsOf("paper"), partsOf("more")]
    assert.isAbove(paper.size, 1000)
    const others = [...paper].flatMap(([name, parts]) => (all.get(name) === parts ? [] : [name]))
    assert.deepStrictEqual(others, ["aggregate/table1"])
    const added = [...all.keys()].filter((name) => !paper.has(name))
    assert.isTrue(added.every(isOfMore))
    for (const corpus of more) {
      for (const stage of ["finetune", "generate", "extract", "score"]) {
        assert.lengthOf(
          added.filter((name) => name.startsWith(`${stage}/`) && name.endsWith(`/${corpus}/full`)),
          {
            score: 2 * 19,
          }[stage] ?? 19,
        )
      }
    }
  })

  it("is not in what the paper and its authors did, nor in that in small", () => {
    for (const profile of ["paper", "authors", "demo-authors"]) {
      assert.deepStrictEqual([...partsOf(profile).keys()].filter(isOfMore), [], profile)
    }
    const table = expand(definition, "demo", repository).nodes.get("aggregate/table1")
    assert.include(table === undefined ? [] : sources(table), "score/t5-mini/biored/full")
  })
})
