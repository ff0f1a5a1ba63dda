/** As many corners as edges. */
export const edges = (count: number): number => count
