/** `npm run house`: files, lines, rooms, imports between rooms and circles of each area. */
import { measure } from "./measures.ts"
import { readTree } from "./tree.ts"

const tree = readTree()
const measured = ["schemas", "pipeline", "models", "stages", "experiment"].map((area) => measure(tree, area))

process.stdout.write("area        files   lines  rooms  arrows  circles\n")
for (const { area, files, lines, rooms, arrows, circles } of measured) {
  const numbers = [[files, 6], [lines, 8], [rooms.length, 7], [arrows.length, 8], [circles.length, 9]] as const
  process.stdout.write(`${area.padEnd(11)}${numbers.map(([value, width]) => String(value).padStart(width)).join("")}\n`)
}
for (const { area, arrows, circles } of measured) {
  if (arrows.length > 0) process.stdout.write(`\n${area}\n${grouped(arrows).map((line) => `  ${line}\n`).join("")}`)
  for (const circle of circles) process.stdout.write(`  circle: ${circle.join(", ")}\n`)
}

/** `a -> b, c` for each room that imports others. */
function grouped(arrows: ReadonlyArray<string>): ReadonlyArray<string> {
  const targets = Map.groupBy(arrows, (arrow) => arrow.split(" -> ")[0])
  return [...targets].map(([from, all]) => `${from} -> ${all.map((arrow) => arrow.split(" -> ")[1]).join(", ")}`)
}
