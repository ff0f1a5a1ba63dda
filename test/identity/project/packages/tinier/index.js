export const tinier = (number) => number * 2
