/**
 * What it takes to make the programs of all nodes of a profile anew: to link all stages, to cut them into declarations,
 * and to slice a program for every stage and options that a node has. Run as `node bench/slicing.ts [PROFILE] [ROUNDS]`.
 *
 * Each round is a process of its own, so that nothing is warm; loading the linker is a part of it.
 */
import { execFileSync } from "node:child_process"
import { availableParallelism, cpus } from "node:os"
import { dirname } from "node:path"

const root = dirname(import.meta.dirname)
const [profile = "paper", rounds = "7"] = process.argv.slice(2)

interface Round {
  readonly load: number
  readonly link: number
  readonly cut: number
  readonly slice: number
  readonly programs: number
}

if (process.env["SLICING_ROUND"] === undefined) {
  const times = Array.from(
    { length: Number(rounds) },
    () =>
      JSON.parse(execFileSync(process.execPath, process.argv.slice(1), {
        encoding: "utf8",
        env: { ...process.env, SLICING_ROUND: "1" },
      })) as Round,
  )
  const median = (of: (round: Round) => number): number =>
    times.map(of).toSorted((one, other) => one - other)[times.length >> 1] ?? 0
  const total = ({ load, link, cut, slice }: Round): number => load + link + cut + slice
  const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`
  process.stdout.write(
    [
      `profile ${profile}: ${
        times[0]?.programs
      } programs; medians of ${times.length} processes, ${availableParallelism()} cores of ${
        cpus()[0]?.model
      }, Node ${process.versions.node}`,
      `load the linker  ${seconds(median(({ load }) => load))}`,
      `link             ${seconds(median(({ link }) => link))}`,
      `cut              ${seconds(median(({ cut }) => cut))}`,
      `slice            ${seconds(median(({ slice }) => slice))}`,
      `together         ${seconds(median(total))}`,
      "",
    ].join("\n"),
  )
} else {
  // What the build has loaded anyway when it comes to slicing.
  const { default: experiment } = await import("../dag.config.ts")
  const { expand } = await import("../pipeline/graph/expand.ts")
  const nodes = [...expand(experiment, profile, root).nodes.values()]
  const started = performance.now()
  const { link } = await import("../pipeline/build/link.ts")
  const { cut } = await import("../pipeline/build/cut.ts")
  const { programOf } = await import("../pipeline/identity/program.ts")
  const loaded = performance.now()
  const linked = await link(root, root)
  const atLink = performance.now()
  const { declarations } = cut(linked)
  const atCut = performance.now()
  const wanted = new Map(nodes.map(({ stage, options }) => [JSON.stringify([stage.name, options]), { stage, options }]))
  for (const { stage, options } of wanted.values()) programOf(declarations, stage.name, options)
  const ended = performance.now()
  process.stdout.write(JSON.stringify(
    {
      load: loaded - started,
      link: atLink - loaded,
      cut: atCut - atLink,
      slice: ended - atCut,
      programs: wanted.size,
    } satisfies Round,
  ))
}
