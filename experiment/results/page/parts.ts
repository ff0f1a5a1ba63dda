import { Markup, markup } from "../markup.ts"

/** Something wide in a box that scrolls by itself, also by keyboard. */
export const scrolling = (label: string, content: Markup): Markup =>
  markup`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${content}</div>`

/**
 * Something long that a click unfolds; `printed` is unfolded on paper.
 *
 * The id is that of the content: browsers unfold what is around the target of a link, not the target.
 */
export const folded = (
  summary: Markup,
  content: Markup,
  { id, open = false, printed = false }: {
    readonly id?: string
    readonly open?: boolean
    readonly printed?: boolean
  } = {},
): Markup =>
  markup`<details${printed ? markup` class="printed"` : ""}${open ? markup` open` : ""}><summary>${summary}</summary>
${id === undefined ? content : markup`<div id="${id}">${content}</div>`}
</details>
`

/** The beginning of a digest, the whole of it on paper and for those who point at it. */
export const digest = (value: string): Markup => markup`<code title="${value}">${value.slice(0, 12)}</code>`

/** A command to copy. */
export const command = (text: string): Markup => markup`<code class="command">${text}</code>`

/** A moment as recorded, to the minute: "2026-11-20 08:15 UTC". */
export const moment = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
