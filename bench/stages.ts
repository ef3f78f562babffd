// Time and peak memory of every stage for photos of 1, 12 and 24 megapixels, against a plain sharp decode and encode of
// the same photo in the same process. Target: everything outside the generator together <= 2.5 times that.
// Run: npm run bench:stages

import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { STAGES, type Timings } from '../shared/job.js';
import type { Scope } from '../shared/options.js';
import { openStylizer } from '../shared/stylizer.js';
import { median } from './photos.js';

const MEGAPIXELS = [1, 12, 24] as const;
const SCOPES: readonly Scope[] = ['photo', 'faces', 'portrait'];
const ROUNDS = 5;
const QUALITY = 90;
const OUTSIDE = STAGES.filter((stage) => stage !== 'generate' && stage !== 'open');

interface Row {
  megapixels: number;
  scope: Scope;
  stages: Timings;
  plainMs: number;
  peakMb: number;
}

/** Three people in 4:3, as cameras take them, from the dev dependency's demo, at the wanted size. */
async function photoOf(megapixels: number): Promise<Buffer> {
  const faceApi = dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json'));
  const side = Math.sqrt((megapixels * 1e6) / 12);
  return sharp(join(faceApi, 'demo', 'sample1.jpg'))
    .resize(Math.round(4 * side), Math.round(3 * side))
    .jpeg({ quality: QUALITY })
    .toBuffer();
}

async function plainMs(photo: Uint8Array): Promise<number> {
  const startMs = performance.now();
  await sharp(photo).jpeg({ quality: QUALITY, chromaSubsampling: '4:4:4' }).toBuffer();
  return performance.now() - startMs;
}

async function measure(megapixels: number, scope: Scope): Promise<Row> {
  const photo = await photoOf(megapixels);
  const stylizer = await openStylizer();
  const options = {
    style: 'ink',
    scope,
    quality: QUALITY,
    device: 'cpu',
    detector: 'embedded',
    landmarker: 'embedded',
  } as const;
  await stylizer.stylize(photo, options);
  const rounds: { timings: Timings; plain: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { timings } = await stylizer.stylize(photo, options);
    rounds.push({ timings, plain: await plainMs(photo) });
  }
  await stylizer.close();
  const stages = Object.fromEntries(
    STAGES.map((stage) => [stage, median(rounds.map(({ timings }) => timings[stage]))]),
  ) as Timings;
  const peakMb = process.resourceUsage().maxRSS / 1024;
  return { megapixels, scope, stages, plainMs: median(rounds.map(({ plain }) => plain)), peakMb };
}

function print({ megapixels, scope, stages, plainMs: plain, peakMb }: Row): void {
  const outside = OUTSIDE.reduce((sum, stage) => sum + stages[stage], 0);
  const cells = [...OUTSIDE.map((stage) => stages[stage]), stages.generate, outside, plain];
  const numbers = cells.map((ms) => ms.toFixed(0).padStart(9)).join('');
  console.log(
    `${String(megapixels).padStart(3)} ${scope.padEnd(9)}${numbers}${(outside / plain).toFixed(2).padStart(8)}${peakMb.toFixed(0).padStart(9)}`,
  );
}

// Peak memory belongs to a process: each row has its own.
const [megapixels, scope] = process.argv.slice(2);
if (megapixels === undefined) {
  const titles = [...OUTSIDE, 'generate', 'outside', 'plain'].map((title) => title.padStart(9)).join('');
  console.log(
    `Median of ${ROUNDS}, milliseconds; peak memory in MB\n MP scope    ${titles}   ratio     peak`,
  );
  const script = fileURLToPath(import.meta.url);
  for (const size of MEGAPIXELS)
    for (const part of SCOPES)
      print(
        JSON.parse(
          execFileSync(process.execPath, [script, String(size), part], {
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'ignore'],
          }),
        ) as Row,
      );
} else {
  process.stdout.write(JSON.stringify(await measure(Number(megapixels), scope as Scope)));
}
