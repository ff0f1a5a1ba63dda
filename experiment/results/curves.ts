import type { Curve, NodeCurves, Provenance } from "redag"
import { corpora } from "../corpora.ts"
import { settings } from "../settings.ts"

/** What is drawn of a training, in this order; the first two at once, the others on request. */
export const quantities = [
  { id: "training/loss", title: "loss" },
  { id: "evaluations/f1", title: "validation F1" },
  { id: "training/learningRate", title: "learning rate" },
  { id: "training/gradientNorm", title: "gradient norm" },
] as const
export type QuantityId = (typeof quantities)[number]["id"]

/** One training of a cell. */
export interface TrainingCurves {
  readonly seed: number | null
  readonly state: NodeCurves["state"]
  /** By quantity, few enough points to be drawn. */
  readonly points: ReadonlyMap<QuantityId, Points>
}

export type Points = Curve["points"]

/** The trainings of a model on a corpus in one setting, one for each seed. */
export interface CellCurves {
  readonly model: string
  readonly corpus: string
  readonly setting: string
  readonly trainings: ReadonlyArray<TrainingCurves>
}

/** So many points of a curve are drawn: a small drawing has no room for more, least of all with a line for each seed. */
const MOST = { alone: 44, amongSeeds: 24 }

/** The curves of all trainings that there are, by cell: in the order of the corpora, the graph's models, the settings. */
export const cellCurves = async ({ curves }: Pick<Provenance, "curves">): Promise<ReadonlyArray<CellCurves>> => {
  const cells = new Map<string, CellCurves & { readonly trainings: Array<TrainingCurves> }>()
  const models: Array<string> = []
  for (const [node, read] of curves) {
    const run = runOf(node)
    // One after the other: the steps of all trainings at once would fill the memory.
    const found = run === undefined ? undefined : await read()
    if (run === undefined || found === undefined || found.curves.length === 0) continue
    const { seed, ...cell } = run
    const key = JSON.stringify(cell)
    const known = cells.get(key) ?? { ...cell, trainings: [] }
    known.trainings.push({
      seed,
      state: found.state,
      points: pointsOf(found.curves, seed === null ? MOST.alone : MOST.amongSeeds),
    })
    cells.set(key, known)
    if (!models.includes(cell.model)) models.push(cell.model)
  }
  const place = ({ model, corpus, setting }: CellCurves): ReadonlyArray<number> => [
    corpora.findIndex(({ id }) => id === corpus),
    models.indexOf(model),
    settings.findIndex(({ id }) => id === setting),
  ]
  return [...cells.values()].toSorted((one, other) => {
    const [a, b] = [place(one), place(other)]
    return a.map((value, index) => value - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0
  })
}

/** The run that a finetuning is of, by its name: "finetune/T5-Small/cdr/16/seed0"; a model's name may have slashes. */
const runOf = (node: string) => {
  const [stage, ...parts] = node.split("/")
  const seed = /^seed(\d+)$/u.exec(parts.at(-1) ?? "")?.[1]
  const [model, corpus, setting] = [
    parts.slice(0, seed === undefined ? -2 : -3).join("/"),
    ...parts.slice(
      ...(seed === undefined ? [-2] : [-3, -1]),
    ),
  ]
  const isRun = stage === "finetune" && model !== "" && corpora.some(({ id }) => id === corpus)
    && settings.some(({ id }) => id === setting)
  return isRun && corpus !== undefined && setting !== undefined
    ? { model, corpus, setting, seed: seed === undefined ? null : Number(seed) }
    : undefined
}

const pointsOf = (curves: ReadonlyArray<Curve>, most: number): ReadonlyMap<QuantityId, Points> =>
  new Map(quantities.flatMap(({ id }) => {
    const found = curves.find(({ output, column }) => `${output}/${column}` === id)
    return found === undefined
      ? []
      : [[id, id === "evaluations/f1" ? found.points : straightened(thinned(found.points, most))]]
  }))

/** At most so many points: the first, the last, and the mean point of each equal part of those between them. */
export const thinned = (points: Points, most: number): Points => {
  if (points.length <= most) return points
  const between = points.slice(1, -1)
  const means = Array.from({ length: most - 2 }, (_, index) => {
    const at = (part: number): number => Math.floor((part * between.length) / (most - 2))
    const part = between.slice(at(index), at(index + 1))
    const mean = (of: "x" | "y"): number => part.reduce((sum, point) => sum + point[of], 0) / part.length
    return { x: mean("x"), y: mean("y") }
  })
  return [...points.slice(0, 1), ...means, ...points.slice(-1)]
}

/** The points without those that a straight line between their neighbours shows as well, as those of a learning rate. */
export const straightened = (points: Points): Points => {
  const ys = points.map(({ y }) => y)
  const close = (Math.max(...ys) - Math.min(...ys)) / 200
  const kept: Array<Points[number]> = []
  let start = 0
  for (const [index, point] of points.entries()) {
    const [first, next] = [points[start], points[index + 1]]
    const straight = first !== undefined && next !== undefined && index > start
      && points.slice(start + 1, index + 1).every(({ x, y }) =>
        Math.abs(y - (first.y + ((next.y - first.y) * (x - first.x)) / (next.x - first.x))) <= close
      )
    if (straight) continue
    kept.push(point)
    start = index
  }
  return kept
}
