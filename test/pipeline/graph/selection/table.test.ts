import { assert, describe, it } from "@effect/vitest"
import { InputError } from "../../../../pipeline/base/errors.ts"
import { selectNodes, selectOne } from "../../../../pipeline/graph/select.ts"
import type { State } from "../../../../pipeline/graph/selection/expression.ts"
import { graphOf, small } from "./graphs.ts"

const stands = new Map<string, ReadonlyArray<State>>([
  ["train/bart/cdr/16", ["stale", "failed"]],
  ["score/bart/cdr/16", ["stale"]],
  ["table/all", ["stale"]],
  ["read/dce", ["fresh", "accepted"]],
])
const facts = { state: (name: string): ReadonlySet<State> => new Set(stands.get(name) ?? ["fresh"]) }

/** What is selected, what is excluded, and the nodes that are left. */
const table: ReadonlyArray<readonly [include: string, exclude: string, names: string]> = [
  ["read", "", "read/cdr read/dce"],
  ["read/cdr", "", "read/cdr"],
  ["read/", "", "read/cdr read/dce"],
  ["train/t5-mini", "", "train/t5-mini/cdr/16 train/t5-mini/cdr/full train/t5-mini/dce/16 train/t5-mini/dce/full"],
  ["train/t5-*/cdr", "", "train/t5-mini/cdr/16 train/t5-base/cdr/16 train/t5-mini/cdr/full train/t5-base/cdr/full"],
  ["*/t5-mini/cdr/16", "", "train/t5-mini/cdr/16 score/t5-mini/cdr/16"],
  [
    "*/*/cdr/full",
    "",
    "train/t5-mini/cdr/full score/t5-mini/cdr/full train/t5-base/cdr/full score/t5-base/cdr/full train/bart/cdr/full score/bart/cdr/full",
  ],
  ["table", "", "table/all"],
  ["stage=read", "", "read/cdr read/dce"],
  ["stage=s*,corpus=cdr,setting=16", "", "sample/cdr/16 score/t5-mini/cdr/16 score/t5-base/cdr/16 score/bart/cdr/16"],
  [
    "corpus=cdr,model=t5-*,setting=16",
    "",
    "train/t5-mini/cdr/16 score/t5-mini/cdr/16 train/t5-base/cdr/16 score/t5-base/cdr/16",
  ],
  ["model=BART,stage=train", "", "train/bart/cdr/16 train/bart/cdr/full train/bart/dce/16 train/bart/dce/full"],
  ["setting=full,stage=sample", "", "sample/cdr/full sample/dce/full"],
  ["format=pubtator", "", "read/cdr"],
  ["shots=16", "", "sample/cdr/16 sample/dce/16"],
  ["model.kind=bart,setting=16", "", "train/bart/cdr/16 train/bart/dce/16"],
  ["measure.*=strict,model=bart", "", "score/bart/cdr/16 score/bart/cdr/full score/bart/dce/16 score/bart/dce/full"],
  ["*.by=strict,+score/bart/cdr/16", "", "score/bart/cdr/16"],
  ["epochs=3,corpus=dce,setting=full", "", "train/t5-mini/dce/full train/t5-base/dce/full train/bart/dce/full"],
  ["+score/bart/cdr/16", "", "read/cdr sample/cdr/16 train/bart/cdr/16 score/bart/cdr/16"],
  ["1+score/bart/cdr/16", "", "read/cdr train/bart/cdr/16 score/bart/cdr/16"],
  ["0+score/bart/cdr/16", "", "score/bart/cdr/16"],
  ["2+score/bart/cdr/16", "", "read/cdr sample/cdr/16 train/bart/cdr/16 score/bart/cdr/16"],
  ["train/bart/cdr/16+", "", "train/bart/cdr/16 score/bart/cdr/16 table/all"],
  ["train/bart/cdr/16+1", "", "train/bart/cdr/16 score/bart/cdr/16"],
  ["1+train/bart/cdr/16+1", "", "sample/cdr/16 train/bart/cdr/16 score/bart/cdr/16"],
  ["+train/bart/cdr/16+", "", "read/cdr sample/cdr/16 train/bart/cdr/16 score/bart/cdr/16 table/all"],
  [
    "@train/bart/cdr/16,model=bart",
    "",
    "train/bart/cdr/16 score/bart/cdr/16 train/bart/cdr/full score/bart/cdr/full train/bart/dce/16 score/bart/dce/16 train/bart/dce/full score/bart/dce/full",
  ],
  [
    "@sample/cdr/16,corpus=dce,setting=16",
    "",
    "sample/dce/16 train/t5-mini/dce/16 score/t5-mini/dce/16 train/t5-base/dce/16 score/t5-base/dce/16 train/bart/dce/16 score/bart/dce/16",
  ],
  [
    "read/cdr+1",
    "",
    "read/cdr sample/cdr/16 score/t5-mini/cdr/16 score/t5-base/cdr/16 score/bart/cdr/16 sample/cdr/full score/t5-mini/cdr/full score/t5-base/cdr/full score/bart/cdr/full",
  ],
  ["+score/t5-mini/cdr/16,+score/bart/cdr/16", "", "read/cdr sample/cdr/16"],
  ["read/cdr+,score,setting=full", "", "score/t5-mini/cdr/full score/t5-base/cdr/full score/bart/cdr/full"],
  ["read sample/cdr", "", "read/cdr sample/cdr/16 sample/cdr/full read/dce"],
  ["read/cdr,read/cdr", "", "read/cdr"],
  ["state:stale", "", "train/bart/cdr/16 score/bart/cdr/16 table/all"],
  ["state:failed+", "", "train/bart/cdr/16 score/bart/cdr/16 table/all"],
  ["state:accepted,stage=read", "", "read/dce"],
  ["state:fresh,model=bart,corpus=cdr", "", "train/bart/cdr/full score/bart/cdr/full"],
  ["state:missing", "", ""],
  ["+state:failed,state:fresh", "", "read/cdr sample/cdr/16"],
  ["sample", "sample/cdr", "sample/dce/16 sample/dce/full"],
  ["", "corpus=cdr corpus=dce", "table/all"],
  ["score,corpus=cdr", "setting=16 model=t5-base", "score/t5-mini/cdr/full score/bart/cdr/full"],
  ["+table,stage=sample", "state:stale", "sample/cdr/16 sample/cdr/full sample/dce/16 sample/dce/full"],
  ["state:stale", "state:failed", "score/bart/cdr/16 table/all"],
]

const mistakes: ReadonlyArray<readonly [selector: string, message: RegExp, help: RegExp]> = [
  ["", /empty/u, /name a node/u],
  ["   ", /empty/u, /name a node/u],
  ["read,", /comma has nothing beside it \(at character 6\)/u, /both sides/u],
  [",read", /comma has nothing beside it \(at character 1\)/u, /both sides/u],
  ["read score,,table", /\(at character 12\)/u, /both sides/u],
  ["+", /nothing is named in "\+" \(at character 2\)/u, /\+NODE/u],
  ["read +", /\(at character 7\)/u, /\+NODE/u],
  ["@", /nothing is named/u, /@NODE/u],
  ["@read+", /exclude each other/u, /"@read"/u],
  ["@2+read", /exclude each other/u, /"@read"/u],
  ["state:", /no state is named \(at character 7\)/u, /stale/u],
  ["read +state:faild", /no state "faild" \(at character 13\)/u, /did you mean "state:failed"\?/u],
  ["corpus=", /"corpus=" has no value \(at character 8\)/u, /stage=score/u],
  ["=cdr", /"=" has no name before it/u, /stage=score/u],
  ["corpus=crd", /has corpus=crd/u, /did you mean "corpus=cdr"\?/u],
  ["corpsu=cdr", /have no "corpsu"/u, /did you mean "corpus=cdr"\?/u],
  ["model.knd=t5", /have no "model.knd"/u, /did you mean "model.kind=t5"\?/u],
  ["tran/bart", /selects no node/u, /did you mean "train\/bart"\?/u],
  ["train/brat/cdr", /selects no node/u, /did you mean "train\/bart\/cdr"\?/u],
  ["train/t5", /selects no node/u, /did you mean "train\/t5\*"/u],
  ["TRAIN/BART", /selects no node/u, /did you mean "train\/bart"\?/u],
  ["bart", /selects no node/u, /did you mean "model=bart"/u],
  ["read/cdr/more", /selects no node/u, /did you mean "read\/cdr"\?/u],
  ["read,score", /is all of these/u, /space/u],
  ["read nothing-like-it", /"nothing-like-it" selects no node/u, /^names begin with a stage/u],
]

describe("selectors", () => {
  it.each(table)("%s without %s", (include, exclude, names) => {
    const selection = { include: include === "" ? [] : [include], exclude: exclude === "" ? [] : [exclude] }
    assert.strictEqual([...selectNodes(small, selection, facts)].join(" "), names)
  })

  it.each(mistakes)("%s is a mistake, with its place and what may be meant", (selector, message, help) => {
    const select = () => selectNodes(small, { include: [selector], exclude: [] }, facts)
    try {
      select()
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      assert.match(error.message, message)
      assert.match(error.help, help)
      return
    }
    assert.fail("nothing was thrown")
  })

  it("ask for states only where one says so", () => {
    const asked: Array<string> = []
    const state = (name: string) => {
      asked.push(name)
      return facts.state(name)
    }
    selectNodes(small, { include: ["+table,stage=read"], exclude: ["read/dce"] }, { state })
    assert.deepStrictEqual(asked, [])
    // What else is asked for is looked at first.
    selectNodes(small, { include: ["state:fresh,read"], exclude: [] }, { state })
    assert.deepStrictEqual(asked, ["read/cdr", "read/dce"])
  })

  it("mean the node where they are its whole name, whatever signs that holds", () => {
    const names = ["a/x+1", "a/+y", "@a/z", "a/u,v", "a/one two", "a=b/c", "a/rate=0.1", "state:fresh/all"]
    const odd = graphOf(names.map((name) => ({ name, from: [] })))
    for (const name of names) {
      assert.deepStrictEqual([...selectNodes(odd, { include: [name], exclude: [] })], [name])
      assert.strictEqual(selectOne(odd, name).name, name)
    }
    assert.deepStrictEqual([...selectNodes(odd, { include: ["+a/x+1 a/rate=0.1"], exclude: [] })], [
      "a/x+1",
      "a/rate=0.1",
    ])
  })
})
