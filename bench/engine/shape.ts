/** A node of the generated graphs: it takes from the nodes of these indices, which stand before it. */
export interface Step {
  readonly name: string
  readonly from: ReadonlyArray<number>
}

/**
 * A graph of so many trivial nodes: chains of 50, a fan of nodes that take from the first alone, and one node for every
 * 14 of these, which takes from them. Node `fan0` has what is edited: it and one node behind it run then.
 */
export const shapeOf = (nodes: number): ReadonlyArray<Step> => {
  const steps: Array<Step> = [{ name: "first", from: [] }]
  const add = (name: string, from: ReadonlyArray<number>): number => steps.push({ name, from }) - 1
  const chains = Math.floor((nodes * 13) / 1400)
  for (let chain = 0; chain < chains; chain++) {
    let last = 0
    for (let link = 0; link < 50; link++) last = add(`chain${chain}-${link}`, [last])
  }
  const sums = Math.floor((nodes - steps.length) / 15)
  const fan = Array.from({ length: nodes - steps.length - sums }, (_, index) => add(`fan${index}`, [0]))
  for (let sum = 0; sum < sums; sum++) add(`sum${sum}`, fan.slice(sum * 14, sum * 14 + 14))
  return steps
}

/** The node whose input is edited. */
export const edited = "fan0"
