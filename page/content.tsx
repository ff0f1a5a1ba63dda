import type { Block, Link, Piece } from "../pipeline/cli/ui/messages.ts"
import { Answered, useAnswer } from "./answer.tsx"
import { asking } from "./api.ts"
import { Curves } from "./curves.tsx"
import { useVersion } from "./live.ts"
import { addressOf } from "./route.ts"

/** A page that the experiment made. */
export const ContentPage = ({ path }: { readonly path: ReadonlyArray<string> }) => {
  const answer = useAnswer(asking("page", ...path), useVersion())
  return (
    <Answered of={answer}>
      {({ title, above, blocks }) => (
        <article>
          {above.length === 0 ? null : (
            <nav class="above" aria-label="Above">
              {above.map((piece, index) => (
                <span key={index}>
                  {index === 0 ? "" : " › "}
                  <Pieces pieces={[piece]} />
                </span>
              ))}
            </nav>
          )}
          <h1>{title}</h1>
          {blocks.map((block, index) => <Part key={index} block={block} />)}
        </article>
      )}
    </Answered>
  )
}

const Part = ({ block }: { readonly block: Block }) => {
  switch (block._tag) {
    case "Heading":
      return <h2>{block.text}</h2>
    case "Text":
      return (
        <p>
          <Pieces pieces={block.pieces} />
        </p>
      )
    case "Quote":
      return (
        <figure class="quote">
          <figcaption>{block.title}</figcaption>
          <blockquote>
            <Pieces pieces={block.pieces} />
          </blockquote>
        </figure>
      )
    case "List":
      return (
        <ul>
          {block.items.map((pieces, index) => (
            <li key={index}>
              <Pieces pieces={pieces} />
            </li>
          ))}
        </ul>
      )
    case "Key":
      return (
        <p class="key">
          {block.marks.map(([mark, meaning]) => (
            <span key={mark}>
              <mark class={`mark-${mark}`}>{meaning}</mark>
            </span>
          ))}
        </p>
      )
    case "Curves":
      return <NodeCurves node={block.node} />
    case "Table":
      return <ContentTable block={block} />
  }
}

const ContentTable = (
  { block: { title, head, rows } }: { readonly block: Extract<Block, { readonly _tag: "Table" }> },
) => (
  <div class="scroll" role="region" aria-label={title} tabIndex={0}>
    <table class="whole-words">
      <thead>
        <tr>
          {head.map((text) => (
            <th key={text} scope="col" class={text.startsWith(">") ? "n" : undefined}>{text.replace(/^>/u, "")}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells, row) => (
          <tr key={row}>
            {cells.map((pieces, index) => (
              <td key={index} class={head[index]?.startsWith(">") === true ? "n" : undefined}>
                <Pieces pieces={pieces} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

const NodeCurves = ({ node }: { readonly node: string }) => {
  const answer = useAnswer(asking("node", node))
  return (
    <Answered of={answer}>
      {({ curves }) => curves.length === 0 ? <p class="note">It made no curve yet.</p> : <Curves curves={curves} />}
    </Answered>
  )
}

const Pieces = ({ pieces }: { readonly pieces: ReadonlyArray<Piece> }) => (
  <>
    {pieces.map(({ text, marks = [], link }, index) => {
      const inner = marks.length === 0
        ? text
        : <mark class={marks.map((mark) => `mark-${mark}`).join(" ")}>{text}</mark>
      return link === undefined ? <span key={index}>{inner}</span> : <a key={index} href={hrefOf(link)}>{inner}</a>
    })}
  </>
)

const hrefOf = (link: Link): string => {
  switch (link.to) {
    case "node":
      return addressOf(["node", link.node])
    case "source":
      return addressOf(["source", link.node, link.path])
    case "page":
      return addressOf(["page", ...link.path])
  }
}
