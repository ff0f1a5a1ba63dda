import { useEffect, useState } from "preact/hooks"
import type { TableMessage } from "../pipeline/cli/ui/messages.ts"
import { Answered, useAnswer } from "./answer.tsx"
import { asking, isFile, withQuery } from "./api.ts"
import { addressOf, goTo } from "./route.ts"
import { counted, number } from "./words.ts"

/** The rows of a table, a page of them at a time; how they are sorted and filtered stands in the address. */
export const TablePage = ({ digest, query }: { readonly digest: string; readonly query: URLSearchParams }) => {
  const text = query.toString()
  const answer = useAnswer(withQuery(asking("table", digest), isFile ? new URLSearchParams() : query))
  const [filter, say] = useState(query.get("filter") ?? "")
  useEffect(() => say(query.get("filter") ?? ""), [text])
  const go = (changes: Readonly<Record<string, string | undefined>>): void => {
    const next = { ...Object.fromEntries(query), ...changes }
    goTo(addressOf(
      ["table", digest],
      Object.fromEntries(
        Object.entries(next).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ),
    ))
  }
  return (
    <article>
      {isFile ? null : (
        <form
          role="search"
          onSubmit={(event) => {
            event.preventDefault()
            go({ filter: filter === "" ? undefined : filter, from: undefined })
          }}
        >
          <label>
            Rows with{" "}
            <input
              type="search"
              value={filter}
              placeholder="word, label:CID, f1>0.5"
              onInput={(event) => say(event.currentTarget.value)}
            />
          </label>{" "}
          <button type="submit">Filter</button>
        </form>
      )}
      <Answered of={answer}>{(table) => <Rows table={table} query={query} go={go} />}</Answered>
    </article>
  )
}

const Rows = ({ table, query, go }: {
  readonly table: TableMessage
  readonly query: URLSearchParams
  readonly go: (changes: Readonly<Record<string, string | undefined>>) => void
}) => {
  const { others, more, artifact, columns, all, filtered, from, rows, next } = table
  // A file has one answer for all that made the same bytes.
  const made = [table, ...others]
  const { node, output } = made.find((each) => each.node === query.get("of")) ?? table
  const same = made.filter((each) => each.node !== node || each.output !== output)
  const [sort, isDown] = [query.get("sort"), query.has("down")]
  return (
    <>
      <h1>
        {output} of <a href={addressOf(["node", node])}>{node}</a>
      </h1>
      {same.length === 0 ? null : (
        <p class="note">
          The same bytes were made by {same.map((each, index) => (
            <span key={`${each.node}:${each.output}`}>
              {index === 0 ? "" : ", "}
              <a href={addressOf(["node", each.node])}>{each.node}</a>
            </span>
          ))}
          {more === 0 ? "" : ` and ${counted(more, "other node")}`}.
        </p>
      )}
      <p role="status">
        {artifact}, {counted(all, "row")}
        {filtered === null || filtered === all ? "" : `, ${number(filtered)} of them match`};
        {rows.length === 0
          ? " none here"
          : filtered === null
          ? ` ${counted(rows.length, "row")} from row ${number(from)} on`
          : ` rows ${number(from)} to ${number(from + rows.length - 1)} of ${number(filtered)}`}
      </p>
      <div class="scroll" role="region" aria-label={`Rows of ${output}`} tabIndex={0}>
        <table class="rows">
          <thead>
            <tr>
              {columns.map(({ name, isNumber }) => (
                <th
                  key={name}
                  scope="col"
                  class={isNumber ? "n" : undefined}
                  aria-sort={sort === name ? (isDown ? "descending" : "ascending") : undefined}
                >
                  {isFile ? name : (
                    <button
                      type="button"
                      onClick={() =>
                        go(
                          sort !== name
                            ? { sort: name, down: undefined, from: undefined }
                            : isDown
                            ? { sort: undefined, down: undefined, from: undefined }
                            : { down: "", from: undefined },
                        )}
                    >
                      {name}
                      {sort === name ? (isDown ? " ▼" : " ▲") : ""}
                    </button>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={from + index}>
                {columns.map(({ name, isNumber }) => (
                  <td key={name} class={isNumber ? "n" : undefined}>
                    <Value value={row[name]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {isFile ? null : (
        <p class="pager">
          <button type="button" disabled={from === 0} onClick={() => go({ from: undefined })}>First</button>{" "}
          <button type="button" disabled={next === null} onClick={() => go({ from: String(next ?? 0) })}>Next</button>
        </p>
      )}
    </>
  )
}

/** A longer value is shown by its beginning, and whole when it is opened. */
const LONG = 90

const Value = ({ value }: { readonly value: unknown }) => {
  const text = typeof value === "string"
    ? value
    : typeof value === "number" && !Number.isInteger(value)
    ? String(Number(value.toPrecision(6)))
    : JSON.stringify(value) ?? ""
  return text.length <= LONG ? <>{text}</> : (
    <details>
      <summary>{text.slice(0, LONG)}…</summary>
      <div class="whole">{text}</div>
    </details>
  )
}
