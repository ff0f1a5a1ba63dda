import { choice } from "redag"

/** How a model writes: what is likeliest, or the likeliest of what a template allows. */
export const writers = choice("constraint", {
  "none": () => import("./free.ts"),
  "template": () => import("./constrained.ts"),
})
