import { choice } from "redag"

/** The shapes that there are. */
export const kinds = choice("kind", {
  circle: () => import("./kinds/circle.ts"),
  square: () => import("./kinds/square.ts"),
  triangle: () => import("./kinds/triangle.ts"),
})

/** How a size is rounded. */
export const roundings = choice("rounding", {
  up: () => import("./rounding-up.ts"),
  down: () => import("./rounding-down.ts"),
})
