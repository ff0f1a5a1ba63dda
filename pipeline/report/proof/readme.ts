/** What stands beside the files of a proof. */
export const readme =
  `This folder proves numbers of a table: every action that they were made by, back to the files that were read.

  node verify.mjs                       checks all, and executes the programs again (Node 20 or later, no network)
  node verify.mjs --no-run              checks digests, wires and signatures alone, and executes nothing of this folder
  node verify.mjs --key public.pem      also asks that this key signed the results and this archive

verify.mjs is written to be read first: under 250 lines, no dependency. It says what it did not check.

manifest.json     what is proved, and the sha256 of each file here
manifest.dsse.json  who signed the manifest and so all that is here, if anybody did
records/          what each action was made of, and the digests of what it made; the name is the sha256 of the first
code/, programs/  which program each action executed, and its text
tables/, rows/    tables in Parquet, and the same as lines of JSON to read; what is larger is known by its sha256 alone
run/              what executes the programs: parts of redag and of its packages, as one bundle
node_modules/     packages that these programs use
signatures.json   who signed the root of the results, if anybody did

It holds documents of the corpus: its licence says who may be given them.
`
