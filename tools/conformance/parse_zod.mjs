// Parses configs with the generated Zod schemas.
//
// Usage: node parse_zod.mjs MODULE.js CONFIGS.jsonl; prints the verdict on each config as a JSON list.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [module, configs] = process.argv.slice(2);
const { adapterConfig } = await import(pathToFileURL(module));
const lines = readFileSync(configs, "utf8").trimEnd().split("\n");
const verdicts = lines.map((line) => adapterConfig.safeParse(JSON.parse(line).config).success);
process.stdout.write(JSON.stringify(verdicts));
