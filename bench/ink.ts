// Time and memory of the style "ink" by picture size: node dist/bench/ink.js [device]

import { openInk } from '../shared/generators/ink/generator.js';
import { DEVICES, type Device } from '../shared/options.js';
import { tensor } from '../shared/tensor.js';

const SIZES_PX = [
  [512, 512],
  [1000, 1000],
  [1920, 1080],
  [4000, 3000],
  [4096, 4096],
];
const RUNS = 3;

const wish = process.argv[2] ?? 'cpu';
const device: Device = DEVICES.find((known) => known === wish) ?? 'cpu';
const ink = await openInk({ device });
console.log(ink.deviceReason);

for (const [width, height] of SIZES_PX) {
  const photo = tensor([1, 3, height, width]);
  photo.data.forEach((_, i) => {
    photo.data[i] = Math.sin(i / 97) * Math.cos(i / (31 * width));
  });
  const firstMs = await timed(() => ink.generate(photo));
  let bestMs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) bestMs = Math.min(bestMs, await timed(() => ink.generate(photo)));
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${ink.device} ${width}x${height}: first ${firstMs.toFixed(0)} ms, then ${bestMs.toFixed(0)} ms, peak ${peakMiB.toFixed(0)} MiB`,
  );
}
await ink.close();

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
