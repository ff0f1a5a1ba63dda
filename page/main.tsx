import { render } from "preact"
import { useEffect } from "preact/hooks"
import { Problem, useAnswer } from "./answer.tsx"
import { asking, enter } from "./api.ts"
import { ContentPage } from "./content.tsx"
import { FilePage, FilesPage } from "./files.tsx"
import { GraphPage } from "./graph/page.tsx"
import { useNotice } from "./live.ts"
import { NodePage } from "./node.tsx"
import { addressOf, type Route, useRoute } from "./route.ts"
import { RunPage } from "./run.tsx"
import { DiffPage, RunsPage } from "./runs.tsx"
import { SourcePage } from "./source.tsx"
import { TablePage } from "./table.tsx"

/** The pages that the engine makes, in the order of the menu. */
const places: ReadonlyArray<readonly [path: ReadonlyArray<string>, title: string]> = [
  [["graph"], "Graph"],
  [["runs"], "Runs"],
  [["files"], "Templates"],
]

const Frame = () => {
  const route = useRoute()
  const project = useAnswer(asking("project"))
  const notice = useNotice()
  useEffect(() => {
    document.title = `${route.path.toReversed().join(" · ") || "graph"} – redag`
    document.getElementById("main")?.scrollTo(0, 0)
  }, [route])
  if (project?._tag === "Failed") return <Problem message={project.message} help={project.help} />
  const pages = project?._tag === "Here" ? project.value.pages : []
  const menu: ReadonlyArray<readonly [path: ReadonlyArray<string>, title: string]> = [
    ...places,
    ...pages.map(({ name, title }) => [["page", name], title] as const),
  ]
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault()
          document.getElementById("main")?.focus()
        }}
      >
        Skip to the page
      </a>
      <header>
        <strong>redag</strong>
        <span class="soft">
          {project?._tag === "Here" ? `profile ${project.value.profile} ${project.value.filters}`.trimEnd() : ""}
        </span>
        <nav aria-label="Pages">
          <ul>
            {menu.map(([path, title]) => (
              <li key={title}>
                <a href={addressOf(path)} aria-current={isAt(path, route.path) ? "page" : undefined}>{title}</a>
              </li>
            ))}
          </ul>
        </nav>
        <p class="notice" role="status">{notice === undefined ? "" : `${notice.message} ${notice.help}`}</p>
      </header>
      <main id="main" tabIndex={-1}>
        <Place route={route} mayRun={project?._tag === "Here" && project.value.mayRun} />
      </main>
    </>
  )
}

/** The page of the menu that each other page is below. */
const above: Readonly<Record<string, string>> = {
  "": "graph",
  "node": "graph",
  "source": "graph",
  "table": "graph",
  "run": "runs",
  "diff": "runs",
  "file": "files",
}

const isAt = ([place, name]: ReadonlyArray<string>, [first = "", second]: ReadonlyArray<string>): boolean =>
  place === "page" ? first === "page" && second === name : (above[first] ?? first) === place

const Place = ({ route, mayRun }: { readonly route: Route; readonly mayRun: boolean }) => {
  const [first = "", second, third] = route.path
  switch (first) {
    case "":
    case "graph":
      return <GraphPage route={route} />
    case "node":
      return second === undefined ? <Nowhere /> : <NodePage name={second} />
    case "source":
      return second === undefined || third === undefined ? <Nowhere /> : <SourcePage node={second} param={third} />
    case "table":
      return second === undefined ? <Nowhere /> : <TablePage digest={second} query={route.query} />
    case "page":
      return <ContentPage path={route.path.slice(1)} />
    case "files":
      return <FilesPage />
    case "file":
      return second === undefined ? <Nowhere /> : <FilePage file={second} />
    case "runs":
      return <RunsPage mayRun={mayRun} />
    case "run":
      return second === undefined ? <Nowhere /> : <RunPage name={second} />
    case "diff":
      return second === undefined ? <Nowhere /> : <DiffPage before={second} after={third ?? "now"} />
  }
  return <Nowhere />
}

const Nowhere = () => <Problem message="There is no such page." help="Choose one of the menu." />

const start = async (): Promise<void> => {
  const root = document.getElementById("page")
  if (root === null) return
  const entered = await enter()
  root.replaceChildren()
  render(entered._tag === "Failed" ? <Problem message={entered.message} help={entered.help} /> : <Frame />, root)
}

void start()
