import type { CompletionWords, OptionWords, Takes } from "./words.ts";

/** A bash completion script. Where nothing is offered bash falls back on file names (`complete -o default`). */
export function bashCompletion({ name, commands, options }: CompletionWords): string {
  const names = commands.map((command) => command.name);
  const valueCases = [
    ...commands.flatMap((command) => command.options.flatMap((option) => valueCase(command.name, option))),
    ...options.flatMap((option) => valueCase("*", option)),
  ];
  const optionCases = commands.map(
    (command) => `      ${command.name}) words="${flags([...command.options, ...options])}" ;;`,
  );
  const argumentCases = commands.flatMap((command) =>
    command.argument.kind === "choice" ? [`      ${command.name}) words="${command.argument.words.join(" ")}" ;;`] : [],
  );
  return `# bash completion for ${name}. To load it: source <(${name} completion bash)
_${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= words= index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      ${names.join("|")}) command=\${COMP_WORDS[index]}; break ;;
    esac
  done
  case "$command $previous" in
${valueCases.join("\n")}
  esac
  if [[ $current == -* ]]; then
    case $command in
${optionCases.join("\n")}
      *) words="${flags(options)}" ;;
    esac
  else
    case $command in
${argumentCases.join("\n")}
      "") words="${names.join(" ")}" ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${name} ${name}
`;
}

function valueCase(command: string, option: OptionWords): readonly string[] {
  if (option.takes.kind === "nothing") {
    return [];
  }
  const patterns = [option.short, option.long]
    .filter((flag) => flag !== undefined)
    .map((flag) => (command === "*" ? `*" ${flag}"` : `"${command} ${flag}"`));
  return [`    ${patterns.join("|")}) ${offer(option.takes)}return ;;`];
}

function offer(takes: Takes): string {
  switch (takes.kind) {
    case "choice":
      return `COMPREPLY=($(compgen -W "${takes.words.join(" ")}" -- "$current")); `;
    case "folder":
      return 'COMPREPLY=($(compgen -d -- "$current")); ';
    case "file":
    case "text":
    case "nothing":
      return "";
  }
}

function flags(options: readonly OptionWords[]): string {
  return options.flatMap((option) => [option.short, option.long].filter((flag) => flag !== undefined)).join(" ");
}
