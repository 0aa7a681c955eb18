import { format } from "prettier";
import { parity } from "./parity.ts";

process.stdout.write(await format(await parity(), { parser: "markdown" }));
