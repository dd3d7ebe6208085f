import { exitCodes } from '../util/errors.ts'
import { commandTable } from './commands.ts'
import { defaultText, flagsOf, inGroups, type OptionName, optionTable } from './options.ts'

const meanings: Record<keyof typeof exitCodes, string> = {
  ok: 'done; a front was found',
  bug: 'a bug in tinyfront, or a verification that found a difference',
  usage: 'usage or configuration: the message says what to mend',
  nothingFits: 'no network fits the boards within the bounds; the message names the nearest miss and what it would take',
  missingTool: 'an engine or tool is missing',
  store: 'the study is locked by another process, or its journal is damaged',
  interrupted: 'interrupted by Ctrl-C; everything finished is saved',
}

const cell = (text: string): string => text.replace(/\|/g, '\\|')

function optionRow(name: OptionName): string {
  const { help, env } = optionTable[name]
  const usual = defaultText(name)
  return `| \`${cell(flagsOf(name))}\` | ${cell(help)} | ${usual === undefined ? '' : cell(usual)} | ${env === undefined ? '' : `\`${env}\``} |`
}

/** docs/cli.md, from the tables that the parser itself uses. */
export function cliReference(): string {
  const commands = commandTable.map(({ name, arguments: args = [], description, options }) =>
    [
      `### \`tinyfront ${[name, ...args].join(' ')}\``,
      '',
      `${description[0]!.toUpperCase()}${description.slice(1)}.`,
      '',
      `Options: ${inGroups(options)
        .flatMap(({ names }) => names.map((name) => `\`${optionTable[name].flag}\``))
        .join(' ')}`,
      '',
    ].join('\n'),
  )
  const groups = inGroups(Object.keys(optionTable) as OptionName[]).map(({ heading, names }) =>
    [
      `### ${heading ?? 'Other'}`,
      '',
      '| option | meaning | default | environment |',
      '| --- | --- | --- | --- |',
      ...names.map(optionRow),
      '',
    ].join('\n'),
  )
  const codes = Object.entries(exitCodes).map(([kind, code]) => `| ${code} | ${meanings[kind as keyof typeof exitCodes]} |`)
  return `# Command line

This page is made from the tables in \`src/cli\` (a test keeps it so).
Data goes to stdout, talk and progress to stderr. \`--json\` prints one document (\`search --json\`: one event a line); see [json.md](json.md).
\`NO_COLOR\` turns colours off. Sizes are read as \`64kB\` = 64,000 or \`64KiB\` = 65,536 bytes, times as \`20ms\`, \`90s\`, \`10m\`, \`1.5h\`.
Options may stand in a project file ([project-file.md](project-file.md)). A STUDY is named, or shown by its folder (\`results/demo\`).

Commands, options, boards, spaces and studies are completed by the shell, once it has read the script:

\`\`\`sh
eval "$(tinyfront completion bash)"          # in ~/.bashrc
source <(tinyfront completion zsh)           # in ~/.zshrc, after compinit
tinyfront completion fish | source           # in ~/.config/fish/config.fish
\`\`\`

## Commands

${commands.join('\n')}
## Options

${groups.join('\n')}
## Exit codes

| code | meaning |
| --- | --- |
${codes.join('\n')}
`
}
