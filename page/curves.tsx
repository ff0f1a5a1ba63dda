import type { CurveMessage } from "../pipeline/cli/ui/messages.ts"

const box = { width: 320, height: 140, left: 46, bottom: 22, top: 8, right: 8 } as const

/** Curves side by side, each on axes of its own. */
export const Curves = ({ curves }: { readonly curves: ReadonlyArray<CurveMessage> }) => (
  <div class="curves">{curves.map((curve) => <Panel key={curve.title} curve={curve} />)}</div>
)

const Panel = ({ curve: { title, over, x, y } }: { readonly curve: CurveMessage }) => {
  const [x0, x1, y0, y1] = [least(x), most(x), least(y), most(y)]
  const [width, height] = [box.width - box.left - box.right, box.height - box.top - box.bottom]
  const across = (value: number): number => box.left + (x1 === x0 ? 0.5 : (value - x0) / (x1 - x0)) * width
  const up = (value: number): number => box.top + height - (y1 === y0 ? 0.5 : (value - y0) / (y1 - y0)) * height
  const points = x.map((value, index) => `${across(value).toFixed(1)},${up(y[index] ?? 0).toFixed(1)}`).join(" ")
  const last = y.at(-1) ?? 0
  return (
    <figure>
      <figcaption>
        {title}: last {short(last)} at {over} {short(x.at(-1) ?? 0)}; least {short(y0)}, most {short(y1)}
      </figcaption>
      <svg
        viewBox={`0 0 ${box.width} ${box.height}`}
        role="img"
        aria-label={`${title}, from ${short(y[0] ?? 0)} to ${short(last)}; least ${short(y0)}, most ${short(y1)}`}
      >
        <path class="axis" d={`M${box.left} ${box.top}V${box.top + height}H${box.width - box.right}`} />
        <text x={box.left - 4} y={box.top + 8} text-anchor="end">{short(y1)}</text>
        <text x={box.left - 4} y={box.top + height} text-anchor="end">{short(y0)}</text>
        <text x={box.left} y={box.height - 6}>{short(x0)}</text>
        <text x={box.width - box.right} y={box.height - 6} text-anchor="end">{short(x1)}</text>
        {x.length === 1
          ? <circle class="curve" cx={across(x[0] ?? 0)} cy={up(y[0] ?? 0)} r="3" />
          : <polyline class="curve" points={points} />}
      </svg>
    </figure>
  )
}

const least = (values: ReadonlyArray<number>): number => values.reduce((one, other) => Math.min(one, other), Infinity)
const most = (values: ReadonlyArray<number>): number => values.reduce((one, other) => Math.max(one, other), -Infinity)
const short = (value: number): string => (Number.isInteger(value) ? value.toLocaleString("en") : value.toPrecision(3))
