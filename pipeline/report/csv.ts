/**
 * Rows as CSV (RFC 4180), with these columns; without them, with one for each field of the first row.
 *
 * Null is empty, an empty string is quoted, and what is neither text nor number nor boolean is JSON.
 */
export const csvOf = (
  rows: ReadonlyArray<object>,
  names: ReadonlyArray<string> = Object.keys(rows[0] ?? {}),
): string =>
  [
    names.map(quoted).join(","),
    ...rows.map((row) => names.map((name) => field(Reflect.get(row, name))).join(",")),
  ]
    .map((line) => `${line}\r\n`).join("")

const field = (value: unknown): string => {
  if (value === null || value === undefined) return ""
  return typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : quoted(typeof value === "string" ? value : JSON.stringify(value))
}

const quoted = (text: string): string =>
  text === "" || /[",\r\n]/u.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text
