import { useEffect, useState } from "preact/hooks"
import type { WhatIfMessage } from "../pipeline/cli/ui/messages.ts"
import { Answered, useAnswer } from "./answer.tsx"
import { type Answer, asking, isFile, post } from "./api.ts"
import { addressOf } from "./route.ts"
import { counted, number } from "./words.ts"

/** The files that the profile is declared with. */
export const FilesPage = () => {
  const answer = useAnswer(asking("files"))
  return (
    <article>
      <h1>Templates and other files of the profile</h1>
      <p>Open one to try another text: what a run would do then is worked out before anything is saved.</p>
      <Answered of={answer}>
        {({ files }) => (
          <ul>
            {files.map((file) => (
              <li key={file}>
                <a href={addressOf(["file", file])}>{file}</a>
              </li>
            ))}
          </ul>
        )}
      </Answered>
    </article>
  )
}

/** One file, and what a run would do if it had another text. */
export const FilePage = ({ file }: { readonly file: string }) => {
  const answer = useAnswer(asking("file", file))
  return <Answered of={answer}>{(message) => <Trial key={file} file={message.file} first={message.text} />}</Answered>
}

const Trial = ({ file, first }: { readonly file: string; readonly first: string }) => {
  const [text, write] = useState(first)
  const [answer, hear] = useState<Answer<WhatIfMessage> | "asked" | undefined>(undefined)
  useEffect(() => hear(undefined), [text])
  const ask = async (): Promise<void> => {
    hear("asked")
    hear(await post(asking("what-if"), { file, text }))
  }
  return (
    <article>
      <h1>{file}</h1>
      <label for="text">Another text of it; nothing is saved</label>
      <textarea
        id="text"
        rows={22}
        spellcheck={false}
        value={text}
        onInput={(event) => write(event.currentTarget.value)}
      />
      <p>
        <button type="button" disabled={isFile} onClick={() => void ask()}>What would run</button>{" "}
        <button type="button" disabled={text === first} onClick={() => write(first)}>As it is</button>
      </p>
      <div aria-live="polite">
        {answer === undefined
          ? null
          : answer === "asked"
          ? <p class="wait">Planning …</p>
          : <Answered of={answer}>{(planned) => <Planned planned={planned} />}</Answered>}
      </div>
    </article>
  )
}

const Planned = ({ planned: { problem, stages, changed, nodes, time } }: { readonly planned: WhatIfMessage }) => {
  if (problem !== null) {
    return (
      <div class="problem">
        <p>{problem.line === null ? "" : `Line ${problem.line}: `}{problem.message}</p>
        <p>{problem.help}</p>
      </div>
    )
  }
  if (nodes === 0) return <p>Nothing would run.</p>
  return (
    <section>
      <h2>{counted(nodes, "node")} would run or may{time === null ? "" : `: ${time}`}</h2>
      <div class="scroll" role="region" aria-label="What would run" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Stage</th>
              <th scope="col" class="n">Will run</th>
              <th scope="col" class="n">May run</th>
            </tr>
          </thead>
          <tbody>
            {stages.map(({ stage, willRun, mayRun }) => (
              <tr key={stage}>
                <th scope="row">{stage}</th>
                <td class="n">{number(willRun)}</td>
                <td class="n">{number(mayRun)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {changed.length === 0 ? null : (
        <>
          <h2>Because of this text</h2>
          <ul>
            {changed.map(({ node, why }) => (
              <li key={node}>
                <a href={addressOf(["node", node])}>{node}</a>
                <pre class="why">{why.join("\n")}</pre>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
