import type { Comparison } from "../../schemas/comparisons.ts"

/** Tests whose p is below this after Holm's correction are significant. */
export const significance = 0.05

/** Whether a difference is shown: the test is significant, and the interval says so too by leaving out 0. */
export const isShown = ({ adjusted, low, high }: Pick<Comparison, "adjusted" | "low" | "high">): boolean =>
  adjusted !== null && adjusted < significance && (low > 0 || high < 0)
