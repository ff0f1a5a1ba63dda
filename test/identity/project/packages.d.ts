declare module "tiny" {
  export const tiny: (number: number) => number
}
