/** `host: text`, or the text alone where it names the host itself: a name is said once in a message. */
export function atHost(host: string | undefined, text: string): string {
  return host === undefined || namesHost(text, host) ? text : `${host}: ${text}`;
}

/** Whether a text names a host: `db-1` is not named by `db-10`, nor by `db-1.example.org`. */
export function namesHost(text: string, host: string): boolean {
  return new RegExp(`(?<![\\w.-])${host.replaceAll(/[^\w-]/g, String.raw`\$&`)}(?![\\w-]|\\.\\w)`).test(text);
}
