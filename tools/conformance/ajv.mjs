// Runs ajv over a job of run.py: each schema against its meta-schema, compiled in strict mode, and over all instances.
//
// Usage: node ajv.mjs JOB.json; prints one JSON document.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020.js";

// The keywords that the strict profile may use: our own, and that of editors for snippets.
const KEYWORDS = [
  "defaultSnippets",
  "x-peft-checked-since",
  "x-peft-class",
  "x-peft-former-defaults",
  "x-peft-never-refused",
  "x-peft-refuses-unknown-keys",
  "x-peft-since",
  "x-peft-until",
];

const read = (path) => JSON.parse(readFileSync(path, "utf8"));

function fail(...words) {
  throw new Error(words.join(" "));
}

// Every strict option is on, and what ajv would only log is a failure.
function engine(schema, profile) {
  const sub = { strictNumbers: true, strictRequired: true, strictSchema: true, strictTuple: true, strictTypes: true };
  const Engine = schema.$schema.includes("2020-12") ? Ajv2020 : Ajv;
  const ajv = new Engine({ strict: true, ...sub, allErrors: true, logger: { log: fail, warn: fail, error: fail } });
  if (profile === "strict") KEYWORDS.forEach((keyword) => ajv.addKeyword({ keyword }));
  return ajv;
}

// The error message of `action`, or null.
function attempt(action) {
  try {
    return action() ?? null;
  } catch (error) {
    return error.message;
  }
}

function run({ schemas, instances }) {
  const values = readFileSync(instances, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
  const version = createRequire(import.meta.url)("ajv/package.json").version;
  const result = { version, meta: {}, compiled: {}, verdicts: {} };
  for (const { name, profile, path } of schemas) {
    const schema = read(path);
    const ajv = engine(schema, profile);
    result.meta[name] = attempt(() => (ajv.validateSchema(schema) ? null : ajv.errorsText()));
    result.compiled[name] = attempt(() => {
      const validate = ajv.compile(schema);
      result.verdicts[name] = values.map((value) => validate(value));
    });
  }
  return result;
}

process.stdout.write(JSON.stringify(run(read(process.argv[2]))));
