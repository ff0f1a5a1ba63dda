import { mkdtempSync, rmSync } from "node:fs"
import { loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { compareBuilds, hasCommit, measures, medianOf, nodeOf } from "../../bench/engine/sides.ts"
import { show } from "./table.ts"

/** The build before stores had leases and files that prove themselves. */
const before = "1a59db5"
const rounds = 3
const nodes = 1400

describe("the cost of a node", () => {
  it.skipIf(!hasCommit(before))("is shown beside that of an older build", () => {
    const folder = mkdtempSync(join(tmpdir(), "redag-overhead-"))
    try {
      const load = loadavg()[0] ?? 0
      const [ours, theirs] = compareBuilds(before, nodes, rounds, folder)
      assert.lengthOf(ours, rounds)
      for (const measure of measures) {
        const [one, other] = [medianOf(ours, measure, "wall"), medianOf(theirs, measure, "wall")]
        show(
          "overhead",
          `${nodes} nodes: ${measure}`,
          `${one.toFixed(2)} s, ${other.toFixed(2)} s with ${before}`,
          `ratio ${(one / other).toFixed(2)}`,
        )
      }
      const [one, other] = [nodeOf(ours, nodes, "wall"), nodeOf(theirs, nodes, "wall")]
      show(
        "overhead",
        `a node, median of ${rounds} rounds, load before ${load.toFixed(1)}`,
        `${one.toFixed(2)} ms, ${other.toFixed(2)} ms`,
        `ratio ${(one / other).toFixed(2)}`,
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
