// Outlives the run, in a process group of its own: when the run ends without saying so (killed, its terminal closed),
// this removes what it left. The run holds the other end of our standard input and writes one line when all is done.
import { sweep } from "./sweep.ts";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);
let said = "";
for await (const part of process.stdin) said += String(part);
if (said === "") await sweep();
