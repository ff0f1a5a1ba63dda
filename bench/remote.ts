/**
 * How fast many small objects go to an S3 server and come from there, against rclone on the same server, in turns.
 *
 * Run as `node bench/remote.ts [--objects 10000] [--bytes 4096] [--rounds 4] [--moto PATH]`, with rclone on the path and
 * moto's server (`pip install 'moto[server]'`). Both sides have 32 requests on their way at a time. rclone is timed with
 * its own defaults besides, and without the HEAD by which it looks at what it sent (`--s3-no-head`), in turns with them;
 * the ratio is against its fastest. redag hashes every object at both ends and forces what came to the disk, which rclone
 * does not. Ends with 1 where redag has less than 0.9 of rclone's objects a second in either direction.
 */
import { spawn, spawnSync } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import { mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { cpus, loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { parseArgs } from "node:util"
import { median, table } from "./report.ts"

const { values } = parseArgs({
  options: {
    objects: { type: "string", default: "10000" },
    bytes: { type: "string", default: "4096" },
    rounds: { type: "string", default: "4" },
    moto: { type: "string", default: "moto_server" },
  },
})
const [objects, bytes, rounds] = [Number(values.objects), Number(values.bytes), Number(values.rounds)]
const goal = 0.9

const folder = mkdtempSync(join(tmpdir(), "redag-remote-bench-"))
const [store, list] = [join(folder, "store"), join(folder, "list")]

/** Starts moto; gives its address and how to end it. */
const startServer = async (): Promise<{ readonly endpoint: string; readonly stop: () => void }> => {
  // Into a file: a server whose pipe is full waits until somebody reads.
  const log = join(folder, "log")
  const server = spawn(values.moto, ["-H", "127.0.0.1", "-p", "0"], { stdio: ["ignore", "ignore", openSync(log, "w")] })
  const failed = new Promise<never>((_, fail) => {
    server.once("error", fail).once("exit", () => fail(new Error(`moto ended: ${readFileSync(log, "utf8")}`)))
  })
  const answers = async (): Promise<string> => {
    for (;;) {
      const [, url] = /Running on (http:\/\/127\.0\.0\.1:\d+)/u.exec(readFileSync(log, "utf8")) ?? []
      if (url !== undefined) return url
      await setTimeout(100)
    }
  }
  const endpoint = await Promise.race([answers(), failed])
  return { endpoint, stop: () => server.removeAllListeners("exit").kill() }
}

/** rclone refuses to start with a bundle of certificates for AWS, and this server has none. */
const { AWS_CA_BUNDLE: _, ...inherited } = process.env

const run = (words: ReadonlyArray<string>, environment: Readonly<Record<string, string>>): number => {
  const [command = "", ...rest] = words
  const start = performance.now()
  const { status, stderr, error } = spawnSync(command, rest, {
    env: { ...inherited, ...environment },
    encoding: "utf8",
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw error ?? new Error(`${words.join(" ")}: ${stderr}`)
  return (performance.now() - start) / 1000
}

const prepare = (): void => {
  const lines: Array<string> = []
  for (let index = 0; index < objects; index++) {
    const content = randomBytes(bytes)
    const digest = createHash("sha256").update(content).digest("hex")
    mkdirSync(join(store, "objects", digest.slice(0, 2)), { recursive: true })
    writeFileSync(join(store, "objects", digest.slice(0, 2), digest.slice(2)), content)
    lines.push(`${digest} ${bytes}`)
  }
  writeFileSync(list, lines.join("\n"))
}

const counted = (place: string): number =>
  readdirSync(place, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length

const main = async (): Promise<void> => {
  prepare()
  const { endpoint, stop } = await startServer()
  const keys = { AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench", AWS_REGION: "us-east-1" }
  const environment = {
    ...keys,
    AWS_ENDPOINT_URL: endpoint,
    RCLONE_CONFIG: join(folder, "none"),
    RCLONE_CONFIG_R_TYPE: "s3",
    RCLONE_CONFIG_R_PROVIDER: "Other",
    RCLONE_CONFIG_R_ENV_AUTH: "true",
    RCLONE_CONFIG_R_REGION: "us-east-1",
    RCLONE_CONFIG_R_ENDPOINT: endpoint,
  }
  const rclone = (from: string, to: string, ...more: ReadonlyArray<string>): number =>
    run(["rclone", "copy", from, to, ...more], environment)
  const parallel: ReadonlyArray<string> = ["--transfers", "32", "--checkers", "32"]
  const ways: ReadonlyArray<{ readonly name: string; readonly words: ReadonlyArray<string> }> = [
    { name: "rclone", words: parallel },
    { name: "rclone --s3-no-head", words: [...parallel, "--s3-no-head"] },
    { name: "rclone's defaults", words: [] },
  ]
  const program = join(import.meta.dirname, "redag/remote.ts")
  const seconds = new Map<string, Array<number>>()
  const note = (name: string, taken: number): void => {
    seconds.set(name, [...seconds.get(name) ?? [], taken])
  }
  try {
    for (let round = 0; round < rounds; round++) {
      const bucket = (side: string) => {
        const name = `${side}-${round}`
        run(["rclone", "mkdir", `r:${name}`], environment)
        return name
      }
      const back = join(folder, `back-${round}`)
      const pull = (side: string, from: string, taken: (to: string) => number): void => {
        const to = join(back, side)
        note(`${side}, from the server`, taken(to))
        const found = counted(join(to, "objects"))
        if (found !== objects) throw new Error(`${side} brought ${found} objects of ${objects} from ${from}`)
      }
      const sides = [
        () => {
          const own = bucket("redag")
          note(
            "redag, to the server",
            run([process.execPath, program, "push", `s3://${own}`, store, list], environment),
          )
          pull("redag", own, (to) => run([process.execPath, program, "pull", `s3://${own}`, to, list], environment))
        },
        ...ways.map(({ name, words }) => () => {
          const own = bucket(`rclone-${words.length}`)
          note(`${name}, to the server`, rclone(`${store}/objects`, `r:${own}/objects`, ...words))
          pull(name, own, (to) => rclone(`r:${own}/objects`, join(to, "objects"), ...words))
        }),
      ]
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) side()
      rmSync(back, { recursive: true })
    }
  } finally {
    stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const rates = new Map([...seconds].map(([name, all]) => [name, objects / median(all)]))
  process.stdout.write(
    table([
      [`${objects} objects of ${bytes} bytes`, "objects/s", "seconds"],
      ...[...seconds].map(([name, all]) => [
        name,
        (rates.get(name) ?? 0).toFixed(0),
        all.map((each) => each.toFixed(1)).join(" "),
      ]),
    ]),
  )
  for (const way of ["to the server", "from the server"]) {
    const ours = rates.get(`redag, ${way}`) ?? 0
    const theirs = Math.max(
      ...[...rates].flatMap(([name, rate]) => name.endsWith(way) && name.startsWith("rclone") ? [rate] : []),
    )
    process.stdout.write(`${way}: redag has ${(ours / theirs).toFixed(2)} of rclone's rate (goal ${goal})\n`)
    if (ours / theirs < goal) process.exitCode = 1
  }
  process.stdout.write(`${cpus().length} cores; load after ${(loadavg()[0] ?? 0).toFixed(1)}\n`)
}

await main()
