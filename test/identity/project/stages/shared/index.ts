export * from "./arithmetic.ts"
export { default as mean } from "./arithmetic.ts"
export * as parity from "./parity/even.ts"
export { Stack as Pile } from "./stack.ts"
