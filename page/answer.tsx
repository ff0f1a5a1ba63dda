import type { ComponentChildren } from "preact"
import { useEffect, useState } from "preact/hooks"
import type { Answers } from "../pipeline/cli/ui/messages.ts"
import { type Answer, type Asked, get, isFile } from "./api.ts"

/**
 * The answer to what is asked for, if anything is; undefined until it is there. Another path asks for that; another
 * `turn` asks again and shows the old answer meanwhile.
 */
export const useAnswer = <Name extends keyof Answers>(
  asked: Asked<Name> | undefined,
  turn = 0,
): Answer<Answers[Name]> | undefined => {
  const [held, hold] = useState<Held<Answers[Name]> | undefined>(undefined)
  const path = asked?.path
  useEffect(() => {
    let isWanted = asked !== undefined
    const ask = async (of: Asked<Name>): Promise<void> => {
      const answer = await get(of)
      if (isWanted) hold({ path: of.path, answer })
    }
    if (asked !== undefined) void ask(asked)
    return () => {
      isWanted = false
    }
  }, [path, turn])
  return held?.path === path ? held?.answer : undefined
}

/** A process that is killed says nothing: what is shown as running is asked for again after so many milliseconds. */
const AGAIN = 5000

/** Another number each time that something which still runs is to be asked for again. */
export const useTurns = (runs: boolean): number => {
  const [turn, ask] = useState(0)
  useEffect(() => {
    if (!runs || isFile) return undefined
    const timer = setInterval(() => ask((before) => before + 1), AGAIN)
    return () => clearInterval(timer)
  }, [runs])
  return turn
}

interface Held<A> {
  readonly path: string
  readonly answer: Answer<A>
}

/** What is made of an answer, or why there is none. */
export const Answered = <A,>(
  { of, children }: { readonly of: Answer<A> | undefined; readonly children: (value: A) => ComponentChildren },
) => {
  if (of === undefined) return <p class="wait">Loading …</p>
  return of._tag === "Here" ? <>{children(of.value)}</> : <Problem message={of.message} help={of.help} />
}

export const Problem = ({ message, help }: { readonly message: string; readonly help: string }) => (
  <div class="problem" role="alert">
    <p>{message}</p>
    {help === "" ? null : <p>{help}</p>}
  </div>
)
