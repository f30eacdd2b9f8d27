// Runs one npm converter: node node_driver.mjs NODE_MODULES NAME, then JSON lines in and out.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, name] = process.argv.slice(2);
const require = createRequire(`${folder}/driver.cjs`);
const load = (path) => import(pathToFileURL(require.resolve(path)));
console.log = console.info = console.warn = () => {}; // answers alone go to standard output

const makers = {
  htmltoadf: async () => {
    const { initSync, convert } = await import(pathToFileURL(`${folder}/htmltoadf/htmltoadf.js`));
    initSync({ module: readFileSync(`${folder}/htmltoadf/htmltoadf_bg.wasm`) });
    return (html) => JSON.parse(convert(html));
  },
  "html-to-adf": async () => {
    const { convertHtmlToADF } = require("@razroo/html-to-adf");
    return (html) => convertHtmlToADF(html);
  },
  prosemirror: async () => {
    const { JSDOM } = require("jsdom");
    globalThis.window = new JSDOM("").window;
    globalThis.document = globalThis.window.document;
    const { DOMParser } = require("@atlaskit/editor-prosemirror/model");
    const { defaultSchema } = require("@atlaskit/adf-schema/schema-default");
    const { JSONTransformer } = require("@atlaskit/editor-json-transformer");
    const parser = DOMParser.fromSchema(defaultSchema);
    const transformer = new JSONTransformer(defaultSchema);
    return (html) => transformer.encode(parser.parse(new JSDOM(html).window.document.body));
  },
  marklassian: async () => (await load("marklassian")).markdownToAdf,
  "md-to-adf": async () => {
    const translate = require("md-to-adf");
    return (markdown) => JSON.parse(JSON.stringify(translate(markdown)));
  },
};

const convert = await makers[name]();
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const started = process.cpuUsage();
  let answer;
  try {
    answer = { document: convert(JSON.parse(line)) };
  } catch (error) {
    answer = { error: String(error).slice(0, 200) };
  }
  const { user, system } = process.cpuUsage(started);
  process.stdout.write(JSON.stringify({ ...answer, seconds: (user + system) / 1e6 }) + "\n");
}
