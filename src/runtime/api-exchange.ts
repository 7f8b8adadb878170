import type { ClientRequest, IncomingMessage } from "node:http";
import { ApiError } from "./api-error.ts";

/** The head of an answer, and the time that the rest of it has. */
export interface Answer {
  readonly response: IncomingMessage;
  readonly deadline: Deadline;
}

export interface Deadline {
  /** The error to show once it has passed. */
  passed(): Error | undefined;
  stop(): void;
}

/** The request ended before an answer began. */
export class NoAnswer extends Error {
  override readonly name: string = "NoAnswer";
  /** It was sent over a connection that had been idle, which the server may have been closing just then. */
  readonly reusedSocket: boolean;

  constructor(cause: Error, reusedSocket: boolean) {
    super(cause.message, { cause });
    this.reusedSocket = reusedSocket;
  }
}

/** Waits for the head of the answer; rejects with NoAnswer. The deadline goes on for the body, until it is stopped. */
export function answerOf(outgoing: ClientRequest, milliseconds: number, onPassed: () => void): Promise<Answer> {
  let passed: Error | undefined;
  const timer = setTimeout(() => {
    passed = new Error(`no answer within ${milliseconds / 1000} s`);
    outgoing.destroy(passed);
    onPassed();
  }, milliseconds);
  const deadline: Deadline = { passed: () => passed, stop: () => clearTimeout(timer) };
  return new Promise((resolve, reject) => {
    outgoing.once("response", (response) => resolve({ response, deadline }));
    // Stays for the whole life of the request: an error after the answer began is the body's to tell.
    outgoing.on("error", (error) => {
      deadline.stop();
      reject(new NoAnswer(error, outgoing.reusedSocket && passed === undefined));
    });
  });
}

/** A watch whose other end is gone without a word looks like one where nothing happens, but for its bookmarks. */
export function failWhenIdle(response: IncomingMessage, idleMs: number, onIdle: () => void): void {
  const { socket } = response;
  const onTimeout = (): void => {
    response.destroy(new ApiError(`silent for ${idleMs / 1000} s`));
    onIdle();
  };
  socket.setTimeout(idleMs);
  socket.on("timeout", onTimeout);
  response.once("close", () => socket.off("timeout", onTimeout));
}
