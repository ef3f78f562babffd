// Build step: bundles the Figma plugin into dist/figma-plugin/, the folder whose manifest is imported in Figma.
// Another folder can be named as the first argument.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const plugin = fileURLToPath(new URL('../figma-plugin/', import.meta.url));
const out = resolve(process.argv[2] ?? fileURLToPath(new URL('../dist/figma-plugin', import.meta.url)));

/** One script or style sheet without imports, which is all that Figma's sandbox and its window take. */
async function bundle(entry, { target, platform }) {
  const { outputFiles } = await build({
    entryPoints: [plugin + entry],
    bundle: true,
    format: 'iife',
    target,
    platform,
    write: false,
    charset: 'utf8',
    logLevel: 'warning',
  });
  return outputFiles[0].text;
}

/** The window is a single file: script and styles stand in the page. */
async function page() {
  const script = await bundle('ui/ui.ts', { target: 'es2020', platform: 'browser' });
  const style = await bundle('ui/ui.css', { target: 'chrome100', platform: 'browser' });
  const html = readFileSync(`${plugin}ui/ui.html`, 'utf8');
  return html
    .replace('/* styles */', () => style)
    .replace('/* script */', () => script.replaceAll('</script', '<\\/script'));
}

mkdirSync(out, { recursive: true });
copyFileSync(`${plugin}manifest.json`, `${out}/manifest.json`);
writeFileSync(`${out}/code.js`, await bundle('main/code.ts', { target: 'es2017', platform: 'neutral' }));
writeFileSync(`${out}/ui.html`, await page());
