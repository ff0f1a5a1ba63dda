import { type Figure, withoutPairs } from "./figures.ts"
import { fitted, wrapped } from "./lettering.ts"
import { type Markup, markup } from "./markup.ts"
import { drawPanel, reach, size, swatch, width } from "./panel.ts"

const gap = 24
const edge = 20

/** A whole figure as one SVG file: title, legend, panels in two columns, caption. */
export const drawFigure = async (figure: Figure): Promise<string> => {
  const highest = reach(figure)
  const panels = await Promise.all(figure.panels.map((panel) => drawPanel(panel, highest)))
  const whole = edge * 2 + width * 2 + gap
  const parts: Array<Markup> = []
  let y = edge + 18
  const text = (words: string, attributes: Markup): void => {
    parts.push(markup`<text x="${edge}" y="${y}" ${attributes}>${words}</text>`)
  }
  text(figure.title, markup`font-size="17" font-weight="bold"`)
  y += 14
  if (panels.length === 0) {
    y += 22
    for (const line of wrapped(withoutPairs(figure), (whole - 2 * edge) / 14)) {
      text(line, markup`font-size="14"`)
      y += 19
    }
    y -= 5
  } else {
    for (const role of ["base", "other"] as const) {
      parts.push(markup`<g transform="translate(${edge} ${y})">${swatch(role, `legend${figure.number}-${role}`)}</g>`)
      parts.push(
        markup`<text x="${edge + 36}" y="${y + 11}" font-size="13">${
          fitted(figure[role], (whole - 2 * edge - 36) / 13)
        }</text>`,
      )
      y += 22
    }
    y += 8
    for (let index = 0; index < panels.length; index += 2) {
      const row = panels.slice(index, index + 2)
      for (const [column, { body }] of row.entries()) {
        parts.push(markup`<g transform="translate(${edge + column * (width + gap)} ${y})">${body}</g>`)
      }
      y += Math.max(...row.map(({ height }) => height)) + 12
    }
    y += 6
    for (const line of wrapped(figure.caption, (whole - 2 * edge) / size)) {
      text(line, markup`font-size="${size}"`)
      y += 17
    }
    y -= 17
  }
  const height = y + edge
  const svg =
    markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole} ${height}" width="${whole}" height="${height}" color="#1b1f24" fill="currentColor" font-family="'DejaVu Sans', Verdana, sans-serif">
<title>${figure.title}</title>
<rect width="${whole}" height="${height}" fill="#fff"/>
${parts}
</svg>`
  return `${svg.text}\n`
}
