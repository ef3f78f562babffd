// Draws a sample photo in all three scopes into out/ and says what it did. Run: npm run demo [PHOTO] [STYLE]

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { openStylizer } from '../shared/index.js';

const SCOPES = ['photo', 'faces', 'portrait'] as const;
const OUT = resolve('out');

/** Three people at a party; it comes with the dev dependency @vladmandic/face-api. */
function samplePhoto(): string {
  const faceApi = dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json'));
  return join(faceApi, 'demo', 'sample1.jpg');
}

const [path = samplePhoto(), style = 'ink'] = process.argv.slice(2);
const photo = await readFile(path);
await mkdir(OUT, { recursive: true });
console.log(`Drawing ${path} in the style ${style}`);

const stylizer = await openStylizer();
for (const scope of SCOPES) {
  const startMs = performance.now();
  const { pictures, faces, device } = await stylizer.stylize(photo, { style, scope });
  for (const [index, { bytes, format, width, height }] of pictures.entries()) {
    const number = pictures.length > 1 ? `-${index + 1}` : '';
    const file = join(
      OUT,
      `${basename(path, extname(path))}-${style}-${scope}${number}.${format === 'jpeg' ? 'jpg' : format}`,
    );
    await writeFile(file, bytes);
    console.log(`  scope ${scope.padEnd(8)} -> ${file}  (${width} x ${height})`);
  }
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(`  ${faces.length > 0 ? `${faces.length} faces, ` : ''}${seconds} s on ${device}`);
}
await stylizer.close();
