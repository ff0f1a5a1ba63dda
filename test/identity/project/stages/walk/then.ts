const shift = 11

export const thenAdd = (number: number): number => number + shift
export const unread = "never"
