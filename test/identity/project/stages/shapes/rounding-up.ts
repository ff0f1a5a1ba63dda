export const round = (number: number): number => Math.ceil(number / 10) * 10
export const about = "rounds up"
