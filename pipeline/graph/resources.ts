import { misdeclared } from "./misdeclared.ts"
import type { Resources } from "./stage.ts"

/** What a number may be, and how that is said. */
interface Kind {
  readonly allows: (value: number) => boolean
  readonly must: string
  readonly help: string
}

const amount: Kind = {
  allows: (value) => Number.isFinite(value) && value >= 0,
  must: "must be a number, 0 or more",
  help: "give what it needs",
}
const count: Kind = {
  allows: (value) => Number.isInteger(value) && value >= 0,
  must: "must be a whole number, 0 or more",
  help: "give how many",
}
const holders: Kind = {
  allows: (value) => Number.isInteger(value) && value >= 1,
  must: "must be a whole number, 1 or more",
  help: "give how many may hold one GPU at the same time",
}
const seconds: Kind = {
  allows: (value) => Number.isFinite(value) && value > 0,
  must: "must be a number of seconds above 0",
  help: "give the seconds after which it is stopped, or leave it out for no limit",
}

/** What a node needs, as it is; throws an InputError that names the node and the field of what cannot be. */
export const checkedResources = (node: string, resources: Resources): Resources => {
  const check = (field: string, value: number | undefined, { allows, must, help }: Kind): void => {
    if (value === undefined || allows(value)) return
    throw misdeclared(node, `resources.${field}`, `${must}, got ${value}`, help)
  }
  const { cpu, memory, gpu, share, timeout, retries } = resources
  // Not every configuration is type-checked before it is read.
  for (const [field, value, of] of [["cpu", cpu, amount], ["memory", memory, amount], ["gpu", gpu, count]] as const) {
    if (typeof value !== "number") {
      throw misdeclared(node, `resources.${field}`, `${of.must}, and is not given`, of.help)
    }
    check(field, value, of)
  }
  check("share", share, holders)
  check("timeout", timeout, seconds)
  check("retries.transient", retries?.transient, count)
  check("retries.memory", retries?.memory, count)
  check("retries.time", retries?.time, count)
  return resources
}
