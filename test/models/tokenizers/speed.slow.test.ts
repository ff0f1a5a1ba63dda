import { takesSecondsAtMost } from "./speed.ts"

takesSecondsAtMost(200_000, 4)
