/** `npm run house`: files, lines, rooms, imports between rooms and circles of each area. */
import { measure } from "./measures.ts"
import { readTree } from "./tree.ts"

const tree = readTree()
const measured = ["schemas", "pipeline", "models", "stages", "experiment"].map((area) => measure(tree, area))

const table = measured.map(({ area, files, lines, rooms, arrows, circles }) => {
  const numbers = [[files, 6], [lines, 8], [rooms.length, 7], [arrows.length, 8], [circles.length, 9]] as const
  return `${area.padEnd(11)}${numbers.map(([value, width]) => String(value).padStart(width)).join("")}`
})
const details = measured.filter(({ arrows }) => arrows.length > 0).flatMap(({ area, arrows, circles }) => [
  "",
  area,
  ...grouped(arrows).map((line) => `  ${line}`),
  ...circles.map((circle) => `  circle: ${circle.join(", ")}`),
])
process.stdout.write(`${["area        files   lines  rooms  arrows  circles", ...table, ...details].join("\n")}\n`)

/** `a -> b, c` for each room that imports others. */
function grouped(arrows: ReadonlyArray<string>): ReadonlyArray<string> {
  const targets = Map.groupBy(arrows, (arrow) => arrow.split(" -> ")[0])
  return [...targets].map(([from, all]) => `${from} -> ${all.map((arrow) => arrow.split(" -> ")[1]).join(", ")}`)
}
