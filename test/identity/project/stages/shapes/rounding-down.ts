export const round = (number: number): number => Math.floor(number / 10) * 10
export const about = "rounds down"
