// Pictures out of prompts, and over other pictures: folders of Stable Diffusion.

import { parseLoraWish } from '../../generators/diffusion/loras.js';
import { type Diffusion, openDiffusion } from '../../generators/diffusion/pipeline.js';
import type { Wish } from '../../generators/diffusion/wish.js';
import { DIFFUSION_OPTIONS, parseTable } from '../../options.js';
import type { Tensor } from '../../tensor.js';
import { checkIdle, type FlagValues, given } from '../flags.js';
import type { Stage } from '../perform.js';
import { IMAGINE_OPTIONS, SIZES } from './options.js';
import { readOver } from './over.js';
import { openPreview, type Preview } from './preview.js';
import { provenanceOf } from './provenance.js';
import type { Source } from './source.js';

/** Throws what the options, the picture to draw over and opening the folder throw. */
export async function diffusionSource(model: string, flags: FlagValues, stage: Stage): Promise<Source> {
  checkIdle(flags, ['interpolate'], `${model}, which draws from prompts`);
  // Minutes each: one, where nothing else is said.
  const asked = given({ ...flags, count: flags.count ?? 1 }, Object.keys(IMAGINE_OPTIONS));
  const { count, seed, columns, device, requireDevice } = parseTable(IMAGINE_OPTIONS, asked);
  const { lora, ...options } = parseTable(DIFFUSION_OPTIONS, given(flags, Object.keys(DIFFUSION_OPTIONS)));
  const over = await readOver(model, flags, { steps: options.steps, signal: stage.signal });
  const wished = over?.size ?? sizeWished(flags);
  const sourceType = over ? 'compositeWithTrainedAlgorithmicMedia' : 'trainedAlgorithmicMedia';
  const preview = await openPreview(flags, provenanceOf(model, { sourceType }));
  const diffusion = await openDiffusion(model, {
    ...{ device, requireDevice, signal: stage.signal },
    plan: { ...options, widthPx: wished.width, heightPx: wished.height, strength: over?.canvas.strength },
    loras: lora.map(parseLoraWish),
    onNotice: (sentence) => stage.terminal.notice(sentence),
  });
  const { fixed } = diffusion.folder;
  const widthPx = wished.width ?? fixed.widthPx ?? SIZES.width.default;
  const heightPx = wished.height ?? fixed.heightPx ?? SIZES.height.default;
  const told = { seed, ...options, widthPx, heightPx };
  const finish = over?.blend ?? ((pixels) => pixels);
  return {
    get device() {
      return diffusion.device;
    },
    ...{ licence: undefined, sourceType, isBare: true, count },
    columns: columns || Math.ceil(Math.sqrt(count)),
    told: { ...told, count, strength: over?.canvas.strength },
    pictures: () => drawAll(diffusion, { ...told, canvas: over?.canvas }, { count, finish, preview, stage }),
    close: () => diffusion.close(),
  };
}

/** Sides that were asked for: what is left out the folder may decide. */
function sizeWished(flags: FlagValues): { width?: number | undefined; height?: number | undefined } {
  const { width, height } = parseTable(SIZES, given(flags, Object.keys(SIZES)));
  return {
    width: flags.width === undefined ? undefined : width,
    height: flags.height === undefined ? undefined : height,
  };
}

/** What is done with the pictures of a run. */
interface Frame {
  /** How many there are, by as many seeds. */
  count: number;
  /** What becomes of the pixels of each. */
  finish: (pixels: Tensor) => Tensor;
  preview: Preview | undefined;
  stage: Stage;
}

async function* drawAll(
  diffusion: Diffusion,
  wish: Wish,
  { count, finish, preview, stage: { terminal, signal } }: Frame,
): AsyncGenerator<Tensor> {
  for (let at = 0; at < count; at++) {
    const seed = wish.seed + at;
    terminal.begin(`Drawing picture ${at + 1} of ${count}, seed ${seed}`);
    const drawn = await diffusion.draw(
      { ...wish, seed },
      {
        signal,
        preview: preview && { ...preview, show: (pixels) => preview.show(finish(pixels)) },
        onNotice: (sentence) => terminal.notice(sentence),
        onProgress: (done, total) =>
          terminal.progress({
            done: at * total + done,
            total: count * total,
            text: `picture ${at + 1} of ${count}, step ${done} of ${total}`,
          }),
      },
    );
    await preview?.show(finish(drawn));
    yield finish(drawn);
  }
}
