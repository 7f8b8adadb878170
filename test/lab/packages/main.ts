// The caching proxy between the hosts' apt and Debian's mirror:  main.ts ADDRESS PORT MIRROR CACHE_DIRECTORY
// An HTTP proxy that this machine itself needs is taken from the environment (NODE_USE_ENV_PROXY=1).
import { createPackageProxy } from "./server.ts";
import { createStore } from "./store.ts";

const [address, port, mirror, directory] = process.argv.slice(2);
if (address === undefined || port === undefined || mirror === undefined || directory === undefined) {
  throw new Error("usage: main.ts ADDRESS PORT MIRROR CACHE_DIRECTORY");
}
const lookup = createStore(directory, (url, init) => fetch(url, init), Date.now);
createPackageProxy(new URL(mirror).host, lookup).listen(Number(port), address);
