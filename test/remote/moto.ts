import { existsSync, mkdtempSync, readFileSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { empty } from "../rig/places.ts"
import { eventually, type Variables } from "../rig/project.ts"
import { makeDaemon } from "../slurm/daemon.ts"
import { type FaultProxy, startProxy } from "./proxy.ts"

/** The virtual environment with moto's server: that of RIG_MOTO, otherwise the one that install.sh makes. */
const venv = process.env["RIG_MOTO"]
  ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "redag-test/moto-5.2.5")

const program = join(venv, "bin/moto_server")

/** Why no S3 server can be started here; undefined where one can. */
export const noMoto: string | undefined = existsSync(program)
  ? undefined
  : "no moto: test/remote/install.sh installs it, or set RIG_MOTO to a virtual environment with moto[server]"

/** An S3 server of its own process, behind a proxy that logs what is asked and can fail on purpose. */
export interface Moto {
  /** What a command needs in its environment to reach it. No file of the user's with credentials is read then. */
  readonly variables: Variables
  /** An address below a bucket of this server; every call gives an empty one. */
  readonly newAddress: () => Promise<string>
  /** The same server without the proxy. */
  readonly direct: string
  readonly proxy: FaultProxy
  readonly pid: () => number | undefined
  readonly stop: () => Promise<void>
}

/** The server of a `describe`, which runs while its tests do. */
export const motoOfTests = (): Moto => {
  let started: Moto | undefined
  beforeAll(async () => {
    started = await startMoto()
  })
  afterAll(() => started?.stop())
  const moto = (): Moto => {
    if (started === undefined) throw new Error("moto runs while the tests do")
    return started
  }
  return {
    get variables() {
      return moto().variables
    },
    newAddress: () => moto().newAddress(),
    get direct() {
      return moto().direct
    },
    get proxy() {
      return moto().proxy
    },
    pid: () => moto().pid(),
    stop: () => moto().stop(),
  }
}

/** Starts moto on a free port and waits until it answers. */
export const startMoto = async (): Promise<Moto> => {
  const folder = mkdtempSync(join(tmpdir(), "redag-moto-"))
  const log = join(folder, "log")
  const { PYTHONPATH: _, PYTHONHOME: __, ...inherited } = process.env
  const daemon = makeDaemon([program, "-H", "127.0.0.1", "-p", "0"], log, { ...inherited, PYTHONUNBUFFERED: "1" })
  daemon.start()
  const direct = await eventually("moto answers", () => {
    if (daemon.pid() === undefined) throw new Error(`moto ended:\n${readFileSync(log, "utf8")}`)
    // What follows the port shows that all of it is written.
    return /Running on (http:\/\/127\.0\.0\.1:\d+)\D/u.exec(existsSync(log) ? readFileSync(log, "utf8") : "")?.[1]
  })
  const proxy = await startProxy(direct)
  let buckets = 0
  return {
    variables: {
      AWS_ENDPOINT_URL: proxy.url,
      AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
      AWS_SECRET_ACCESS_KEY: "not-a-secret-but-must-be-nowhere",
      AWS_REGION: "us-east-1",
      AWS_SHARED_CREDENTIALS_FILE: join(folder, "none"),
      AWS_CONFIG_FILE: join(folder, "none"),
      NO_PROXY: "127.0.0.1",
    },
    newAddress: async () => {
      const bucket = `bucket-${++buckets}`
      const { status } = await fetch(`${direct}/${bucket}`, {
        method: "PUT",
        // By its scope moto knows which of its services is meant.
        headers: { Authorization: "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request" },
      })
      if (status !== 200) throw new Error(`moto makes no bucket: ${status}`)
      return `s3://${bucket}/store`
    },
    direct,
    proxy,
    pid: daemon.pid,
    stop: async () => {
      await proxy.stop()
      await daemon.end()
      empty(folder)
    },
  }
}
