import { assert, describe, it } from "@effect/vitest"
import config from "../../dag.config.ts"
import { expand } from "../../pipeline/graph/expand.ts"
import { originOf } from "../../pipeline/graph/origin.ts"
import { repository } from "../rig/project.ts"

/** The paths of all values in params that are no objects. */
const paths = (value: unknown, above: ReadonlyArray<string> = []): ReadonlyArray<ReadonlyArray<string>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([name, each]) => paths(each, [...above, name]))
    : [above]

describe("the words of a template", () => {
  it.each(Object.keys(config.profiles))("have their line wherever they go in profile %s", (profile) => {
    const stages = new Set<string>()
    for (const { name, stage, declared } of expand(config, profile, repository).nodes.values()) {
      for (const path of paths(declared)) {
        if (path.at(-2) !== "template" || path.at(-1) !== "clause") continue
        const origin = originOf(declared, path)
        const corpus = /^stages\/template\/([^.]+)(?:\.authors)?\.yaml$/u.exec(origin?.file ?? "")?.[1]
        assert.include(name.split("/"), corpus, name)
        assert.isAbove(origin?.line ?? 0, 1, name)
        stages.add(stage.name)
      }
    }
    if (stages.has("extract")) assert.includeMembers([...stages], ["template", "finetune", "extract"])
  })
})
