import type { Argument, Command, Option } from 'commander';

/** What may stand for the last of the words that were typed after the name of the program; nothing: a file, maybe. */
export function candidates(program: Command, words: readonly string[]): string[] {
  const typed = words.at(-1) ?? '';
  return offered(program, words.slice(0, -1), typed).filter((name) => name.startsWith(typed));
}

function offered(program: Command, before: readonly string[], typed: string): string[] {
  const visible = program.createHelp().visibleCommands(program);
  const [name, ...rest] = before;
  if (name === undefined) return typed.startsWith('-') ? optionsOf(program) : visible.map((command) => command.name());
  if (name === 'help') return rest.length === 0 ? visible.map((command) => command.name()) : [];
  const command = visible.find((its) => its.name() === name);
  if (!command) return [];
  if (typed.startsWith('-')) return optionsOf(command);
  const last = rest.findLastIndex((word) => word.startsWith('-'));
  const option = command.options.find(({ short, long }) => last >= 0 && [short, long].includes(rest[last]));
  if (option && takesMore(option, rest.length - last - 1)) return option.argChoices ?? [];
  const given = last < 0 ? rest.length : 0;
  const argument = command.registeredArguments[given] ?? command.registeredArguments.at(-1);
  return argument ? choicesOf(argument, given, command) : optionsOf(command);
}

function optionsOf(command: Command): string[] {
  const options = command.createHelp().visibleOptions(command);
  return options.flatMap(({ long }) => long ?? []);
}

function takesMore({ required, optional, variadic }: Option, given: number): boolean {
  return (required || optional) && (given === 0 || variadic);
}

function choicesOf(argument: Argument, given: number, command: Command): string[] {
  return given < command.registeredArguments.length || argument.variadic ? (argument.argChoices ?? []) : [];
}

/**
 * The scripts ask the command itself, so that they are never older than it. What was typed is handed on as words: nothing
 * of it is run. Where nothing is offered, the shell offers files.
 */
export const scripts = {
  bash: `_fdpoll() {
  local IFS=$'\\n'
  COMPREPLY=($(fdpoll complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _fdpoll fdpoll
`,
  zsh: `#compdef fdpoll
_fdpoll() {
  local -a names
  names=("\${(@f)$(fdpoll complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  names=(\${names:#})
  if (( \${#names} )); then compadd -- "\${names[@]}"; else _files; fi
}
if [ "$funcstack[1]" = _fdpoll ]; then _fdpoll "$@"; else compdef _fdpoll fdpoll; fi
`,
  fish: `function __fdpoll_complete
  set -l words (commandline -opc) (commandline -ct)
  fdpoll complete -- $words[2..-1] 2>/dev/null
end
complete -c fdpoll -a '(__fdpoll_complete)'
`,
} as const;
