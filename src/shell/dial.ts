import { connect } from "node:net";
import type { Socket } from "node:net";
import { patience } from "./patience.ts";
import type { SshTarget } from "./ssh-target.ts";

/**
 * The kernel asks whether the other side is still there, for nothing: after so much silence, then at this interval, so
 * often in vain until the connection is lost. A host whose power or cable was cut is known to be gone after 10 s.
 */
const TCP_KEEPALIVE = { afterMs: 5_000, everyMs: 1_000, times: 5 } as const;

/**
 * A first packet that is lost is sent again after one second and after three. A host that answered none of them is not
 * there, however long its sshd may take once somebody talks to it. Who allows more for the whole allows more for this.
 */
const ANSWER = { atLeastMs: 4_000, ofTheWhole: 0.4 } as const;

/** A TCP connection to a host's sshd, given up long before the login would be. */
export function dial({ address, port, connectTimeoutMs }: SshTarget): Socket {
  const socket = connect({ host: address, port, noDelay: true });
  let callOff = (): void => {};
  // Told once the name is known: a slow name server is no silent host.
  socket.once("connectionAttempt", () => {
    callOff = patience(Math.max(ANSWER.atLeastMs, connectTimeoutMs * ANSWER.ofTheWhole), () => {
      const error = new Error(`connect ETIMEDOUT ${address}:${port}`);
      socket.destroy(Object.assign(error, { code: "ETIMEDOUT" }));
    });
  });
  socket.once("close", () => callOff());
  return socket.once("connect", () => {
    callOff();
    const { afterMs, everyMs, times } = TCP_KEEPALIVE;
    socket.setKeepAlive(true, afterMs, everyMs, times);
  });
}
