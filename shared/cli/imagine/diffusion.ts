// Pictures out of prompts: folders of Stable Diffusion.

import { parseLoraWish } from '../../generators/diffusion/loras.js';
import { openDiffusion } from '../../generators/diffusion/pipeline.js';
import { DIFFUSION_OPTIONS, parseTable } from '../../options.js';
import type { Tensor } from '../../tensor.js';
import { checkIdle, type FlagValues, given } from '../flags.js';
import type { Stage } from '../perform.js';
import { IMAGINE_OPTIONS, SIZES } from './options.js';
import type { Source } from './source.js';

export async function diffusionSource(model: string, flags: FlagValues, stage: Stage): Promise<Source> {
  checkIdle(flags, ['interpolate'], `${model}, which draws from prompts`);
  // Minutes each: one, where nothing else is said.
  const asked = given({ ...flags, count: flags.count ?? 1 }, Object.keys(IMAGINE_OPTIONS));
  const { count, seed, columns, device, requireDevice } = parseTable(IMAGINE_OPTIONS, asked);
  const { lora, ...options } = parseTable(DIFFUSION_OPTIONS, given(flags, Object.keys(DIFFUSION_OPTIONS)));
  const { width: widthPx, height: heightPx } = parseTable(SIZES, given(flags, Object.keys(SIZES)));
  const diffusion = await openDiffusion(model, {
    ...{ device, requireDevice, signal: stage.signal },
    loras: lora.map(parseLoraWish),
    onNotice: (sentence) => stage.terminal.notice(sentence),
  });
  const { terminal, signal } = stage;

  async function* pictures(): AsyncGenerator<Tensor> {
    for (let at = 0; at < count; at++) {
      terminal.begin(`Drawing picture ${at + 1} of ${count}, seed ${seed + at}`);
      yield await diffusion.draw(
        { ...options, seed: seed + at, widthPx, heightPx },
        {
          signal,
          onNotice: (sentence) => terminal.notice(sentence),
          onProgress: (done, total) =>
            terminal.progress({
              done: at * total + done,
              total: count * total,
              text: `picture ${at + 1} of ${count}, step ${done} of ${total}`,
            }),
        },
      );
    }
  }

  return {
    get device() {
      return diffusion.device;
    },
    licence: undefined,
    count,
    columns: columns || Math.ceil(Math.sqrt(count)),
    told: { seed, count, ...options, widthPx, heightPx },
    pictures,
    close: () => diffusion.close(),
  };
}
