import { useEffect, useRef, useState } from "preact/hooks"
import { counted, stateWords } from "../words.ts"
import { boxAt, type Camera, coloursOf, draw, type Scene } from "./draw.ts"
import { size } from "./layout.ts"
import { countsText } from "./list.tsx"

/** How far the drawing can be seen from, and how near. */
const [LEAST, MOST] = [0.02, 3]

/** A part of a drawing. */
interface Part {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The camera that sees all of a part of a drawing. */
const fitting = (part: Part, width: number, height: number): Camera => {
  const margin = 28
  const scale = Math.min(
    1.1,
    (width - 2 * margin) / Math.max(1, part.width),
    (height - 2 * margin) / Math.max(1, part.height),
  )
  const kept = Math.max(LEAST, scale)
  return {
    scale: kept,
    x: part.x - (width / kept - part.width) / 2,
    y: part.y - (height / kept - part.height) / 2,
  }
}

const whole = ({ placed: { width, height } }: Scene): Part => ({ x: 0, y: 0, width, height })

/** The part of a drawing that some boxes stand in. */
const partOf = ({ placed }: Scene, boxes: Iterable<number>): Part => {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const box of boxes) {
    const [x, y] = [placed.x[box] ?? 0, placed.y[box] ?? 0]
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x + size.width)
    bottom = Math.max(bottom, y + size.height)
  }
  return { x: left, y: top, width: right - left, height: bottom - top }
}

/** The graph on one canvas: it is dragged, zoomed with the wheel or two fingers, and walked through with the keyboard. */
export const Canvas = (
  { scene, choose }: { readonly scene: Scene; readonly choose: (place: number | undefined) => void },
) => {
  const canvas = useRef<HTMLCanvasElement>(null)
  const camera = useRef<Camera | undefined>(undefined)
  /** Whether the camera sees all, as it does until somebody moves it. */
  const seesAll = useRef(true)
  const latest = useRef(scene)
  const frame = useRef(0)
  const [focused, focus] = useState<number | undefined>(undefined)
  latest.current = { ...scene, chosen: focused ?? scene.chosen }

  const paint = (): void => {
    frame.current = 0
    const element = canvas.current
    const context = element?.getContext("2d", { alpha: false })
    if (element === null || context === null || context === undefined) return
    const { clientWidth: width, clientHeight: height } = element
    if (width === 0 || height === 0) return
    const ratio = Math.min(2, devicePixelRatio)
    if (element.width !== Math.round(width * ratio) || element.height !== Math.round(height * ratio)) {
      element.width = Math.round(width * ratio)
      element.height = Math.round(height * ratio)
    }
    camera.current ??= fitting(whole(latest.current), width, height)
    draw(context, latest.current, camera.current, coloursOf(element), [width, height, ratio])
    element.dataset["boxes"] = String(latest.current.folded.boxes.length)
    if (document.documentElement.dataset["ready"] === undefined) {
      document.documentElement.dataset["ready"] = String(Math.round(performance.now()))
    }
  }
  const soon = (): void => {
    if (frame.current === 0) frame.current = requestAnimationFrame(paint)
  }
  const move = (next: Camera): void => {
    seesAll.current = false
    camera.current = next
    soon()
  }
  const zoom = (factor: number, atX: number, atY: number): void => {
    const now = camera.current
    if (now === undefined) return
    const scale = Math.min(MOST, Math.max(LEAST, now.scale * factor))
    move({ scale, x: now.x + atX / now.scale - atX / scale, y: now.y + atY / now.scale - atY / scale })
  }
  const fit = (): void => {
    seesAll.current = true
    camera.current = undefined
    soon()
  }
  const middle = (): readonly [number, number] => [
    (canvas.current?.clientWidth ?? 0) / 2,
    (canvas.current?.clientHeight ?? 0) / 2,
  ]
  /** Moves the camera so that a box is seen. */
  const show = (place: number): void => {
    const now = camera.current
    const element = canvas.current
    if (now === undefined || element === null) return
    const [x, y] = [scene.placed.x[place] ?? 0, scene.placed.y[place] ?? 0]
    const scale = Math.max(now.scale, 0.6)
    const [width, height] = [element.clientWidth / scale, element.clientHeight / scale]
    const isSeen = scale === now.scale && x >= now.x && x + size.width <= now.x + width && y >= now.y
      && y + size.height <= now.y + height
    if (!isSeen) move({ scale, x: x + size.width / 2 - width / 2, y: y + size.height / 2 - height / 2 })
  }

  useEffect(paint, [scene, focused])
  const boxes = scene.folded.boxes.length
  useEffect(() => focus(undefined), [boxes])
  const found = [...scene.found].map((place) => scene.folded.boxes[place]?.id ?? "").join("\n")
  useEffect(() => {
    const element = canvas.current
    if (element === null || scene.found.size === 0) return
    move(fitting(partOf(scene, scene.found), element.clientWidth, element.clientHeight))
  }, [found])
  useEffect(() => {
    if (scene.chosen !== undefined) show(scene.chosen)
  }, [scene.chosen, boxes])
  useEffect(() => {
    const element = canvas.current
    if (element === null) return undefined
    const resized = new ResizeObserver(() => (seesAll.current ? fit() : soon()))
    resized.observe(element)
    const dark = matchMedia("(prefers-color-scheme: dark)")
    dark.addEventListener("change", soon)
    const wheel = (event: WheelEvent) => {
      event.preventDefault()
      if (event.ctrlKey || !event.shiftKey) zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY)
      else if (camera.current !== undefined) {
        const { x, y, scale } = camera.current
        move({ scale, x: x + event.deltaY / scale, y })
      }
    }
    element.addEventListener("wheel", wheel, { passive: false })
    return () => {
      resized.disconnect()
      dark.removeEventListener("change", soon)
      element.removeEventListener("wheel", wheel)
      cancelAnimationFrame(frame.current)
    }
  }, [])

  const fingers = useRef(new Map<number, { x: number; y: number }>())
  const dragged = useRef(false)
  const down = (event: PointerEvent): void => {
    canvas.current?.setPointerCapture(event.pointerId)
    fingers.current.set(event.pointerId, { x: event.offsetX, y: event.offsetY })
    dragged.current = fingers.current.size > 1
  }
  const drag = (event: PointerEvent): void => {
    const before = fingers.current.get(event.pointerId)
    const now = camera.current
    if (before === undefined || now === undefined) return
    const [dx, dy] = [event.offsetX - before.x, event.offsetY - before.y]
    const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1]
    if (!dragged.current && Math.hypot(dx, dy) < 4) return
    dragged.current = true
    fingers.current.set(event.pointerId, { x: event.offsetX, y: event.offsetY })
    if (other === undefined) return move({ scale: now.scale, x: now.x - dx / now.scale, y: now.y - dy / now.scale })
    const [was, is] = [
      Math.hypot(before.x - other.x, before.y - other.y),
      Math.hypot(event.offsetX - other.x, event.offsetY - other.y),
    ]
    if (was > 0) zoom(is / was, (event.offsetX + other.x) / 2, (event.offsetY + other.y) / 2)
  }
  const up = (event: PointerEvent): void => {
    fingers.current.delete(event.pointerId)
    if (dragged.current || camera.current === undefined) return
    focus(undefined)
    choose(boxAt(scene, camera.current, event.offsetX, event.offsetY))
  }

  const walk = (key: string): void => {
    const { placed: { x, y } } = scene
    const from = focused ?? scene.chosen
    if (from === undefined) {
      focus(0)
      return show(0)
    }
    const [fx, fy] = [x[from] ?? 0, y[from] ?? 0]
    // Along the way that the key says, sideways counts more: the next box of the column, or the nearest of the next one.
    const [along, across] = key === "ArrowDown" || key === "ArrowUp" ? [y, x] : [x, y]
    const [fa, fc] = along === y ? [fy, fx] : [fx, fy]
    const sign = key === "ArrowDown" || key === "ArrowRight" ? 1 : -1
    let best: { readonly place: number; readonly cost: number } | undefined
    for (let place = 0; place < boxes; place++) {
      const ahead = sign * ((along[place] ?? 0) - fa)
      if (ahead <= 0) continue
      const cost = ahead + 3 * Math.abs((across[place] ?? 0) - fc)
      if (best === undefined || cost < best.cost) best = { place, cost }
    }
    if (best === undefined) return
    focus(best.place)
    show(best.place)
  }
  const press = (event: KeyboardEvent): void => {
    const { key } = event
    if (key.startsWith("Arrow")) walk(key)
    else if (key === "Enter" || key === " ") choose(focused)
    else if (key === "+" || key === "=") zoom(1.25, ...middle())
    else if (key === "-") zoom(0.8, ...middle())
    else if (key === "0") fit()
    else if (key === "Escape") choose(undefined)
    else return
    event.preventDefault()
  }

  const box = focused === undefined ? undefined : scene.folded.boxes[focused]
  return (
    <div class="canvas">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-label="The graph. Arrow keys go from box to box, Enter unfolds a group or shows a node, plus and minus zoom, 0 shows all. The same boxes can be shown as text, too."
        onPointerDown={down}
        onPointerMove={drag}
        onPointerUp={up}
        onPointerCancel={(event) => fingers.current.delete(event.pointerId)}
        onKeyDown={press}
      >
      </canvas>
      <p class="unseen" role="status">
        {box === undefined
          ? ""
          : box.isGroup
          ? `${box.group}, ${counted(box.members.length, "node")}: ${
            countsText(box.members.map((place) => scene.states[place] ?? "fresh"))
          }. Enter unfolds it.`
          : `${box.id}, ${stateWords[scene.states[box.members[0] ?? 0] ?? "fresh"]}`}
      </p>
      <div class="zoom">
        <button type="button" onClick={() => zoom(1.25, ...middle())} aria-label="Zoom in">+</button>
        <button type="button" onClick={() => zoom(0.8, ...middle())} aria-label="Zoom out">−</button>
        <button type="button" onClick={fit} aria-label="Show all">⤢</button>
      </div>
    </div>
  )
}
