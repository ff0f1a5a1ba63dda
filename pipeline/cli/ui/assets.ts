/** The script and the style sheet of the page. The build puts those of `page/` in the place of this module. */
export interface Assets {
  readonly script: string
  readonly style: string
}

export const assets: Assets = { script: "", style: "" }
