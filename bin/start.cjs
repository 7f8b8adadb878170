// Written so that any Node can read it: an old one is to be told that it is too old, not to fail on some syntax.
"use strict";

var major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write("pgha: needs Node 24 or newer; " + process.execPath + " is " + process.version + ". Run 'make deps' in pgha's folder, or see https://nodejs.org/\n");
  process.exit(1);
}

// Compiled code is kept between runs. In a folder of this user's own, since what is in it gets executed.
var path = require("node:path");
var cache = process.env.XDG_CACHE_HOME || (process.env.HOME ? path.join(process.env.HOME, ".cache") : "");
if (cache !== "") {
  require("node:module").enableCompileCache(path.join(cache, "pgha", "compiled"));
}

// argv becomes [node, program, ...words], as if the program had been started directly.
process.argv.splice(1, 1);
import(require("node:url").pathToFileURL(process.argv[1]).href).catch(function (error) {
  process.stderr.write("pgha: cannot start: " + (process.env.PGHA_DEBUG === "1" ? error.stack : error.message) + "\n");
  process.exit(1);
});
