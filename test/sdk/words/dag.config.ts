import { experiment } from "redag"
import { count } from "./stages/count/stage.ts"
import { most } from "./stages/most/stage.ts"

/** The words of a few texts: each text is counted by itself, then all together. */
export default experiment({
  defaultProfile: "words",
  profiles: {
    words: (dag) => {
      const counts = ["sea", "river", "lake"].map((text) =>
        dag.add(count, {
          name: text,
          params: { letters: 4 },
          inputs: { texts: { title: `the text of the ${text}`, base: dag.root, names: [`texts/${text}.txt`] } },
        }).counts
      )
      dag.add(most, { name: "all", params: { words: 3 }, inputs: { counts } })
    },
  },
})
