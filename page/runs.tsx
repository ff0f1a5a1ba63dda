import { useEffect, useState } from "preact/hooks"
import type { RunSummary } from "../pipeline/cli/ui/messages.ts"
import { Answered, useAnswer, useTurns } from "./answer.tsx"
import { asking, isFile, listen } from "./api.ts"
import { addressOf, goTo } from "./route.ts"
import { Start } from "./start.tsx"
import { counted, moment, number } from "./words.ts"

/** All runs that left a log, the newest first; two of them can be compared. */
export const RunsPage = ({ mayRun }: { readonly mayRun: boolean }) => {
  const [turn, ask] = useState(0)
  const [live, hear] = useState<ReadonlyMap<string, RunSummary>>(new Map())
  const [isLive, follow] = useState(false)
  const answer = useAnswer(asking("runs"), turn + useTurns(isLive))
  const runs = answer?._tag === "Here" ? answer.value.runs.map((run) => live.get(run.run) ?? run) : []
  const isRunning = runs.some(({ outcome }) => outcome === "running")
  useEffect(() => follow(isRunning), [isRunning])
  // What was heard before an answer is in it.
  useEffect(() => hear(new Map()), [answer])
  useEffect(() =>
    listen((message) => {
      if (message._tag !== "Run") return
      hear((before) => new Map([...before, [message.run.run, message.run]]))
    }), [])
  useEffect(() => {
    // A run that is not in the list yet.
    if (
      answer?._tag === "Here" && [...live.keys()].some((name) => answer.value.runs.every(({ run }) => run !== name))
    ) ask(turn + 1)
  }, [live.size])
  return (
    <>
      <Answered of={answer}>{() => <List runs={runs} />}</Answered>
      {mayRun ? <Start /> : null}
    </>
  )
}

const List = ({ runs }: { readonly runs: ReadonlyArray<RunSummary> }) => {
  const [marked, mark] = useState<ReadonlyArray<string>>([])
  const [newest, oldest] = runs.map(({ run }) => run).filter((run) => marked.includes(run))
  return (
    <article>
      <h1>Runs</h1>
      <p>
        {runs.length === 0
          ? "No run left a log yet; a run in which every node is up to date leaves none."
          : `${counted(runs.length, "run")}. Mark one to compare it with what is declared now, or two to compare them.`}
      </p>
      {runs.length === 0 ? null : (
        <>
          {isFile ? null : (
            <p>
              <button
                type="button"
                disabled={newest === undefined}
                onClick={() =>
                  goTo(
                    addressOf(oldest === undefined ? ["diff", newest ?? "", "now"] : ["diff", oldest, newest ?? ""]),
                  )}
              >
                Compare
              </button>
            </p>
          )}
          <div class="scroll" role="region" aria-label="Runs" tabIndex={0}>
            <table class="whole-words">
              <thead>
                <tr>
                  {isFile ? null : (
                    <th scope="col">
                      <span class="unseen">Mark</span>
                    </th>
                  )}
                  <th scope="col">Run</th>
                  <th scope="col">Started</th>
                  <th scope="col">Profile</th>
                  <th scope="col">Outcome</th>
                  <th scope="col" class="n">Executed</th>
                  <th scope="col" class="n">Up to date</th>
                  <th scope="col" class="n">Failed</th>
                  <th scope="col">Only</th>
                </tr>
              </thead>
              <tbody>
                {runs.map((run) => (
                  <tr key={run.run}>
                    {isFile ? null : (
                      <td>
                        <input
                          type="checkbox"
                          aria-label={`Mark ${run.run}`}
                          checked={marked.includes(run.run)}
                          onChange={() =>
                            mark(
                              marked.includes(run.run)
                                ? marked.filter((each) => each !== run.run)
                                : [...marked, run.run].slice(-2),
                            )}
                        />
                      </td>
                    )}
                    <th scope="row">
                      <a href={addressOf(["run", run.run])}>{run.run}</a>
                    </th>
                    <td>{moment(run.started)}</td>
                    <td>{run.profile}</td>
                    <td class={`outcome ${run.outcome.replaceAll(" ", "-")}`}>{run.outcome}</td>
                    <td class="n">{number(run.executed)}</td>
                    <td class="n">{number(run.upToDate)}</td>
                    <td class="n">{number(run.failed)}</td>
                    <td>{run.selectors.join(" ")}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </article>
  )
}

/** What differs between two runs. */
export const DiffPage = ({ before, after }: { readonly before: string; readonly after: string }) => {
  const answer = useAnswer(asking("diff", before, after))
  return (
    <article>
      <h1>{before} and {after}</h1>
      <Answered of={answer}>
        {({ text }) => (
          <pre class="why">{text.split("\n").map((line, index) => (
            <span key={index} class={/^\s*\+ /u.test(line) ? "added" : /^\s*- /u.test(line) ? "removed" : undefined}>
              {line}{"\n"}
            </span>
          ))}</pre>
        )}
      </Answered>
    </article>
  )
}
