import type { CommandWords, CompletionWords, OptionWords, Takes } from "./words.ts";

/** A zsh completion function, for a folder in $fpath or for `source <(...)`. */
export function zshCompletion({ name, commands, options }: CompletionWords): string {
  return `#compdef ${name}
# zsh completion for ${name}. To install it: ${name} completion zsh > "\${fpath[1]}/_${name}"
_${name}() {
  local context state state_descr line curcontext="$curcontext"
  typeset -A opt_args
  _arguments -C ${options.map((option) => quoted(spec(option))).join(" ")} '1: :->command' '*:: :->rest'
  case $state in
    command)
      local -a commands=(${commands.map((command) => quoted(`${command.name}:${command.summary}`)).join(" ")})
      _describe command commands
      ;;
    rest)
      case $words[1] in
${commands.map((command) => commandCase(command, options)).join("\n")}
      esac
      ;;
  esac
}
if [ "$funcstack[1]" = "_${name}" ]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function commandCase(command: CommandWords, options: readonly OptionWords[]): string {
  const specs = [...command.options, ...options].flatMap((option) => quoted(spec(option)));
  const argument = command.argument.kind === "nothing" ? [] : [quoted(`1:${command.name}${values(command.argument)}`)];
  return `        ${command.name}) _arguments ${[...specs, ...argument].join(" ")} ;;`;
}

/** One _arguments spec, e.g. `*--file[manifest]:path:_files`. Each spelling of an option is one of its own. */
function spec(option: OptionWords): readonly string[] {
  const text = option.description.replaceAll(/[[\]:\\]/g, (character) => `\\${character}`);
  const value = option.takes.kind === "nothing" ? "" : `:${option.long.slice(2)}${values(option.takes)}`;
  return [option.short, option.long].filter((flag) => flag !== undefined).map((flag) => `*${flag}[${text}]${value}`);
}

function values(takes: Takes): string {
  switch (takes.kind) {
    case "choice":
      return `:(${takes.words.join(" ")})`;
    case "file":
      return ":_files";
    case "folder":
      return ":_files -/";
    case "text":
    case "nothing":
      return ": ";
  }
}

function quoted(text: string | readonly string[]): string {
  return (typeof text === "string" ? [text] : text).map((one) => `'${one.replaceAll("'", "'\\''")}'`).join(" ");
}
