import { takesSecondsAtMost } from "./speed.ts"

// Work that grows with the square of the length takes longer already; the slow suite takes a text of four times that.
takesSecondsAtMost(50_000, 1)
