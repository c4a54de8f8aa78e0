// Plays the sessions in one language server, asserts what it answers, and writes the transcript.
//
// Usage: node run.mjs json|yaml|toml FOLDER-OF-SCHEMAS; prints one JSON document: name, transcript, counts, failures.

import { join } from "node:path";
import * as servers from "./servers.mjs";
import { SESSIONS } from "./sessions.mjs";

const CURSOR = "‸";
const SHOWN = 12;

// Where the cursor is, and the text without it.
function placed(text) {
  const before = text.slice(0, text.indexOf(CURSOR)).split("\n");
  return { text: text.replace(CURSOR, ""), position: { line: before.length - 1, character: before.at(-1).length } };
}

// What a hover shows, without the marks of Markdown and without the place of the schema.
function plain(contents) {
  const parts = [contents].flat().map((part) => (typeof part === "string" ? part : part.value));
  const text = parts.join("\n\n").replace(/\\\n/g, "\n").replace(/\\([^\w\s])/g, "$1");
  const kept = text.split("\n").filter((line) => !/^(Source|Schema): /.test(line));
  return kept.join("\n").replace(/\n{3,}/g, "\n\n").replace(/\n-----\n/g, "").trim();
}

const documentation = (item) => (item.documentation?.value ?? item.documentation ?? "").split("\n\n-----")[0];
const inserted = (item) => item.textEdit?.newText ?? item.insertText ?? item.label;

function completionFailures(items, { has = [], lacks = [], inserts = [], tells = [] }) {
  const labels = items.map((item) => item.label);
  return [
    ...has.filter((label) => !labels.includes(label)).map((label) => `does not offer ${label}`),
    ...lacks.filter((label) => labels.includes(label)).map((label) => `offers ${label}`),
    ...inserts.filter((piece) => !items.some((item) => inserted(item).includes(piece))).map((p) => `inserts no ${p}`),
    ...tells.filter((piece) => !items.some((item) => documentation(item).includes(piece))).map((p) => `tells no ${p}`),
  ];
}

const startsAt = ({ range }) => [Math.max(range.start.line, 0) + 1, range.start.character + 1];

function diagnosticFailures(found, expected) {
  const matches = (one, [line, column, piece]) => {
    const [atLine, atColumn] = startsAt(one);
    return atLine === line && atColumn === column && one.message.includes(piece);
  };
  const missing = expected.filter((wanted) => !found.some((one) => matches(one, wanted)));
  const surplus = found.filter((one) => !expected.some((wanted) => matches(one, wanted)));
  return [
    ...missing.map((wanted) => `no diagnostic at ${wanted.join(":")}`),
    ...surplus.map((one) => `a diagnostic at ${startsAt(one).join(":")}: ${one.message}`),
  ];
}

// A few of the items as a list: those that are asserted, then the first of the others.
function listed(items, { has = [] }) {
  const first = items.filter((item) => has.includes(item.label));
  const shown = [...first, ...items.filter((item) => !first.includes(item))].slice(0, SHOWN);
  const line = (item) => {
    const [sentence] = documentation(item).split("\n\n");
    return `- \`${item.label}\`${sentence ? ` – ${sentence}` : ""}`;
  };
  const more = items.length - shown.length;
  return [...shown.map(line), ...(more > 0 ? [`- and ${more} more`] : [])].join("\n");
}

const fenced = (language, text) => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
const quoted = (text) => text.split("\n").map((line) => `> ${line}`.trimEnd()).join("\n");

async function play(server, language, session) {
  const script = session[language];
  const { text, position } = placed(script.text);
  const document = await server.open(text);
  const diagnostics = (await document.diagnostics()).sort((a, b) => startsAt(a)[0] - startsAt(b)[0]);
  const parts = [`## ${session.title}`, fenced(language, script.text)];
  const failures = [];
  if (script.completion) {
    const answer = await document.completion(position);
    const items = answer?.items ?? answer ?? [];
    failures.push(...completionFailures(items, script.completion));
    parts.push(`Completion at the cursor, ${items.length} items:`, listed(items, script.completion));
    const piece = script.completion.inserts?.[0];
    const snippet = piece && items.find((item) => inserted(item).includes(piece));
    if (snippet) parts.push(`\`${snippet.label}\` inserts:`, fenced(language, inserted(snippet)));
  }
  if (script.hover) {
    const shown = plain((await document.hover(position))?.contents ?? "");
    failures.push(...script.hover.filter((piece) => !shown.includes(piece)).map((piece) => `hover lacks ${piece}`));
    parts.push("Hover at the cursor:", quoted(shown));
  }
  if (script.diagnostics) {
    failures.push(...diagnosticFailures(diagnostics, script.diagnostics));
    const lines = diagnostics.map((one) => `- ${startsAt(one).join(":")} ${one.message}`);
    parts.push("Diagnostics:", lines.join("\n") || "none");
  }
  return { transcript: parts.join("\n\n"), failures: failures.map((failure) => `${session.title}: ${failure}`) };
}

async function main(language, schemas) {
  const result = { sessions: 0, failures: [], transcript: "" };
  const played = SESSIONS.filter((session) => session[language]);
  // One server for each schema, as an editor has one for each folder.
  for (const schema of new Set(played.map((session) => schemaOf(language, session)))) {
    const server = await servers[language](join(schemas, `${schema}.schema.json`));
    result.name = server.name;
    for (const session of played.filter((session) => schemaOf(language, session) === schema)) {
      const { transcript, failures } = await play(server, language, session);
      session.transcript = transcript;
      result.failures.push(...failures);
      result.sessions += 1;
    }
    await server.stop();
  }
  result.transcript = played.map((session) => session.transcript).join("\n\n");
  process.stdout.write(JSON.stringify(result));
}

const schemaOf = (language, session) => (language === "toml" && session.method) || "adapter_config";

await main(process.argv[2], process.argv[3]);
process.exit(0);
