import { useEffect, useState } from "preact/hooks"
import type { RunMessage, RunNode } from "../pipeline/cli/ui/messages.ts"
import { Answered, useAnswer, useTurns } from "./answer.tsx"
import { asking, isFile, listen } from "./api.ts"
import { addressOf } from "./route.ts"
import { counted, duration, moment, number } from "./words.ts"

/** One run: how far it is while it runs, and what became of its nodes. */
export const RunPage = ({ name }: { readonly name: string }) => {
  const [isLive, live] = useState(false)
  const answer = useAnswer(asking("run", name), useTurns(isLive))
  return <Answered of={answer}>{(run) => <Run key={run.run} first={run} live={live} />}</Answered>
}

const Run = ({ first, live }: { readonly first: RunMessage; readonly live: (isLive: boolean) => void }) => {
  const [run, hear] = useState(first)
  useEffect(() => hear(first), [first])
  useEffect(() =>
    listen((message) => {
      if (message._tag !== "Run" || message.run.run !== first.run) return
      hear(({ own }) => ({
        ...message.run,
        own: [...new Map([...own, ...message.nodes].map((node) => [node.node, node])).values()],
      }))
    }), [first.run])
  const running = run.own.filter(({ state }) => state === "running")
  const failed = run.own.filter(({ state }) => state === "failed")
  const isLive = run.outcome === "running"
  useEffect(() => live(isLive), [isLive])
  const ended = run.own.filter(({ state }) => state !== "running" && state !== "waiting").length
  const total = (of: "cpu" | "memory" | "gpu"): number => running.reduce((sum, node) => sum + (node[of] ?? 0), 0)
  return (
    <article>
      <h1>Run {run.run}</h1>
      <dl class="facts">
        <div>
          <dt>Outcome</dt>
          <dd>
            <span role="status" class={`outcome ${run.outcome.replaceAll(" ", "-")}`}>{run.outcome}</span>
          </dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>{moment(run.started)}</dd>
        </div>
        <div>
          <dt>Profile</dt>
          <dd>{run.profile}{run.selectors.length === 0 ? "" : `, only ${run.selectors.join(" ")}`}</dd>
        </div>
        <div>
          <dt>Nodes</dt>
          <dd>
            {number(run.executed)} executed, {number(run.upToDate)} up to date, {number(run.failed)} failed, of{" "}
            {number(run.nodes)}{" "}
            <progress value={ended} max={Math.max(run.nodes, ended, 1)} aria-label="Nodes that are done" />
          </dd>
        </div>
        {isLive && running.length > 0
          ? (
            <div>
              <dt>In use</dt>
              <dd>
                {counted(total("cpu"), "thread")}, {number(total("memory"))} MiB, {counted(total("gpu"), "GPU")} granted
              </dd>
            </div>
          )
          : null}
        {isFile ? null : (
          <div>
            <dt>Compare</dt>
            <dd>
              <a href={addressOf(["diff", run.run, "now"])}>with what is declared now</a>
            </dd>
          </div>
        )}
      </dl>
      {running.length === 0 ? null : (
        <section>
          <h2>{isLive ? "Running" : "Not done when it ended"}</h2>
          <ul class="running">{running.map((node) => <Running key={node.node} node={node} />)}</ul>
        </section>
      )}
      {failed.length === 0 ? null : (
        <section>
          <h2>Failed</h2>
          {failed.map((node) => (
            <div key={node.node} class="problem">
              <p>
                <a href={addressOf(["node", node.node])}>{node.node}</a>
              </p>
              <pre>{node.message}</pre>
            </div>
          ))}
        </section>
      )}
      <Stages own={run.own} />
    </article>
  )
}

const Running = ({ node }: { readonly node: RunNode }) => (
  <li>
    <a href={addressOf(["node", node.node])}>{node.node}</a>{" "}
    {node.total === undefined || node.done === undefined ? null : (
      <>
        <progress value={node.done} max={Math.max(node.total, 1)} aria-label={`Progress of ${node.node}`} />{" "}
        {number(node.done)} of {number(node.total)} {node.unit}
      </>
    )} {node.note} {node.levels === undefined ? null : <Spark levels={node.levels} />}
    {node.message === undefined ? null : <p class="warning">{node.message}</p>}
  </li>
)

/** The last numbers that a node said of how it goes. */
const Spark = ({ levels }: { readonly levels: ReadonlyArray<number> }) => {
  const [least, most] = [Math.min(...levels), Math.max(...levels)]
  const points = levels.map((level, index) =>
    `${(index / Math.max(1, levels.length - 1) * 118 + 1).toFixed(1)},${
      (22 - (most === least ? 0.5 : (level - least) / (most - least)) * 20).toFixed(1)
    }`
  )
  return (
    <svg class="spark" viewBox="0 0 120 24" role="img" aria-label={`from ${levels[0]} to ${levels.at(-1)}`}>
      <polyline class="curve" points={points.join(" ")} />
    </svg>
  )
}

const words: ReadonlyArray<RunNode["state"]> = [
  "done",
  "up to date",
  "running",
  "waiting",
  "failed",
  "missing",
  "blocked",
  "unneeded",
]

/** How many nodes of each stage came to what, and how long they took. */
const Stages = ({ own }: { readonly own: ReadonlyArray<RunNode> }) => {
  const stages = [...Map.groupBy(own, ({ node }) => node.slice(0, node.indexOf("/")))]
  const shown = words.filter((word) => own.some(({ state }) => state === word))
  return (
    <section>
      <h2>By stage</h2>
      <div class="scroll" role="region" aria-label="Nodes by stage" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Stage</th>
              {shown.map((word) => <th key={word} scope="col" class="n">{word}</th>)}
              <th scope="col" class="n">Took</th>
            </tr>
          </thead>
          <tbody>
            {stages.map(([stage, nodes]) => (
              <tr key={stage}>
                <th scope="row">{stage}</th>
                {shown.map((word) => (
                  <td key={word} class="n">{number(nodes.filter(({ state }) => state === word).length)}</td>
                ))}
                <td class="n">{duration(nodes.reduce((sum, { milliseconds = 0 }) => sum + milliseconds, 0))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <details>
        <summary>{counted(own.length, "node")}</summary>
        <ul class="names">
          {own.slice(0, 3000).map(({ node, state }) => (
            <li key={node}>
              <a href={addressOf(["node", node])}>{node}</a> <span class="soft">{state}</span>
            </li>
          ))}
        </ul>
      </details>
    </section>
  )
}
