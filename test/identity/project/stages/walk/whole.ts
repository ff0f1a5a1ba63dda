export let count = 0
export const step = (): number => ++count
export const clear = (): void => {
  count = 0
}
