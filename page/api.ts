import type { Answers, ErrorMessage, LiveMessage, SessionMessage } from "../pipeline/cli/ui/messages.ts"

/** What the server said, or why it did not. */
export type Answer<A> =
  | { readonly _tag: "Here"; readonly value: A }
  | { readonly _tag: "Failed"; readonly message: string; readonly help: string }

/** Answers that stand in the page itself, by their paths, where it is a file and no server is there to ask. */
const inlined = ((): Readonly<Record<string, unknown>> | undefined => {
  const text = document.getElementById("answers")?.textContent
  return text === null || text === undefined ? undefined : JSON.parse(text) as Readonly<Record<string, unknown>>
})()

/** Whether the page is a file, which shows what was when it was written. */
export const isFile = inlined !== undefined

/** What is asked for: the name says what the answer is. */
export interface Asked<Name extends keyof Answers> {
  readonly name: Name
  readonly path: string
}

/** What is asked for by a name and by parts of a path, which may have any characters. */
export const asking = <Name extends keyof Answers>(name: Name, ...parts: ReadonlyArray<string>): Asked<Name> => ({
  name,
  path: `/api/${[name, ...parts].map(encodeURIComponent).join("/")}`,
})

/** The same with a query; that of an empty one is the same path. */
export const withQuery = <Name extends keyof Answers>(
  { name, path }: Asked<Name>,
  query: URLSearchParams,
): Asked<Name> => ({ name, path: query.size === 0 ? path : `${path}?${query.toString()}` })

export const get = async <Name extends keyof Answers>({ path }: Asked<Name>): Promise<Answer<Answers[Name]>> => {
  if (inlined !== undefined) {
    return path in inlined
      ? { _tag: "Here", value: inlined[path] as Answers[Name] }
      : { _tag: "Failed", message: "This is not in the file.", help: "Ask dag ui for it." }
  }
  return await answered(fetch(path, { headers: known() }))
}

export const post = <Name extends keyof Answers>(
  { path }: Asked<Name>,
  body: unknown,
): Promise<Answer<Answers[Name]>> => answered(sent(path, body))

const sent = (path: string, body: unknown): Promise<Response> =>
  fetch(path, {
    method: "POST",
    headers: { ...known(), "content-type": "application/json" },
    body: JSON.stringify(body),
  })

const answered = async <A>(asked: Promise<Response>): Promise<Answer<A>> => {
  try {
    const response = await asked
    const value: unknown = await response.json()
    if (response.ok) return { _tag: "Here", value: value as A }
    const { message, help } = (value as ErrorMessage).error
    return { _tag: "Failed", message, help }
  } catch {
    return { _tag: "Failed", message: "dag ui does not answer.", help: "Start it again, and open its new address." }
  }
}

/** Where the secret of the server is held: for all tabs of this port, and no page of another port can read it. */
const held = "redag"

/** The header that shows the server that a request is of its own page. */
const known = (): Readonly<Record<string, string>> => {
  const secret = localStorage.getItem(held)
  return secret === null ? {} : { "x-redag": secret }
}

/** Exchanges the token of the address for a cookie and a secret, and takes it out of the address and the history. */
export const enter = async (): Promise<Answer<unknown>> => {
  const [, token] = /^#token=([0-9a-f]+)$/u.exec(location.hash) ?? []
  if (token === undefined || isFile) return { _tag: "Here", value: {} }
  history.replaceState(null, "", "#/graph")
  const entered = await answered<SessionMessage>(sent("/api/session", { token }))
  if (entered._tag === "Here") localStorage.setItem(held, entered.value.secret)
  return entered
}

const hearers = new Set<(message: LiveMessage) => void>()
let isFollowing = false

/** A stream that broke is asked for again after so many milliseconds. */
const AGAIN = 3000

/** Hears what the server pushes. An EventSource says no header of its own, so the stream is read here. */
const follow = async (): Promise<void> => {
  try {
    const { ok, body } = await fetch("/api/events", { headers: known() })
    if (!ok || body === null) return
    const reader = body.pipeThrough(new TextDecoderStream()).getReader()
    let text = ""
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      const parts = (text + value).split("\n\n")
      text = parts.pop() ?? ""
      for (const part of parts) {
        if (!part.startsWith("data: ")) continue
        const message = JSON.parse(part.slice("data: ".length)) as LiveMessage
        for (const hear of hearers) hear(message)
      }
    }
  } catch {
    // The server ended, or the network did: it is asked again.
  }
  setTimeout(() => void follow(), AGAIN)
}

/** Calls a function with what the server pushes, until what this gives is called. */
export const listen = (hear: (message: LiveMessage) => void): () => void => {
  hearers.add(hear)
  if (!isFollowing && !isFile) {
    isFollowing = true
    void follow()
  }
  return () => void hearers.delete(hear)
}
