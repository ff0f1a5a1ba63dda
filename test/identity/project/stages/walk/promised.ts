export const promised = (number: number, by = 2): number => number * by
export const notTaken = (number: number): number => number
