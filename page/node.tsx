import { useState } from "preact/hooks"
import type { NodeMessage, ParamMessage } from "../pipeline/cli/ui/messages.ts"
import { Answered, useAnswer } from "./answer.tsx"
import { asking, isFile } from "./api.ts"
import { Curves } from "./curves.tsx"
import { shapes } from "./graph/states.ts"
import { useVersion } from "./live.ts"
import { addressOf } from "./route.ts"
import { bytes, counted, duration, moment, number, stateWords } from "./words.ts"

/** A node on a page of its own. */
export const NodePage = ({ name }: { readonly name: string }) => (
  <>
    <p>
      <a href={addressOf(["graph"], { node: name })}>Show it in the graph</a>
    </p>
    <NodeFacts name={name} version={useVersion()} />
  </>
)

/** All that is known of a node. */
export const NodeFacts = ({ name, version }: { readonly name: string; readonly version: number }) => {
  const answer = useAnswer(asking("node", name), version)
  return <Answered of={answer}>{(node) => <Facts node={node} />}</Answered>
}

const Facts = ({ node }: { readonly node: NodeMessage }) => (
  <article class="node">
    <h1>{node.name}</h1>
    <p class={`state ${node.state}`}>
      <span aria-hidden="true">{shapes[node.state]}</span> {stateWords[node.state]}
    </p>
    {node.why.length === 0 ? null : (
      <section>
        <h2>Why</h2>
        <pre class="why">{node.why.map((line) => (
          <span key={line} class={line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : undefined}>
            {line}{"\n"}
          </span>
        ))}</pre>
      </section>
    )}
    {node.failure === null ? null : (
      <div class="problem">
        <p>
          It failed in run <a href={addressOf(["run", node.failure.run])}>{node.failure.run}</a>:
        </p>
        <pre>{node.failure.message}</pre>
        <p>{node.failure.help}</p>
      </div>
    )}
    {node.curves.length === 0 ? null : (
      <section>
        <h2>Curves</h2>
        <Curves curves={node.curves} />
      </section>
    )}
    {node.outputs.length === 0 ? null : (
      <section>
        <h2>What it made</h2>
        <ul>
          {node.outputs.map((output) => (
            <li key={output.name}>
              <a href={addressOf(["table", output.digest], { of: node.name })}>{output.name}</a>:{" "}
              {counted(output.rows, "row")}, {bytes(output.size)}{" "}
              <code title={output.digest}>{output.digest.slice(0, 12)}</code>
            </li>
          ))}
        </ul>
      </section>
    )}
    {node.made === null ? null : <Made made={node.made} />}
    {node.hasLog ? <Log name={node.name} /> : null}
    {node.inputs.length === 0 ? null : (
      <section>
        <h2>What it takes</h2>
        <Names rows={node.inputs.map(({ role, node: name, output }) => [name, `${role}: ${name}:${output}`])} />
      </section>
    )}
    {node.users.length === 0 ? null : (
      <section>
        <h2>What takes it</h2>
        <Names rows={node.users.map((name) => [name, name])} />
      </section>
    )}
    {node.params.length === 0 ? null : <Params name={node.name} params={node.params} />}
    {node.key === null ? null : (
      <p class="note">
        Key <code>{node.key}</code>
      </p>
    )}
  </article>
)

const Made = ({ made }: { readonly made: NonNullable<NodeMessage["made"]> }) => (
  <section>
    <h2>How it was made</h2>
    <dl class="facts">
      <div>
        <dt>Started</dt>
        <dd>{moment(made.started)}</dd>
      </div>
      <div>
        <dt>Took</dt>
        <dd>{duration(made.milliseconds)}</dd>
      </div>
      <div>
        <dt>On</dt>
        <dd>
          {made.host === "" ? "" : `${made.host}, `}
          {counted(made.cpu, "thread")}, {number(made.memory)} MiB granted
        </dd>
      </div>
      {made.commit === null ? null : (
        <div>
          <dt>Commit</dt>
          <dd>
            <code>{made.commit}</code>
          </dd>
        </div>
      )}
      {made.counts.map(([name, count]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{number(count)}</dd>
        </div>
      ))}
      {made.files.map(([name, digest]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <code title={digest}>sha256 {digest.slice(0, 12)}</code>
          </dd>
        </div>
      ))}
    </dl>
    {made.warnings.map((warning) => <p key={warning} class="warning">{warning}</p>)}
  </section>
)

/** So many names are shown at first. */
const FEW = 12

const Names = ({ rows }: { readonly rows: ReadonlyArray<readonly [node: string, text: string]> }) => {
  const [showsAll, showAll] = useState(false)
  return (
    <>
      <ul class="names">
        {(showsAll ? rows : rows.slice(0, FEW)).map(([node, text]) => (
          <li key={text}>
            <a href={addressOf(["node", node])}>{text}</a>
          </li>
        ))}
      </ul>
      {rows.length <= FEW || showsAll
        ? null
        : <button type="button" onClick={() => showAll(true)}>All {number(rows.length)}</button>}
    </>
  )
}

const Params = ({ name, params }: { readonly name: string; readonly params: ReadonlyArray<ParamMessage> }) => (
  <section>
    <h2>Params</h2>
    <div class="scroll" role="region" aria-label="Params" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Param</th>
            <th scope="col">Value</th>
            <th scope="col">Written in</th>
          </tr>
        </thead>
        <tbody>
          {params.map(({ path, value, origin }) => (
            <tr key={path}>
              <th scope="row">{path}</th>
              <td>
                <code>{value}</code>
              </td>
              <td>
                {origin === null
                  ? <span class="soft">the code</span>
                  : <a href={addressOf(["source", name, path])}>{origin.file}:{origin.line}</a>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </section>
)

const Log = ({ name }: { readonly name: string }) => {
  const [turn, ask] = useState(0)
  const answer = useAnswer(asking("log", name), turn)
  return (
    <section>
      <h2>What it printed</h2>
      <Answered of={answer}>
        {({ text, isCut }) => (
          <>
            {isCut ? <p class="note">Its beginning is left out.</p> : null}
            <pre class="log" tabIndex={0}>{text === "" ? "nothing" : text}</pre>
          </>
        )}
      </Answered>
      {isFile ? null : <button type="button" onClick={() => ask(turn + 1)}>Read again</button>}
    </section>
  )
}
