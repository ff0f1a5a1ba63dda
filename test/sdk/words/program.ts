import { open } from "redag/engine"

/** Plans, runs and reads the words of the project that it is given; prints what it learns as JSON. */
const [folder = "."] = process.argv.slice(2)
const project = await open(folder)
const planned = await project.plan()
const executed: Array<string> = []
const { summary, failures } = await project.run({
  jobs: 2,
  onEvent: (event) => {
    if (event._tag === "NodeStarted") executed.push(event.node)
  },
})
const rows = failures.length === 0 ? await project.rows("most/all") : []
process.stdout.write(JSON.stringify({
  planned: planned.map(({ node, state }) => `${node} ${state}`),
  executed: executed.toSorted(),
  summary,
  failures,
  rows,
}))
