/** The arithmetic mean. */
export const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** The sample standard deviation (over n - 1), or null for fewer than two values. */
export const sampleDeviation = (values: ReadonlyArray<number>): number | null => {
  if (values.length < 2) return null
  const centre = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
}
