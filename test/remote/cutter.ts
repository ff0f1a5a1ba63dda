import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** A port that nothing listens on. */
export const freePort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

/** A port in front of another one, whose connections a test can cut; in the process of the test, like the proxy. */
export interface Cutter {
  readonly port: number
  /** How many connections were made so far. */
  readonly connections: () => number
  /** Bytes that went through so far, in both directions. */
  readonly bytes: () => number
  /** Cuts all connections that are open. */
  readonly cut: () => void
  /** Cuts each connection of the next `times` after so many bytes of both directions together. */
  readonly cutAfter: (bytes: number, times: number) => void
  /** Takes no connection from now on, or takes them again. */
  readonly refuse: (refuses: boolean) => void
  readonly stop: () => Promise<void>
}

/** Starts a cutter in front of a port of this machine. */
export const startCutter = async (target: number): Promise<Cutter> => {
  const open = new Set<Socket>()
  let [made, passed, limit, left, refuses] = [0, 0, 0, 0, false]
  const server = createServer((client) => {
    if (refuses) {
      client.destroy()
      return
    }
    made++
    const most = left-- > 0 ? limit : Infinity
    const onward = connect(target, "127.0.0.1")
    open.add(client)
    const end = () => {
      open.delete(client)
      client.destroy()
      onward.destroy()
    }
    let own = 0
    const count = (piece: Buffer) => {
      own += piece.length
      passed += piece.length
      if (own > most) end()
    }
    client.on("data", count).on("close", end).on("error", end)
    onward.on("data", count).on("close", end).on("error", end)
    client.pipe(onward)
    onward.pipe(client)
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => made,
    bytes: () => passed,
    cut: () => {
      for (const client of open) client.destroy()
    },
    cutAfter: (bytes, times) => {
      limit = bytes
      left = times
    },
    refuse: (now) => {
      refuses = now
    },
    stop: async () => {
      const closed = new Promise((done) => server.close(done))
      for (const client of open) client.destroy()
      await closed
    },
  }
}
