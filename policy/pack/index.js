// JavaScript, because the SDK compiles the TypeScript of packs by a compiler of its own, which knows no `.ts` in an import.
// What is imported here is left to Node, which strips the types.
import { PolicyPack } from "@pulumi/policy";
import { policies } from "./policies.ts";

new PolicyPack("multi-client", { policies: policies() });
