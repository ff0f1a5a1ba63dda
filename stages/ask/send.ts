import { Clock, Data, Effect, Random } from "effect"
import { InputError, StageError } from "redag"
import type { Account } from "./account.ts"
import { type Answer, answerIn, withoutKeyIn } from "./answer.ts"
import type { Endpoint } from "./endpoint.ts"
import type { Limits } from "./limits.ts"
import {
  afterAttempts,
  asksForLong,
  endpointSays,
  laterHelp,
  noConnection,
  notAnAnswer,
  notInTime,
  redirects,
  redirectsHelp,
  refusesHelp,
  refusesKey,
  refusesKeyHelp,
  tooLong,
  unreadableHelp,
  waits,
} from "./messages.ts"
import { type Request, urlOf } from "./request.ts"

/** An answer, and the body that it was read from, without the key. */
export interface Replied {
  readonly answer: Answer
  readonly raw: string
}

/**
 * How long a bad endpoint is put up with. Times are in milliseconds. What answers, but not as a model does, is paid for
 * each time, and will hardly answer otherwise.
 */
const patience = { attempts: 6, unreadable: 2, firstDelay: 1000, longestDelay: 60_000, longestRetryAfter: 600_000 }

/** No answer has more bytes. */
const MOST = 16 << 20

/** Characters of an answer that a message repeats. */
const REPEATED = 120

/** What may be otherwise the next time. */
export class Passing extends Data.TaggedError("Passing")<{
  readonly message: string
  /** The wait that the endpoint asks for, in milliseconds. */
  readonly retryAfter: number
  /** Whether the endpoint may have answered, and counts it. */
  readonly isPaid: boolean
  /** What it answered, without the key, where that is not the answer of a model. */
  readonly unreadable: string | undefined
}> {}

type Attempt<E> = Effect.Effect<Replied, E | InputError | StageError>

/** Statuses that say nothing of the request itself. */
const isPassing = (status: number): boolean => [408, 409, 425, 429].includes(status) || status >= 500

/**
 * Sends requests to an endpoint; each again, after a wait, as long as what comes may be otherwise the next time. Each
 * attempt is made by `pay`, which knows what it may cost and keeps what comes.
 */
export const senderTo = (
  endpoint: Endpoint,
  { headers, withoutKey }: Account,
  limits: Limits,
  note: (text: string) => Effect.Effect<void>,
) => {
  const url = urlOf(endpoint)
  const repeated = (text: string): string => {
    const words = withoutKey(text).replaceAll(/[\p{Cc}\s]+/gu, " ").trim()
    return words.length <= REPEATED ? words : `${words.slice(0, REPEATED)}…`
  }
  const passing = (message: string, { retryAfter = 0, isPaid = false, unreadable }: Partial<Passing> = {}) =>
    new Passing({ message, retryAfter, isPaid, unreadable })

  const exchange = ({ body }: Request) => {
    let isPaid = false
    return Effect.tryPromise({
      try: async (signal) => {
        const response = await fetch(url, {
          method: "POST",
          redirect: "manual",
          signal,
          headers: { "content-type": "application/json", "user-agent": "redag", ...headers },
          body,
        })
        isPaid = response.ok
        const text = await readText(response)
        return { status: response.status, headers: response.headers, text }
      },
      catch: (cause) => passing(noConnection(repeated(reasonOf(cause))), { isPaid }),
    }).pipe(
      Effect.timeoutOrElse({
        duration: endpoint.timeout * 1000,
        // Whether it answers in the end, nobody hears.
        orElse: () => Effect.fail(passing(notInTime(endpoint.timeout), { isPaid: true })),
      }),
    )
  }

  const once = Effect.fnUntraced(function*(request: Request) {
    yield* limits.admit(request.tokens)
    const { status, headers: said, text } = yield* exchange(request)
    if (text === undefined) return yield* passing(tooLong(MOST >> 20), { isPaid: true })
    if (status >= 200 && status < 300) {
      const raw = withoutKeyIn(text, withoutKey)
      const answer = answerIn(raw, endpoint.api)
      if (answer !== undefined) return { answer, raw }
      return yield* passing(notAnAnswer(repeated(raw)), { isPaid: true, unreadable: raw })
    }
    const words = repeated(wordsOf(withoutKeyIn(text, withoutKey)))
    if (status >= 300 && status < 400) {
      return yield* new StageError({ message: redirects(status), help: redirectsHelp, transient: false })
    }
    if (isPassing(status)) {
      const retryAfter = retryAfterOf(said, yield* Clock.currentTimeMillis)
      if (retryAfter <= patience.longestRetryAfter) return yield* passing(endpointSays(status, words), { retryAfter })
      return yield* new StageError({
        message: asksForLong(endpointSays(status, words), Math.ceil(retryAfter / 1000)),
        help: laterHelp,
        transient: false,
      })
    }
    const { account } = endpoint
    if ((status === 401 || status === 403) && account !== null) {
      return yield* new InputError({ field: account, message: refusesKey(status, words), help: refusesKeyHelp })
    }
    return yield* new StageError({ message: endpointSays(status, words), help: refusesHelp, transient: false })
  })

  const send = <E>(
    request: Request,
    pay: (attempt: Attempt<Passing>) => Attempt<E | Passing>,
    failures = 0,
    unreadable = 0,
  ): Attempt<E> =>
    Effect.catchIf(pay(once(request)), isPassingFailure, (failure) =>
      Effect.gen(function*() {
        const { message, retryAfter } = failure
        const unread = unreadable + (failure.unreadable === undefined ? 0 : 1)
        if (unread === patience.unreadable) {
          return yield* new StageError({
            message: afterAttempts(message, unread),
            help: unreadableHelp,
            transient: false,
          })
        }
        if (failures + 1 === patience.attempts) {
          return yield* new StageError({
            message: afterAttempts(message, patience.attempts),
            help: laterHelp,
            transient: true,
          })
        }
        const longest = Math.min(patience.firstDelay * 2 ** failures, patience.longestDelay)
        // Requests that failed together do not all come again together.
        const delay = Math.max(longest * (0.5 + (yield* Random.next) / 2), retryAfter)
        yield* note(waits(message, Math.ceil(delay / 1000)))
        if (retryAfter > 0) yield* limits.pause(retryAfter)
        yield* Effect.sleep(delay)
        return yield* send(request, pay, failures + 1, unread)
      }))
  return <E>(request: Request, pay: (attempt: Attempt<Passing>) => Attempt<E | Passing>) => send(request, pay)
}

const isPassingFailure = (failure: unknown): failure is Passing => failure instanceof Passing

/** The body as text; undefined where it is too long. Rejects where the connection ends before the body does. */
const readText = async (response: Response): Promise<string | undefined> => {
  const chunks: Array<Uint8Array> = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MOST) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

/** What an answer that is no success says of itself, as those of OpenAI do: `{"error": {"message": "…"}}`. */
const wordsOf = (text: string): string => {
  try {
    const { error } = JSON.parse(text)
    return typeof error === "string" ? error : typeof error?.message === "string" ? error.message : text
  } catch {
    return text
  }
}

/** The wait that an endpoint asks for, in milliseconds: in milliseconds, in seconds, or as a date. */
const retryAfterOf = (headers: Headers, now: number): number => {
  const milliseconds = headers.get("retry-after-ms") ?? ""
  if (/^\d+(?:\.\d+)?$/u.test(milliseconds)) return Number(milliseconds)
  const value = headers.get("retry-after") ?? ""
  const wait = /^\d+(?:\.\d+)?$/u.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isFinite(wait) ? Math.max(0, wait) : 0
}

/** `fetch` says "fetch failed" or "terminated", and puts the reason behind it. */
const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  const { cause: inner } = cause
  if (!(inner instanceof Error)) return cause.message
  return inner.message === "" && "code" in inner ? String(inner.code) : inner.message
}
