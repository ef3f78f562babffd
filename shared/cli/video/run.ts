// `nigaoe video`: checks everything that can be checked, fetches the models, then draws the film.

import { openIsolatedStylizer } from '../../isolated.js';
import { allEntries } from '../../models/store/installed.js';
import { openStore } from '../../models/store/store.js';
import { DIFFUSION_NAMES, isDiffusion } from '../../options.js';
import { drawVideo, type VideoResult } from '../../video/draw-video.js';
import type { VideoOrder } from '../../video/order.js';
import type { Journal } from '../../video/work-folder.js';
import { checkIdle, type FlagValues } from '../flags.js';
import { faceModelsFor, fetchModel, stylesFor } from '../models/fetch.js';
import type { Stage } from '../perform.js';
import { count, seconds } from '../terminal/wording.js';
import { expectedFrames, frameOptions, type PlannedVideo, planVideo, unfinished } from './order.js';
import { FilmProgress, rounded } from './progress.js';

/** Draws the film; 0 when it is there. */
export async function runVideo(word: string, flags: FlagValues, stage: Stage): Promise<number> {
  const { terminal, signal } = stage;
  const options = frameOptions(flags);
  const isTold = [options.style, options.background].some(isDiffusion);
  if (!isTold) checkIdle(flags, DIFFUSION_NAMES, `the style ${options.style}`);
  const store = openStore();
  const entries = await allEntries(store, (sentence) => terminal.notice(sentence));
  const models = [...(await stylesFor(options, entries)), ...faceModelsFor(options)];
  const planned = await planVideo(word, flags, { options, entries, signal });
  const acceptLicence = flags.acceptLicence === true;
  for (const entry of models) await fetchModel(store, entry, { acceptLicence, stage });
  const resume = flags.resume === true;
  const journal = await journalFor(planned, { resume, force: flags.force === true, stage });
  for (const sentence of planned.notices) terminal.notice(`${word}: ${sentence}`);
  await drawn({ ...planned, journal }, { planned, acceptLicence, stage });
  return 0;
}

/** What of the work is done already; throws `options` rather than throw it away. */
async function journalFor(
  { folder, fingerprint, notices, out }: PlannedVideo,
  { resume, force, stage: { terminal } }: { resume: boolean; force: boolean; stage: Stage },
): Promise<Journal> {
  const earlier = await folder.read();
  const isSame = earlier?.fingerprint === fingerprint;
  const frames = earlier?.tally.frames ?? 0;
  if (isSame && frames > 0 && !resume && !force) throw unfinished(out, frames);
  await folder.take();
  if (isSame && resume) {
    terminal.notice(`Going on after ${count(frames, 'frame')} of an earlier run`);
    return earlier;
  }
  if (earlier && !isSame)
    terminal.notice('The earlier run had another film, style, options or version of nigaoe: beginning anew');
  else if (resume) terminal.notice('There is nothing to go on with: beginning anew');
  await folder.empty();
  return { fingerprint, segments: [], tally: { frames: 0, shots: 0, workMs: 0, notices: [...notices] } };
}

async function drawn(
  order: VideoOrder,
  { planned, acceptLicence, stage }: { planned: PlannedVideo; acceptLicence: boolean; stage: Stage },
): Promise<void> {
  const { terminal, signal } = stage;
  const { film, journal, folder } = order;
  terminal.begin(`Drawing ${film.name}`);
  const progress = new FilmProgress(terminal, film.name, {
    before: journal.tally.frames,
    of: expectedFrames(planned),
  });
  const startMs = performance.now();
  const stylizer = await openIsolatedStylizer({ acceptLicence });
  try {
    const result = await drawVideo(order, {
      ...{ stylizer, signal, acceptLicence },
      onFrame: ({ frames }) => progress.show(frames),
      onJoin: () => progress.join(),
      onNotice: (sentence) => terminal.notice(`${film.name}: ${sentence}`),
    });
    tell(result, { order, stage, tookMs: performance.now() - startMs });
  } catch (error) {
    terminal.clear();
    const kept = await folder.leave();
    if (kept > 0)
      terminal.notice(
        `${count(kept, 'frame')} are kept in ${folder.path}: the same command with --resume goes on there`,
      );
    throw error;
  } finally {
    await stylizer.close();
  }
}

/** `drawn.mp4 (540 x 960, 285 frames, 3 shots, hayao on cpu, 61.3 s, 4.6 fps)`. */
function tell(
  { width, height, frames, shots, model, device, scope, notices, waitedMs }: VideoResult,
  { order: { film, out, journal }, stage, tookMs }: { order: VideoOrder; stage: Stage; tookMs: number },
): void {
  const fps = ((frames - journal.tally.frames) * 1000) / tookMs;
  const style = device === undefined ? `${model}: nothing was drawn` : `${model} on ${device}`;
  const size = `${width} x ${height}`;
  const told = [
    size,
    count(frames, 'frame'),
    count(shots, 'shot'),
    style,
    seconds(tookMs),
    `${fps.toFixed(1)} fps`,
  ];
  stage.terminal.result(`${film.name} -> ${out}  (${told.join(', ')})`, {
    ...{ input: film.name, outputs: [out], status: 'drawn', scope, width, height, frames, shots },
    ...{ fps: rounded(fps), seconds: Math.round(tookMs) / 1000, style: model, device, notices },
    waitedMs: { decoder: Math.round(waitedMs.decoder), encoder: Math.round(waitedMs.encoder) },
  });
}
