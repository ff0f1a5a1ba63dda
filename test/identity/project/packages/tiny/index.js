import { tinier } from "tinier"

export const tiny = (number) => tinier(number) + 1
export const unused = 1
