import { Effect } from "effect"
import { type Details, detailsOf, type Queued } from "./answers.ts"
import { Slurm } from "./client.ts"
import { over } from "./hear.ts"
import { heldUp } from "./held-up.ts"
import { noteLooked, tell } from "./stand.ts"
import { slurmIdOf, type Task } from "./task.ts"

/** The time between two looks at the queue, in milliseconds: a controller serves thousands of users. */
export const BETWEEN = 30_000

/** How long the first look may wait where nothing is in the queue, in milliseconds. */
const IDLE = 1000

/** What ended is said so by these; anything else may go on. */
const goingOn = new Set([
  "PENDING",
  "RUNNING",
  "SUSPENDED",
  "CONFIGURING",
  "COMPLETING",
  "RESIZING",
  "REQUEUED",
  "REQUEUE_HOLD",
  "REQUEUE_FED",
  "SPECIAL_EXIT",
  "SIGNALING",
  "STAGE_OUT",
  "STOPPED",
])

/** Whether what the controller remembers of a task is how it ended. */
export const hasEnded = ({ state }: Details): boolean => !goingOn.has(state)

/**
 * Looks at the queue, now and then, for tasks that are in it no more though their workers said nothing of an end.
 *
 * The queue is a hint: a look that fails, and a task that is not in it, say nothing by themselves. What is missing is asked
 * about one by one; what nobody knows any more is given up at the second look.
 */
export const makeLookAtQueue = Effect.fnUntraced(function*(
  tasks: ReadonlySet<Task>,
  /** Takes note of what workers said meanwhile. */
  listen: Effect.Effect<void>,
  /** Writes down for others what is known of the queue. */
  writeFiles: Effect.Effect<void>,
  note: (text: string) => Effect.Effect<void>,
) {
  const slurm = yield* Slurm
  /** The arrays that were said to be held up: what holds up one task holds up many. */
  const said = new Set<string>()
  const look = Effect.gen(function*() {
    const known = [...tasks].filter(({ array, over }) => array !== undefined && over === undefined)
    if (known.length === 0) return
    const asked = performance.now()
    const queued = yield* slurm.queue([...new Set(known.map(({ jobName }) => jobName))])
    const listed = new Map(queued.map((each) => [`${each.name} ${each.task ?? 0}`, each]))
    for (const task of known) {
      const found = listed.get(`${task.jobName} ${task.index}`)
      if (found === undefined || task.over !== undefined) continue
      noteLooked(task, found, asked)
      yield* tell(task)
    }
    yield* writeFiles
    for (const each of queued) {
      const why = said.has(each.job) ? undefined : heldUp(each)
      if (why === undefined) continue
      said.add(each.job)
      yield* note(why)
    }
    const isNotStarted = notStarted(queued)
    const held = known.filter(isNotStarted)
    if (held.length > 0) {
      yield* slurm.cancel(held.flatMap((task) => slurmIdOf(task) ?? []))
      for (const task of held) over(task, { _tag: "Gone" })
    }
    const missing = known.filter(({ jobName, index }) => !listed.has(`${jobName} ${index}`))
    for (const task of known) task.missing = missing.includes(task) ? task.missing + 1 : 0
    if (missing.length === 0) return
    yield* listen
    const gone = Map.groupBy(missing.filter((task) => task.over === undefined), ({ array }) => array ?? "")
    for (const [array, own] of gone) {
      const details = yield* slurm.details(array)
      for (const task of own) {
        const found = detailsOf(details, task.index)
        if (found === undefined ? task.missing < 2 : !hasEnded(found)) continue
        // It may have said so a moment ago.
        yield* listen
        task.details = found
        over(task, { _tag: "Gone" })
      }
    }
  }).pipe(Effect.ignore)
  return Effect.gen(function*() {
    while (tasks.size === 0) yield* Effect.sleep(IDLE)
    yield* Effect.sleep(BETWEEN)
    yield* look
  })
})

/**
 * Which tasks a node could not start. Slurm puts such a job back into the queue and holds it there until somebody releases
 * it, where nobody may look for hours: it is taken out, and its actions are handed over again.
 */
const notStarted = (queued: ReadonlyArray<Queued>) => {
  const held = new Set(
    queued.filter(({ state, reason }) => state === "PENDING" && /launch.failed.requeued.held/iu.test(reason))
      .map(({ name, task }) => `${name} ${task ?? 0}`),
  )
  return ({ jobName, index }: Task): boolean => held.has(`${jobName} ${index}`)
}
