import { corpora } from "./corpora.ts"
import { demoModels } from "./demo.ts"
import { models } from "./models.ts"
import { settings } from "./settings.ts"

/** What parts of nodes' names mean, for selectors such as "corpus=cdr,model=t5-*,setting=16". */
export const facets = {
  corpus: corpora.map(({ id }) => id),
  model: [...models, ...demoModels].map(({ name }) => name),
  setting: settings.map(({ id }) => id),
  seed: ["seed*"],
}
