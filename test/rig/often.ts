import { it } from "vitest"

/** Whether the slow suites run, which run many files of `npm test` once more. */
const isThorough = process.env["RIG_THOROUGH"] === "1"

/** How often a test does something at random, or at one place after another: `few` times in `npm test`, else `many`. */
export const often = (few: number, many: number): number => (isThorough ? many : few)

/** The first case of each kind in `npm test`, else all: a case names itself, then its kind. */
export const firstOfEachKind = <A extends readonly [what: string, kind: string, ...rest: ReadonlyArray<unknown>]>(
  cases: ReadonlyArray<A>,
): ReadonlyArray<A> => cases.filter(([, kind], at) => isThorough || cases.findIndex((each) => each[1] === kind) === at)

/** A test of what smaller ones show for the most part: it runs in the slow suites alone. */
export const slowly = (title: string, test: () => Promise<void>): void => {
  it.runIf(isThorough)(isThorough ? title : `${title} [skipped: for npm run test:slow]`, test)
}
