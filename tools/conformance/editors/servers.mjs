// The language servers that editors ship, each behind the same three questions: completion, hover, diagnostics.
//
// A server is started with the path of a schema and a file name. `open(text)` gives a document that answers for a position.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import jsonService from "vscode-json-languageservice";
import rpc from "vscode-jsonrpc/node";

const require = createRequire(import.meta.url);
const PATIENCE = 30_000;

const version = (name) => require(`${name}/package.json`).version;

// The service behind JSON files in VS Code and in every editor that uses vscode-json-language-server.
export async function json(schemaPath) {
  const { getLanguageService, TextDocument } = jsonService;
  const service = getLanguageService({});
  const schema = JSON.parse(readFileSync(schemaPath, "utf8"));
  service.configure({ validate: true, schemas: [{ uri: schema.$id, fileMatch: ["adapter_config.json"], schema }] });
  return {
    name: `vscode-json-languageservice ${version("vscode-json-languageservice")}`,
    async open(text) {
      const document = TextDocument.create("file:///adapter_config.json", "json", 1, text);
      const tree = service.parseJSONDocument(document);
      return {
        completion: (position) => service.doComplete(document, position, tree),
        hover: (position) => service.doHover(document, position, tree),
        diagnostics: () => service.doValidation(document, tree),
      };
    },
    async stop() {},
  };
}

// yaml-language-server as an editor runs it. The file names its schema in a modeline.
export function yaml(schemaPath) {
  const script = join(require.resolve("yaml-language-server/package.json"), "..", "bin", "yaml-language-server");
  return languageServer({
    name: `yaml-language-server ${version("yaml-language-server")}`,
    command: [process.execPath, script, "--stdio"],
    file: "adapter_config.yaml",
    language: "yaml",
    settings: {
      yaml: { completion: true, hover: true, validate: true, schemaStore: { enable: false } },
      http: { proxy: "", proxyStrictSSL: true },
      "[yaml]": {},
      editor: {},
      files: { associations: {} },
    },
    modeline: `# yaml-language-server: $schema=${pathToFileURL(schemaPath)}\n`,
  });
}

// tombi as an editor runs it. The file names its schema in a directive.
export function toml(schemaPath) {
  const { platform, arch } = process;
  const executable = `@tombi-toml/cli-${platform}-${arch}/tombi${platform === "win32" ? ".exe" : ""}`;
  return languageServer({
    name: `tombi ${version("tombi")}`,
    command: [require.resolve(executable), "lsp", "--offline"],
    file: "adapter_config.toml",
    language: "toml",
    settings: {},
    modeline: `#:schema ${pathToFileURL(schemaPath)}\n`,
  });
}

async function languageServer({ name, command, file, language, settings, modeline }) {
  const folder = mkdtempSync(join(tmpdir(), "peftspec-editor-"));
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"], cwd: folder });
  const connection = rpc.createMessageConnection(
    new rpc.StreamMessageReader(child.stdout),
    new rpc.StreamMessageWriter(child.stdin),
  );
  const published = new Map();
  connection.onNotification("textDocument/publishDiagnostics", ({ uri, diagnostics }) => {
    published.get(uri)?.(diagnostics);
  });
  connection.onRequest("workspace/configuration", ({ items }) => items.map(({ section }) => settings[section] ?? null));
  connection.onRequest(() => null);
  connection.listen();
  const answer = await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "test" }],
    capabilities: {
      textDocument: {
        completion: { completionItem: { snippetSupport: true, documentationFormat: ["markdown"] } },
        hover: { contentFormat: ["markdown"] },
        publishDiagnostics: {},
      },
      workspace: { configuration: true, workspaceFolders: true },
    },
  });
  await connection.sendNotification("initialized", {});
  await connection.sendNotification("workspace/didChangeConfiguration", { settings });
  let opened = 0;
  return {
    name,
    async open(text) {
      opened += 1;
      const path = join(folder, `${opened}-${file}`);
      const full = modeline + text;
      writeFileSync(path, full);
      const uri = pathToFileURL(path).href;
      const lines = modeline.split("\n").length - 1;
      const diagnosed = new Promise((resolve) => published.set(uri, resolve));
      await connection.sendNotification("textDocument/didOpen", {
        textDocument: { uri, languageId: language, version: 1, text: full },
      });
      const ask = (method) => async ({ line, character }) => {
        const position = { line: line + lines, character };
        return below(await connection.sendRequest(`textDocument/${method}`, { textDocument: { uri }, position }), lines);
      };
      const pulled = async () => (await connection.sendRequest("textDocument/diagnostic", { textDocument: { uri } })).items;
      return {
        completion: ask("completion"),
        hover: ask("hover"),
        async diagnostics() {
          const found = await (answer.capabilities.diagnosticProvider ? pulled() : within(PATIENCE, diagnosed));
          return below(found, lines);
        },
      };
    },
    async stop() {
      await connection.sendRequest("shutdown").catch(() => null);
      await connection.sendNotification("exit").catch(() => null);
      connection.dispose();
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// Positions as if the modeline were not there.
function below(value, lines) {
  const move = (key, part) => (key === "line" && typeof part === "number" ? part - lines : part);
  return value && JSON.parse(JSON.stringify(value), move);
}

function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("the server gave no diagnostics")), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
