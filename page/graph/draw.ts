import type { NodeState } from "../../pipeline/cli/ui/messages.ts"
import type { Folded } from "./fold.ts"
import { type Layout, size } from "./layout.ts"
import { shapes, stateCounts, stateOrder } from "./states.ts"

/** Which part of the drawing is seen: the point at the top left, and pixels of the screen for one of the drawing. */
export interface Camera {
  readonly x: number
  readonly y: number
  readonly scale: number
}

/** What is drawn, and how. */
export interface Scene {
  readonly folded: Folded
  readonly placed: Layout
  /** The state of each node. */
  readonly states: ReadonlyArray<NodeState>
  /** Boxes of the longest way, boxes that a search found, and the box that is chosen. */
  readonly critical: ReadonlySet<number>
  readonly found: ReadonlySet<number>
  readonly chosen: number | undefined
}

export interface Colours {
  readonly back: string
  readonly front: string
  readonly soft: string
  readonly line: string
  readonly panel: string
  readonly accent: string
  readonly states: Readonly<Record<NodeState, string>>
}

/** The colours of the style sheet as they are now, which differ in the dark. */
export const coloursOf = (element: Element): Colours => {
  const style = getComputedStyle(element)
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    back: of("back"),
    front: of("front"),
    soft: of("soft"),
    line: of("line"),
    panel: of("panel"),
    accent: of("link"),
    states: {
      "fresh": of("fresh"),
      "will-run": of("will-run"),
      "may-run": of("may-run"),
      "missing": of("missing"),
      "blocked": of("blocked"),
      "unneeded": of("unneeded"),
      "running": of("running"),
      "failed": of("failed"),
    },
  }
}

/** More arrows than these are drawn as straight lines. */
const MANY = 1500

/** Draws what the camera sees on a canvas of so many pixels of the screen; `ratio` of the device's stand for one. */
export const draw = (
  context: CanvasRenderingContext2D,
  { folded, placed, states, critical, found, chosen }: Scene,
  camera: Camera,
  colours: Colours,
  [width, height, ratio]: readonly [number, number, number],
): void => {
  const { scale } = camera
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.fillStyle = colours.back
  context.fillRect(0, 0, width, height)
  context.setTransform(ratio * scale, 0, 0, ratio * scale, -camera.x * scale * ratio, -camera.y * scale * ratio)
  const [left, top] = [camera.x, camera.y]
  const [right, bottom] = [left + width / scale, top + height / scale]
  const { boxes, from, to } = folded
  const { x, y } = placed

  const arrow = (edge: number, isCurved: boolean): void => {
    const [source, target] = [from[edge] ?? 0, to[edge] ?? 0]
    const [x1, y1] = [(x[source] ?? 0) + size.width, (y[source] ?? 0) + size.height / 2]
    const [x2, y2] = [x[target] ?? 0, (y[target] ?? 0) + size.height / 2]
    if (Math.max(x1, x2) < left || Math.min(x1, x2) > right) return
    if (Math.max(y1, y2) < top || Math.min(y1, y2) > bottom) return
    context.moveTo(x1, y1)
    if (!isCurved) return context.lineTo(x2, y2)
    const bend = Math.max(30, Math.abs(x2 - x1) / 2)
    context.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2, y2)
  }
  const arrows = (edges: ReadonlyArray<number>, colour: string, thickness: number, alpha: number): void => {
    context.globalAlpha = alpha
    context.strokeStyle = colour
    context.lineWidth = thickness / scale
    context.beginPath()
    const isCurved = edges.length <= MANY
    for (const edge of edges) arrow(edge, isCurved)
    context.stroke()
    context.globalAlpha = 1
  }
  const all = [...from.keys()]
  const isFar = scale < 0.45
  arrows(all, colours.soft, 1, isFar || found.size > 0 ? 0.12 : all.length > MANY ? 0.15 : 0.28)
  if (critical.size > 0) {
    arrows(
      all.filter((edge) => critical.has(from[edge] ?? -1) && critical.has(to[edge] ?? -1)),
      colours.states.failed,
      2.5,
      0.9,
    )
  }
  if (chosen !== undefined) {
    arrows(all.filter((edge) => from[edge] === chosen || to[edge] === chosen), colours.accent, 2, 1)
  }

  context.textBaseline = "middle"
  context.font = `12px system-ui, sans-serif`
  for (const [place, box] of boxes.entries()) {
    const [bx, by] = [x[place] ?? 0, y[place] ?? 0]
    if (bx > right || bx + size.width < left || by > bottom || by + size.height < top) continue
    const isFound = found.has(place)
    if (isFar && !box.isGroup && found.size === 0 && place !== chosen && !critical.has(place)) {
      // Most boxes of a large graph are of this kind: nothing more is worked out for them.
      dot(context, states[box.members[0] ?? 0] ?? "fresh", bx, by, colours)
      continue
    }
    const counts = stateCounts(box.members.map((member) => states[member] ?? "fresh"))
    const first = counts[0]?.state ?? "fresh"
    context.globalAlpha = found.size > 0 && !isFound && place !== chosen ? 0.35 : 1
    if (isFar) {
      // From afar a box is as many stripes as it has states.
      stripes(context, counts, bx, by, size.width, size.height, colours)
    } else {
      context.fillStyle = colours.panel
      context.strokeStyle = colours.line
      context.lineWidth = 1
      context.beginPath()
      context.roundRect(bx, by, size.width, size.height, box.isGroup ? 6 : 13)
      context.fill()
      context.stroke()
      if (box.isGroup) stripes(context, counts, bx + 6, by + size.height - 4, size.width - 12, 3, colours)
      context.fillStyle = colours.states[first]
      context.fillText(shapes[first], bx + 8, by + size.height / 2)
      context.fillStyle = colours.front
      context.fillText(fitted(context, box.label, size.width - 32), bx + 24, by + size.height / 2)
    }
    const ring = place === chosen ? colours.accent : isFound ? colours.states["may-run"] : undefined
    if (ring !== undefined || critical.has(place)) {
      context.strokeStyle = ring ?? colours.states.failed
      context.lineWidth = (ring === undefined ? 1.5 : 2) / Math.min(1, scale)
      context.strokeRect(bx - 2, by - 2, size.width + 4, size.height + 4)
    }
    context.globalAlpha = 1
  }
  nameColumns(context, placed, colours, scale)
}

/** The stage of each column stands above it, as large as it can be read where there is room for that. */
const nameColumns = (context: CanvasRenderingContext2D, { titles }: Layout, colours: Colours, scale: number): void => {
  context.fillStyle = colours.soft
  context.textBaseline = "alphabetic"
  const apart = size.width + size.column - 8
  for (const { x, y, words } of titles) {
    context.font = `600 ${Math.min(13 / Math.min(1, scale), apart / words.length / 0.6)}px system-ui, sans-serif`
    context.fillText(words, x, y - 6 / scale)
  }
}

/** States whose shapes are hollow. */
const hollow: ReadonlySet<NodeState> = new Set<NodeState>(["may-run", "blocked", "unneeded"])

/** A box of one node from afar. */
const dot = (context: CanvasRenderingContext2D, state: NodeState, x: number, y: number, colours: Colours): void => {
  context.fillStyle = colours.states[state]
  context.globalAlpha = hollow.has(state) ? 0.4 : 1
  context.fillRect(x, y, size.width, size.height)
  context.globalAlpha = 1
}

const stripes = (
  context: CanvasRenderingContext2D,
  counts: ReturnType<typeof stateCounts>,
  x: number,
  y: number,
  width: number,
  height: number,
  colours: Colours,
): void => {
  const total = counts.reduce((sum, { count }) => sum + count, 0)
  let left = x
  for (const state of stateOrder) {
    const count = counts.find((each) => each.state === state)?.count ?? 0
    if (count === 0) continue
    const part = width * count / total
    context.fillStyle = colours.states[state]
    // A hollow shape is a hollow stripe.
    const alpha = context.globalAlpha
    context.globalAlpha = hollow.has(state) ? alpha * 0.4 : alpha
    context.fillRect(left, y, part, height)
    context.globalAlpha = alpha
    left += part
  }
}

const widths = new Map<string, string>()

/** A label that fits into so many pixels: of a long one the middle is left out, since names differ at both ends. */
const fitted = (context: CanvasRenderingContext2D, label: string, room: number): string => {
  const known = widths.get(label)
  if (known !== undefined) return known
  const shortened = (length: number): string => {
    const head = Math.ceil(length * 0.4)
    return length >= label.length ? label : `${label.slice(0, head)}…${label.slice(label.length - (length - head))}`
  }
  let [least, most] = [4, label.length]
  while (least < most) {
    const length = Math.ceil((least + most) / 2)
    if (context.measureText(shortened(length)).width <= room) least = length
    else most = length - 1
  }
  const text = shortened(least)
  if (widths.size > 50_000) widths.clear()
  widths.set(label, text)
  return text
}

/** The box at a point of the screen; undefined where there is none. */
export const boxAt = (
  { folded, placed }: Pick<Scene, "folded" | "placed">,
  { x, y, scale }: Camera,
  atX: number,
  atY: number,
): number | undefined => {
  const [px, py] = [x + atX / scale, y + atY / scale]
  for (let place = 0; place < folded.boxes.length; place++) {
    const [bx, by] = [placed.x[place] ?? 0, placed.y[place] ?? 0]
    if (px >= bx && px <= bx + size.width && py >= by && py <= by + size.height) return place
  }
  return undefined
}
