export * from "./folder-store.ts";
export * from "./memory-store.ts";
export * from "./state-error.ts";
export * from "./store.ts";
export * from "./run-lock.ts";
export * from "./ssh-key.ts";
