import type { shells } from './complete.ts'

/**
 * Each script asks `tinyfront completion SHELL -- WORDS`, which answers a line for each candidate: the word, a tab and what it means; a line with a
 * slash alone says that paths may stand there.
 */
export const scripts: Readonly<Record<(typeof shells)[number], string>> = {
  // bash splits words at ":" and "=", and replaces the last part alone: what stands before it is cut off
  bash: `_tinyfront() {
  local line=\${COMP_LINE:0:COMP_POINT} word says before
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  local current=\${words[\${#words[@]}-1]}
  before=\${current%"\${current##*[:=]}"}
  COMPREPLY=()
  while IFS=$'\\t' read -r word says; do
    if [[ $word == / ]]; then compopt -o default 2>/dev/null; else COMPREPLY+=("\${word#"$before"}"); fi
  done < <("\${words[0]}" completion bash -- "\${words[@]:1}" 2>/dev/null)
}
complete -F _tinyfront tinyfront`,
  zsh: `#compdef tinyfront
_tinyfront() {
  local -a found
  local word says files=0
  while IFS=$'\\t' read -r word says; do
    if [[ $word == / ]]; then files=1; else found+=("\${word//:/\\\\:}\${says:+:$says}"); fi
  done < <("\${words[1]}" completion zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#found} )) && _describe tinyfront found
  (( files )) && _files
}
if [[ $funcstack[1] == _tinyfront ]]; then _tinyfront "$@"; else compdef _tinyfront tinyfront; fi`,
  fish: `function __tinyfront_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] completion fish -- $words[2..-1] 2>/dev/null)
        if test "$line" = /
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c tinyfront -f -a '(__tinyfront_complete)'`,
}
