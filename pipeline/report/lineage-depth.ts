import type { Lineage } from "../status/lineage.ts"

/** The actions of a lineage that are so many steps or fewer from its first one. */
export const withinDepth = (lineage: Lineage, depth: number): Lineage => {
  const [first] = lineage
  if (first === undefined) return lineage
  const byId = new Map(lineage.map((each) => [each.id, each]))
  const near = new Set([first.id])
  let ring: ReadonlyArray<string> = [first.id]
  for (let step = 0; step < depth && ring.length > 0; step++) {
    const next = new Set<string>()
    for (const id of ring) {
      for (const { maker } of byId.get(id)?.sources ?? []) {
        if (maker !== undefined && !near.has(maker.id)) next.add(maker.id)
      }
    }
    for (const id of next) near.add(id)
    ring = [...next]
  }
  return lineage.filter(({ id }) => near.has(id))
}
