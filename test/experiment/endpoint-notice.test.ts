import { assert, describe, it } from "vitest"
import { endpointNotice } from "../../experiment/endpoint-notice.ts"
import { endpointAt } from "../stages/ask/support.ts"

describe("what is said before prompts are sent", () => {
  const notice = (system: string | null, maxCost: number | null = null) =>
    endpointNotice.of(
      [{
        params: {
          endpoint: endpointAt("https://api.example.org/v1", {
            system,
            price: { input: 1e6, output: 1e6 },
            maxNewTokens: 50,
            maxCost,
          }),
        },
        resources: { memory: 512 },
        counts: [{ prompts: 10, "prompt tokens": 1000 }],
      }],
      new Map(),
    )

  it("counts the system message of each request, and what a chat puts around it, and promises no most", () => {
    assert.deepInclude(notice(null).facts["endpoints"], {
      endpoint: "some-model at https://api.example.org/v1",
      prompts: 10,
      promptTokens: 1000 + 10 * 64,
      cost: 1000 + 10 * (64 + 50),
    })
    assert.deepInclude(notice("s".repeat(2000)).facts["endpoints"], {
      endpoint: "some-model at https://api.example.org/v1",
      prompts: 10,
      promptTokens: 1000 + 10 * 2064,
      cost: 1000 + 10 * (2064 + 50),
    })
    assert.include(notice("s".repeat(2000)).lines[0] ?? "", "about 21,640 tokens, about 22,100 in the currency")
    assert.include(notice("s".repeat(2000), 5).lines[0] ?? "", "about 5 in the currency")
  })
})
