/** The word of the command that shells ask, which is not for people: `dag complete -- WORD…`. */
export const completeWord = "complete"

/** The shells that there are scripts for. */
export type Shell = "bash" | "zsh" | "fish"

/**
 * Finds the program of the project that the user is in, which is seldom on the path: the nearest folder above with a
 * `dag.config.ts` has it, and the Node that belongs to it.
 */
const program = `__dag() {
  local folder=$PWD
  while [ ! -e "$folder/dag.config.ts" ]; do
    [ -n "$folder" ] && [ "$folder" != / ] || return 1
    folder=\${folder%/*}
  done
  if [ -e "$folder/node_modules/.bin/dag" ]; then
    (PATH="$folder/node_modules/.bin:$PATH" exec dag complete -- "$@" 2>/dev/null)
  else
    (PATH="$folder/node_modules/.bin:$PATH" exec node "$folder/dist/dag.js" complete -- "$@" 2>/dev/null)
  fi
}`

// Bash takes "=", ":" and "@" for ends of words: the words are those of the line, and what stands before the last
// of these signs is cut off again.
const bash = `${program}
_dag() {
  local line=\${COMP_LINE:0:COMP_POINT} found current cut
  local -a words
  read -ra words <<<"$line"
  case $line in *[[:space:]]) words+=("") ;; esac
  current=\${words[\${#words[@]}-1]}
  cut=\${current%"\${current##*[=:@]}"}
  COMPREPLY=()
  while IFS= read -r found; do COMPREPLY+=("\${found#"$cut"}"); done < <(__dag "\${words[@]:1}")
  # One that goes on gets no space behind it.
  if [ "\${#COMPREPLY[@]}" -eq 1 ]; then
    case \${COMPREPLY[0]} in *[/=:]) compopt -o nospace 2>/dev/null ;; esac
  fi
}
complete -o default -F _dag dag
`

const zsh = `#compdef dag
${program}
_dag() {
  local -a found
  found=("\${(@f)$(__dag "\${(@)words[2,CURRENT]}")}")
  [ -n "$found" ] || { _files; return; }
  compadd -Q -S '' -- \${(M)found:#*[/=:]}
  compadd -Q -- \${found:#*[/=:]}
}
(( $+functions[compdef] )) && compdef _dag dag
`

const fish = `function __dag
  set -l folder $PWD
  while not test -e $folder/dag.config.ts
    test -n "$folder" -a "$folder" != /; or return 1
    set folder (path dirname $folder)
  end
  set -lx PATH $folder/node_modules/.bin $PATH
  set -l words (commandline -opc) (commandline -ct)
  if test -e $folder/node_modules/.bin/dag
    command dag complete -- $words[2..] 2>/dev/null
  else
    command node $folder/dist/dag.js complete -- $words[2..] 2>/dev/null
  end
end
complete -c dag -a '(__dag)'
`

/** What a shell is to read so that Tab completes commands, flags, profiles and nodes. */
export const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish }
