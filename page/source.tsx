import { useEffect, useRef } from "preact/hooks"
import type { SourceMessage } from "../pipeline/cli/ui/messages.ts"
import { Answered, useAnswer } from "./answer.tsx"
import { asking } from "./api.ts"
import { useVersion } from "./live.ts"
import { addressOf } from "./route.ts"

/** The place in a file where a param of a node is written. */
export const SourcePage = ({ node, param }: { readonly node: string; readonly param: string }) => {
  const answer = useAnswer(asking("source", node, param), useVersion())
  return <Answered of={answer}>{(source) => <Source node={node} param={param} source={source} />}</Answered>
}

const Source = ({ node, param, source: { file, line, first, lines } }: {
  readonly node: string
  readonly param: string
  readonly source: SourceMessage
}) => {
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "center" }), [line])
  return (
    <article>
      <h1>{file}:{line}</h1>
      <p>
        Here is param <code>{param}</code> of <a href={addressOf(["node", node])}>{node}</a>.
      </p>
      <ol class="source" start={first} ref={list}>
        {lines.map((text, index) => {
          const isHere = first + index === line
          return (
            <li key={index} aria-current={isHere ? "true" : undefined}>
              <code>{text === "" ? " " : text}</code>
            </li>
          )
        })}
      </ol>
    </article>
  )
}
