// Calm and speed of drawn films: node dist/bench/video.js [clip] [style] [max-side] [seconds]
//
// How much more a drawn film changes from frame to frame than its source does, with the colours of each shot held and not
// held; frames a second; what the time went into; peak memory. Models come from NIGAOE_MIRROR or the store.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { frameOptions, type PlannedVideo, planVideo } from '../shared/cli/video/order.js';
import { type IsolatedStylizer, openIsolatedStylizer } from '../shared/isolated.js';
import { allEntries } from '../shared/models/store/installed.js';
import { openStore } from '../shared/models/store/store.js';
import type { FilmStylizer } from '../shared/stylizer.js';
import { openVideo } from '../shared/video/decode.js';
import { drawVideo, type VideoResult } from '../shared/video/draw-video.js';
import { probe } from '../shared/video/probe.js';
import { frameSize } from '../shared/video/size.js';
import { findTools } from '../shared/video/tools.js';
import { ffmpeg } from '../test/fixtures/ffmpeg.js';

const [clip, style = 'ink', maxSide = '480', seconds = '3'] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), 'nigaoe-bench-video-'));
const source = clip ?? path.join(folder, 'painted.mp4');
if (clip === undefined) await ffmpeg('-f', 'lavfi', '-i', 'mandelbrot=s=640x360:r=25', '-t', seconds, source);

async function measured(freeze: boolean): Promise<string> {
  const out = path.join(folder, `drawn-${freeze}.mp4`);
  const flags = { out, style, freeze, maxSide: Number(maxSide), to: seconds, quality: 100 };
  const options = frameOptions(flags);
  const { signal } = new AbortController();
  const planned = await planVideo(source, flags, { options, entries: await allEntries(openStore()), signal });
  const stylizer = await openIsolatedStylizer({ acceptLicence: true });
  const watched = new Watched(stylizer);
  const startMs = performance.now();
  const result = await drawn(planned, watched);
  const wallMs = performance.now() - startMs;
  await stylizer.close();
  const [before, after] = [
    await changes(source, Number(seconds), result),
    await changes(out, Number(seconds), result),
  ];
  return [
    `${result.frames} frames of ${result.width} x ${result.height} with ${result.model} on ${result.device}`,
    `  change from frame to frame: ${ratio(after.pixels, before.pixels)} of the source's ${before.pixels.toFixed(2)} levels`,
    `  change of the mean colour:  ${ratio(after.colour, before.colour)} of the source's ${before.colour.toFixed(3)} levels`,
    `  ${((result.frames * 1000) / wallMs).toFixed(2)} fps; ${watched.told(wallMs, result)}`,
  ].join('\n');
}

async function drawn(planned: PlannedVideo, stylizer: FilmStylizer): Promise<VideoResult> {
  const tally = { frames: 0, shots: 0, workMs: 0, notices: [] };
  await planned.folder.take();
  const order = { ...planned, journal: { fingerprint: '', segments: [], tally } };
  return drawVideo(order, {
    stylizer,
    acceptLicence: true,
    onNotice: (sentence) => console.log(`  ${sentence}`),
  });
}

/** A stylizer that notes what drawing took, after a first frame that also opens the networks. */
class Watched implements FilmStylizer {
  readonly #stylizer: IsolatedStylizer;
  #callMs = 0;
  #drawMs = 0;
  #firstMs = 0;
  #peakMiB = 0;

  constructor(stylizer: IsolatedStylizer) {
    this.#stylizer = stylizer;
  }

  stylize: FilmStylizer['stylize'] = (...job) => this.#stylizer.stylize(...job);

  async drawFrame(...job: Parameters<FilmStylizer['drawFrame']>) {
    const startMs = performance.now();
    const drawn = await this.#stylizer.drawFrame(...job);
    const tookMs = performance.now() - startMs;
    if (this.#firstMs === 0) this.#firstMs = tookMs;
    else {
      this.#callMs += tookMs;
      this.#drawMs += Object.values(drawn.timings).reduce((sum, ms) => sum + ms, 0);
    }
    this.#peakMiB = Math.max(this.#peakMiB, peakOf(this.#stylizer.pid));
    return drawn;
  }

  close: FilmStylizer['close'] = () => this.#stylizer.close();

  told(wallMs: number, { waitedMs }: VideoResult): string {
    const share = (ms: number) => `${((100 * ms) / (wallMs - this.#firstMs)).toFixed(1)} %`;
    const rest = wallMs - this.#firstMs - this.#callMs - waitedMs.decoder - waitedMs.encoder;
    return [
      `drawing ${share(this.#drawMs)}, to the drawing process and back ${share(this.#callMs - this.#drawMs)}`,
      `waiting for the decoder ${share(waitedMs.decoder)}, for the encoder ${share(waitedMs.encoder)}`,
      `putting together ${share(rest)}`,
      `peak ${this.#peakMiB} MiB there, ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB here`,
    ].join(', ');
  }
}

/** Peak memory of another process, where the system tells. */
function peakOf(pid: number | undefined): number {
  try {
    const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kib ?? 0) / 1024);
  } catch {
    return 0;
  }
}

/** Mean change of a pixel, and of the mean colour, from frame to frame; in levels of 255. */
async function changes(file: string, to: number, { width, height }: VideoResult) {
  const film = await probe(file, file);
  const size = { ...frameSize(film, 0, true), width, height };
  const footage = await openVideo(film, {
    size,
    tools: await findTools(),
    alpha: false,
    onNotice: () => undefined,
  });
  const sums = { pixels: 0, colour: 0 };
  let [before, count]: [Uint8Array | undefined, number] = [undefined, 0];
  for await (const { pts, photo } of footage.frames) {
    if ((pts * film.timeBase.num) / film.timeBase.den >= to) break;
    if (before !== undefined) add(sums, before, photo.data);
    before = photo.data;
    count++;
  }
  await footage.close();
  return { pixels: sums.pixels / (count - 1), colour: sums.colour / (count - 1) };
}

function add(sums: { pixels: number; colour: number }, before: Uint8Array, after: Uint8Array): void {
  const steps = [0, 0, 0];
  let pixels = 0;
  for (let at = 0; at < after.length; at++) {
    const step = after[at] - before[at];
    steps[at % 3] += step;
    pixels += Math.abs(step);
  }
  sums.pixels += pixels / after.length;
  sums.colour += steps.reduce((sum, step) => sum + Math.abs(step), 0) / after.length;
}

const ratio = (after: number, before: number): string => `${(after / before).toFixed(2)} x`;

try {
  for (const freeze of [true, false])
    console.log(`${freeze ? 'held' : 'not held'}: ${await measured(freeze)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
