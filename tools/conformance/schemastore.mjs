// Tries the entry in schemas/schemastore as SchemaStore would: ajv compiles the schema with every strict option on, each positive test
// is valid, each negative test is not, and for the reason that its name tells.
//
// Usage: node schemastore.mjs FOLDER; prints one JSON document: version, counts, failures.

import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, extname, join } from "node:path";
import Ajv from "ajv";
import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";

const NAME = "peft-adapter-config";
const PARSERS = { ".json": JSON.parse, ".yaml": parseYaml, ".toml": parseToml };

// The keywords that refuse what a code is about, for codes that are no rule between fields.
const KEYWORDS_OF = {
  "missing-peft-type": ["required"],
  "not-an-adapter-config": ["required", "type"],
  "out-of-range": ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  "refused-key": ["additionalProperties"],
  "unknown-peft-type": ["const", "oneOf"],
  "unknown-value": ["const", "enum", "oneOf", "anyOf", "pattern", "type"],
  "wrong-type": ["type"],
};
// What only says that something inside failed.
const ENVELOPES = ["if"];

const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const fail = (...words) => {
  throw new Error(words.join(" "));
};

function compiled(schema) {
  const sub = { strictNumbers: true, strictRequired: true, strictSchema: true, strictTuple: true, strictTypes: true };
  const ajv = new Ajv({ strict: true, ...sub, allErrors: true, logger: { log: fail, warn: fail, error: fail } });
  return { ajv, validate: ajv.compile(schema) };
}

// The code of the rule whose part of the schema an error comes from, or the keyword that refused.
function reason(schema, error) {
  const [, method, index] = /^#\/definitions\/([^/]+)\/allOf\/(\d+)\//.exec(error.schemaPath) ?? [];
  return method ? schema.definitions[method].allOf[index].$comment : error.keyword;
}

function judge(folder) {
  const schema = read(join(folder, "src/schemas/json", `${NAME}.json`));
  const { ajv, validate } = compiled(schema);
  const failures = ajv.validateSchema(schema) ? [] : [`the schema: ${ajv.errorsText()}`];
  const tests = (kind) => {
    const below = join(folder, "src", kind, NAME);
    return readdirSync(below).map((file) => [file, PARSERS[extname(file)](readFileSync(join(below, file), "utf8"))]);
  };
  const [positive, negative] = [tests("test"), tests("negative_test")];
  for (const [file, value] of positive) {
    if (!validate(value)) failures.push(`${file} is refused: ${ajv.errorsText(validate.errors)}`);
  }
  for (const [file, value] of negative) {
    const code = basename(file, extname(file));
    const reasons = validate(value)
      ? []
      : [...new Set(validate.errors.filter(({ keyword }) => !ENVELOPES.includes(keyword)).map((e) => reason(schema, e)))];
    const expected = KEYWORDS_OF[code] ?? [code];
    if (!reasons.length || !reasons.every((one) => expected.includes(one))) {
      failures.push(`${file} is refused for ${reasons.join(", ") || "nothing"} instead of ${expected.join(" or ")}`);
    }
  }
  const entry = read(join(folder, "src/api/json/catalog-entry.json"));
  if (entry.url !== schema.$id) failures.push("the catalog entry and the schema differ in their address");
  return { positive: positive.length, negative: negative.length, failures };
}

const version = createRequire(import.meta.url)("ajv/package.json").version;
process.stdout.write(JSON.stringify({ version, ...judge(process.argv[2]) }));
