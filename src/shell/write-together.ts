import type { Duplex } from "node:stream";

/**
 * Has a stream send in one piece what is written to it within one turn. ssh2 writes each packet in three parts, and on
 * a socket without Nagle's delay each part would be a system call and a segment of its own.
 */
export function writeTogether<S extends Duplex>(stream: S): S {
  const write = stream.write.bind(stream) as (...given: unknown[]) => boolean;
  let held = false;
  const release = (): void => {
    held = false;
    stream.uncork();
  };
  stream.write = (...given: unknown[]): boolean => {
    if (!held) {
      held = true;
      stream.cork();
      process.nextTick(release);
    }
    return write(...given);
  };
  return stream;
}
