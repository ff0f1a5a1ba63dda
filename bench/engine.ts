/**
 * What the engine costs beside other tools for graphs: a run with nothing to do, and one after the edit of one node.
 *
 * Run as `node bench/engine.ts`: it installs the peers (see bench/engine/install.ts), gives all of them graphs of one shape
 * and lets them take turns. `--nodes N` gives sizes (1400, 10000 and 100000), `--peers a,b` which of them, `--rounds N` how
 * often each runs (3), `--most S` for how many seconds a single run may take before its tool is left out of larger sizes
 * (120). Prints medians on the clock and of processors, the peak of the largest process, and ratios to redag.
 *
 * `--against COMMIT` compares two builds of redag instead: a run that executes every node, one that executes none, and a
 * plan; it ends with 1 where this build takes longer for a node. `--split` prints where this build's time goes.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { cpus, loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { compareWith, splitUp } from "./engine/builds.ts"
import { type PeerName, peerNames } from "./engine/install.ts"
import { type Peer, peerOf, redag } from "./engine/peers.ts"
import { jobs, type Timed } from "./engine/timed.ts"
import { median, table } from "./report.ts"

const { values } = parseArgs({
  options: {
    nodes: { type: "string", multiple: true, default: [] },
    peers: { type: "string", default: peerNames.join(",") },
    rounds: { type: "string", default: "3" },
    most: { type: "string", default: "120" },
    against: { type: "string" },
    split: { type: "boolean", default: false },
  },
})
const rounds = Number(values.rounds)
const most = Number(values.most)
const asked = values.nodes.map(Number)
const chosen = peerNames.filter((name) => values.peers.split(",").includes(name))

const measures = ["no-op", "one-node edit"] as const
type Measure = (typeof measures)[number]

/** Runs all sides in turns; which of them is first changes with each round. */
const compare = (sides: ReadonlyArray<Peer>): ReadonlyMap<Peer, Readonly<Record<Measure, ReadonlyArray<Timed>>>> => {
  const taken = new Map(sides.map((side) => [side, { "no-op": [] as Timed[], "one-node edit": [] as Timed[] }]))
  for (let round = 0; round < rounds; round++) {
    const turn = round % sides.length
    for (const side of [...sides.slice(turn), ...sides.slice(0, turn)]) {
      taken.get(side)?.["no-op"].push(side.run())
      side.edit(round + 1)
      taken.get(side)?.["one-node edit"].push(side.run())
    }
  }
  return taken
}

/** Prepares a side; undefined, which is told on stderr, where it fails or a single run of it takes too long. */
const prepared = (side: Peer | undefined, name: string, nodes: number): Peer | undefined => {
  if (side === undefined) return undefined
  try {
    side.prepare()
    const { wall, cpu } = side.run()
    if (wall <= most) return side
    const took = `${wall.toFixed(0)} s (${cpu.toFixed(0)} s of processors)`
    process.stderr.write(`${name} is left out: ${took} for a run of ${nodes} nodes with nothing to do\n`)
  } catch (thrown) {
    process.stderr.write(`${name} is left out of ${nodes} nodes: ${thrown instanceof Error ? thrown.message : "?"}\n`)
  }
  return undefined
}

const compareAt = (nodes: number, names: ReadonlyArray<PeerName>, folder: string): ReadonlyArray<PeerName> => {
  const sideIn = (name: string, make: (folder: string) => Peer | undefined) => {
    const own = join(folder, `${name}-${nodes}`)
    mkdirSync(own)
    return prepared(make(own), name, nodes)
  }
  const own = sideIn("redag", (at) => redag(at, nodes))
  if (own === undefined) throw new Error("redag itself could not be measured")
  const peers = names.flatMap((name) => sideIn(name, (at) => peerOf(name, at, nodes)) ?? [])
  const taken = compare([own, ...peers])
  const medianOf = (side: Peer, measure: Measure, of: keyof Timed): number =>
    median((taken.get(side)?.[measure] ?? []).map((each) => each[of]))
  const rows = [own, ...peers].flatMap((side) =>
    measures.map((measure) => [
      `${side.name}, ${measure}`,
      medianOf(side, measure, "wall").toFixed(3),
      medianOf(side, measure, "cpu").toFixed(3),
      `${(medianOf(side, measure, "peak") / 1e6).toFixed(0)} MB`,
      (medianOf(side, measure, "wall") / medianOf(own, measure, "wall")).toFixed(2),
      (medianOf(side, measure, "cpu") / medianOf(own, measure, "cpu")).toFixed(2),
    ])
  )
  process.stdout.write(`\n${nodes.toLocaleString("en")} nodes, ${rounds} rounds, medians\n`)
  process.stdout.write(table([["", "clock, s", "processors, s", "peak", "to redag", "processors"], ...rows]))
  for (const { name, version, how } of [own, ...peers]) process.stdout.write(`  ${name} ${version}: ${how}\n`)
  const left: ReadonlySet<string> = new Set(peers.map(({ name }) => name))
  return names.filter((name) => left.has(name))
}

const folder = mkdtempSync(join(tmpdir(), "redag-engine-bench-"))
try {
  const load = loadavg()[0] ?? 0
  if (values.split) splitUp(asked[0] ?? 1400, folder)
  else if (values.against !== undefined) {
    for (const nodes of asked.length === 0 ? [1400] : asked) compareWith(values.against, nodes, rounds, folder)
  } else {
    let names: ReadonlyArray<PeerName> = chosen
    for (const nodes of asked.length === 0 ? [1400, 10_000, 100_000] : asked) names = compareAt(nodes, names, folder)
  }
  process.stdout.write(
    `node ${process.versions.node}, ${cpus()[0]?.model.trim()}, ${jobs} jobs; load before ${load.toFixed(1)}\n`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
