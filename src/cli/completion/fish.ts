import type { CompletionWords, OptionWords, Takes } from "./words.ts";

/** A fish completion script. */
export function fishCompletion({ name, commands, options }: CompletionWords): string {
  const line = (condition: string, rest: string): string =>
    `complete -c ${name}${condition === "" ? "" : ` -n ${quoted(condition)}`} ${rest}`;
  const lines = commands.flatMap((command) => {
    const seen = `__fish_seen_subcommand_from ${command.name}`;
    return [
      line("__fish_use_subcommand", `-f -a ${command.name} -d ${quoted(command.summary)}`),
      ...command.options.map((option) => line(seen, optionText(option))),
      ...(command.argument.kind === "nothing" ? [] : [line(seen, `${values(command.argument)}`)]),
    ];
  });
  const file = `~/.config/fish/completions/${name}.fish`;
  return `# fish completion for ${name}. To install it: ${name} completion fish > ${file}
complete -c ${name} -f
${[...options.map((option) => line("", optionText(option))), ...lines].join("\n")}
`;
}

function optionText({ short, long, description, takes }: OptionWords): string {
  const flags = [...(short === undefined ? [] : [`-s ${short.slice(1)}`]), `-l ${long.slice(2)}`];
  return [...flags, ...(takes.kind === "nothing" ? [] : ["-r", values(takes)]), `-d ${quoted(description)}`].join(" ");
}

function values(takes: Takes): string {
  switch (takes.kind) {
    case "choice":
      return `-f -a ${quoted(takes.words.join(" "))}`;
    case "file":
      return "-F";
    case "folder":
      return "-f -a '(__fish_complete_directories)'";
    case "text":
    case "nothing":
      return "-f";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
