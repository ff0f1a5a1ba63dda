import { useEffect, useState } from "preact/hooks"
import type { StartedMessage } from "../pipeline/cli/ui/messages.ts"
import { Problem } from "./answer.tsx"
import { type Answer, asking, get, listen, post } from "./api.ts"

/** Starts a run of what selectors name, and stops it: there where the server was told to allow it. */
export const Start = () => {
  const [words, say] = useState("")
  const [answer, hear] = useState<Answer<StartedMessage> | undefined>(undefined)
  const look = async (): Promise<void> => hear(await get(asking("started")))
  const run = async (): Promise<void> => {
    const selectors = words.split(/\s+/u).filter((word) => word !== "")
    hear(await post(asking("start"), { selectors }))
  }
  const cancel = async (): Promise<void> => hear(await post(asking("cancel"), {}))
  useEffect(() => {
    void look()
    return listen((message) => {
      if (message._tag === "Run" || message._tag === "Graph") void look()
    })
  }, [])
  const isRunning = answer?._tag === "Here" && answer.value.isRunning
  return (
    <section>
      <h2>Start a run</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void run()
        }}
      >
        <label>
          Nodes <input value={words} placeholder="all" onInput={(event) => say(event.currentTarget.value)} />
        </label>{" "}
        <button type="submit" disabled={isRunning}>Run</button>{" "}
        <button type="button" disabled={!isRunning} onClick={() => void cancel()}>Cancel</button>
      </form>
      {answer?._tag === "Failed" ? <Problem message={answer.message} help={answer.help} /> : null}
      {answer?._tag === "Here" && answer.value.text !== ""
        ? <pre class="log" tabIndex={0}>{answer.value.text}</pre>
        : null}
    </section>
  )
}
