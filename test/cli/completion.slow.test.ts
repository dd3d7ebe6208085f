import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from './built.ts'

// The scripts in real shells, in a folder with two studies.

const home = mkdtempSync(join(tmpdir(), 'tinyfront-completion-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const bin = join(home, 'bin')
const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, HOME: home, TERM: 'xterm' }

beforeAll(() => {
  mkdirSync(bin)
  chmodSync(main, 0o755)
  symlinkSync(main, join(bin, 'tinyfront'))
  for (const study of ['pets', 'plants']) {
    mkdirSync(join(home, 'results', study), { recursive: true })
    writeFileSync(join(home, 'results', study, 'journal.jsonl'), '')
  }
})

const has = (shell: string) => spawnSync(shell, ['--version']).status === 0
const run = (shell: string, script: string) => execFileSync(shell, ['-c', script], { cwd: home, env, encoding: 'utf8' })

/** What a Tab offers after this line, as each shell itself says. */
const offers: Readonly<Record<string, (line: string) => string[]>> = {
  bash: (line) =>
    run(
      'bash',
      `eval "$(tinyfront completion bash)"; COMP_LINE='${line}' COMP_POINT=${line.length}; _tinyfront; printf '%s\\n' "\${COMPREPLY[@]}"`,
    )
      .split('\n')
      .filter(Boolean),
  fish: (line) =>
    run('fish', `tinyfront completion fish | source; complete -C '${line}'`)
      .split('\n')
      .filter(Boolean)
      .map((found) => found.split('\t')[0]!),
  // a shell in a terminal of its own: the line and a Tab are typed, and what it shows is read until it is silent
  zsh: (line) =>
    run(
      'zsh',
      `zmodload zsh/zpty
      zpty z 'zsh -f -i'
      zpty -w z 'autoload -Uz compinit; compinit -u -d ${home}/dump; source <(tinyfront completion zsh); bindkey "^I" complete-word; print RE""ADY'
      zpty -r -m z seen '*READY*'
      zpty -w -n z $'${line}\\t'
      for i in {1..40}; do sleep 0.1; if zpty -r -t z more; then all+=$more; last=$i; elif (( last && i > last + 8 )); then break; fi; done
      print -r -- "$all"
      zpty -d z`,
    ).split(/\s+/),
}

describe.each(Object.keys(offers))('%s', (shell) => {
  const there = has(shell)
  test.skipIf(!there)('all that fit, and no other', () => {
    const offer = offers[shell]!
    expect(offer('tinyfront search --strategy ').join(' ')).toMatch(/evolution[\s\S]*nsga2[\s\S]*random/)
    if (shell === 'zsh') return
    expect(offer('tinyfront fro')).toContain('front')
    expect(offer('tinyfront search --device rp2040,stm32f44')).toEqual(['rp2040,stm32f446'])
    expect(offer('tinyfront search --max-fl')).toEqual(['--max-flash'])
    expect(offer('tinyfront list ')).toEqual(expect.arrayContaining(['devices', 'spaces', 'studies', 'data']))
    expect(offer('tinyfront front p').filter((word) => !word.includes('/'))).toEqual(['pets', 'plants'])
  })
})

test('bash takes ":" and "=" for ends of words: what it inserts begins after them', () => {
  expect(offers.bash!('tinyfront search --data builtin:ges')).toEqual(['gestures'])
  expect(offers.bash!('tinyfront search --strategy=ns')).toEqual(['nsga2'])
})
