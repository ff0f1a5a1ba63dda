export const tiny = (number) => number + 1000
export const unused = 2
