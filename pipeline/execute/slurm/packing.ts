/** An action that waits to be handed over. */
export interface Waiting<A> {
  readonly item: A
  /** Nodes of one class may share a task and an array. */
  readonly class: string
  /** How many run at the same time in a task. */
  readonly together: number
  /** The time limit of a task in milliseconds; undefined where there is none. */
  readonly limit: number | undefined
  /** How long it takes as far as is known, in milliseconds; undefined where it may be anything. */
  readonly expected: number | undefined
}

/** What is submitted at once: tasks of one class. */
export interface Packed<A> {
  readonly class: string
  readonly tasks: ReadonlyArray<ReadonlyArray<A>>
}

export interface PackingLimits {
  /** The most tasks of an array. */
  readonly arraySize: number
  /** How many tasks of a class could begin at once; undefined where that is not known. */
  readonly idle?: (name: string) => number | undefined
}

/** What takes this long, in ms, has a task of its own: to start one takes a second or two. */
export const LONG = 30_000

/** A task of short actions takes about this long, in ms, so that what waits for one of them does not wait for long. */
export const TASK = 20_000

/** Where there is room for all at once, tasks may be so much longer, to have one round of them, or as short as this, in ms. */
const LONGER = 4
const LEAST = 5000

/** The most actions of a task: a task that is lost is to be done again. */
export const MOST = 1000

/**
 * Packs actions into tasks and tasks into arrays, in their order within a class: long ones alone, or as many as run at the
 * same time, and short ones many to a task, of about the same time each.
 */
export const pack = <A>(
  waiting: ReadonlyArray<Waiting<A>>,
  { arraySize, idle = () => undefined }: PackingLimits,
): ReadonlyArray<Packed<A>> =>
  [...Map.groupBy(waiting, (each) => each.class)].flatMap(([name, own]) => {
    const alone = own.filter((each) => !isShort(each))
    const brief = own.filter(isShort)
    // What runs beside a long one takes no time of its own.
    const beside = brief.slice(0, placesBeside(alone))
    const tasks = [...long([...alone, ...beside]), ...short(brief.slice(beside.length), idle(name))]
    return Array.from({ length: Math.ceil(tasks.length / arraySize) }, (_, at) => ({
      class: name,
      tasks: tasks.slice(at * arraySize, (at + 1) * arraySize),
    }))
  })

/** In half of its limit a task is to be done: what is expected is not what it takes. */
const isShort = <A>({ expected, limit = Infinity }: Waiting<A>): boolean =>
  expected !== undefined && expected < Math.min(LONG, limit / 4)

/** How many more may run beside long ones in their tasks. */
const placesBeside = <A>(own: ReadonlyArray<Waiting<A>>): number => {
  const together = own[0]?.together ?? 1
  return (together - own.length % together) % together
}

const long = <A>(own: ReadonlyArray<Waiting<A>>): ReadonlyArray<ReadonlyArray<A>> => {
  const items = own.map(({ item }) => item)
  const together = own[0]?.together ?? 1
  return Array.from(
    { length: Math.ceil(items.length / together) },
    (_, at) => items.slice(at * together, (at + 1) * together),
  )
}

/** As many tasks as there is room for, or as their time asks for, of about the same time each. */
const short = <A>(own: ReadonlyArray<Waiting<A>>, idle = 0): ReadonlyArray<ReadonlyArray<A>> => {
  const [first] = own
  if (first === undefined) return []
  const { together, limit = Infinity } = first
  const total = own.reduce((sum, { expected = 0 }) => sum + expected, 0) / together
  const most = Math.min(TASK, limit / 2)
  const share = Math.max(total / idle, Math.min(LEAST, most))
  const isOneRound = share <= Math.min(LONGER * TASK, limit / 2)
  const time = together * (isOneRound ? share : total / Math.max(1, Math.ceil(total / most)))
  const tasks: Array<Array<A>> = []
  let last: Array<A> = []
  let left = 0
  for (const { item, expected = 0 } of own) {
    // Sums of fractions drift.
    if (tasks.length === 0 || last.length === MOST || left < expected / 2) {
      last = []
      tasks.push(last)
      left = time
    }
    last.push(item)
    left -= expected
  }
  return tasks
}
