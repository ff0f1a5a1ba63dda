import { useEffect, useState } from "preact/hooks"

/** Where the page is: the parts of the address behind "#/", and what stands behind its "?". */
export interface Route {
  readonly path: ReadonlyArray<string>
  readonly query: URLSearchParams
}

const routeNow = (): Route => {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/u, "").split("?", 2)
  try {
    return { path: path.split("/").map(decodeURIComponent), query: new URLSearchParams(query) }
  } catch {
    return { path: ["graph"], query: new URLSearchParams() }
  }
}

/** The address of a place of the page. */
export const addressOf = (path: ReadonlyArray<string>, query: Readonly<Record<string, string>> = {}): string => {
  const text = new URLSearchParams(query).toString()
  return `#/${path.map(encodeURIComponent).join("/")}${text === "" ? "" : `?${text}`}`
}

/** Goes to a place, as a click on a link does; `replace` leaves no step in the history. */
export const goTo = (address: string, replace = false): void => {
  if (!replace) {
    location.hash = address
    return
  }
  history.replaceState(null, "", address)
  dispatchEvent(new HashChangeEvent("hashchange"))
}

/** The place of the page, which changes with the address. */
export const useRoute = (): Route => {
  const [route, setRoute] = useState(routeNow)
  useEffect(() => {
    const changed = () => setRoute(routeNow())
    addEventListener("hashchange", changed)
    return () => removeEventListener("hashchange", changed)
  }, [])
  return route
}
