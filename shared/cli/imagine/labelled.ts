// Pictures out of labels: networks of `nigaoe train diffusion`, with LoRAs of `nigaoe train lora`.

import { expected } from '../../errors.js';
import { parseLoraWish } from '../../generators/diffusion/loras.js';
import { type LabelledGenerator, openLabelledGenerator } from '../../generators/labelled.js';
import { DIFFUSION_OPTIONS, parseTable } from '../../options.js';
import { rowsOf, type Tensor } from '../../tensor.js';
import { checkIdle, type FlagValues, given } from '../flags.js';
import type { Stage } from '../perform.js';
import { IMAGINE_OPTIONS, LABEL_OPTIONS, PROMPT_NAMES } from './options.js';
import type { Source } from './source.js';

const { steps, sampler, lora } = DIFFUSION_OPTIONS;
/** What is told of taking noise away; fifty of DDIM's steps draw what a thousand of DDPM's do. */
const STEPS = { steps: { ...steps, default: 50 }, sampler, lora };
/** Pictures that are drawn side by side. */
const AT_ONCE = 16;

export async function labelledSource(model: string, flags: FlagValues, stage: Stage): Promise<Source> {
  const idle = ['interpolate', ...PROMPT_NAMES.filter((name) => !Object.hasOwn(STEPS, name))];
  checkIdle(flags, idle, `${model}, which draws by labels`);
  const wish = parseTable(STEPS, given(flags, Object.keys(STEPS)));
  const {
    labels: list,
    stages,
    beside,
  } = parseTable(LABEL_OPTIONS, given(flags, Object.keys(LABEL_OPTIONS)));
  if (wish.lora.length === 0) checkIdle(flags, ['beside'], 'a drawing without --lora');
  const generator = await openLabelledGenerator(model, {
    ...parseTable(DEVICE, given(flags, Object.keys(DEVICE))),
    ...{
      beside,
      loras: wish.lora.map(parseLoraWish),
      onNotice: (sentence) => stage.terminal.notice(sentence),
    },
  });
  const { classes } = generator.denoiser;
  const kinds = list === '' ? Array.from({ length: classes }, (_, label) => label) : labelsIn(list, classes);
  // A picture of each kind, where nothing else is said.
  const asked = given({ ...flags, count: flags.count ?? kinds.length }, Object.keys(IMAGINE_OPTIONS));
  const { count, seed, columns } = parseTable(IMAGINE_OPTIONS, asked);
  const labels = Array.from({ length: count }, (_, at) => kinds[at % kinds.length]);
  return {
    device: generator.device,
    licence: generator.label.licence,
    count: count * stages,
    columns:
      columns || (stages > 1 ? stages : Math.min(count, Math.max(kinds.length, Math.ceil(Math.sqrt(count))))),
    told: { seed, labels, ...wish },
    pictures: () => drawAll(generator, { labels, seed, stages, ...wish }, stage),
    close: () => generator.close(),
  };
}

const { device, requireDevice } = IMAGINE_OPTIONS;
const DEVICE = { device, requireDevice };

interface Wish {
  labels: readonly number[];
  seed: number;
  stages: number;
  steps: number;
  sampler: 'auto' | Parameters<LabelledGenerator['draw']>[0]['sampler'];
}

/** All stages of a picture, then those of the next. */
async function* drawAll(
  generator: LabelledGenerator,
  { labels, seed, stages, steps: calls, sampler: name }: Wish,
  { terminal, signal }: Stage,
): AsyncGenerator<Tensor> {
  for (let first = 0; first < labels.length; first += AT_ONCE) {
    const some = labels.slice(first, first + AT_ONCE);
    const seeds = some.map((_, at) => seed + first + at);
    const drawn = await generator.draw(
      { labels: some, seeds, stages, steps: calls, sampler: name === 'auto' ? 'ddim' : name },
      {
        signal,
        onStep: (done, total) =>
          terminal.progress({
            done: first * total + done * some.length,
            total: labels.length * total,
            text: `pictures ${first + 1} to ${first + some.length} of ${labels.length}, step ${done} of ${total}`,
          }),
      },
    );
    const stagesOf = drawn.map(rowsOf);
    for (const at of some.keys()) for (const pictures of stagesOf) yield pictures[at];
  }
}

/** `3`, `1,4,4` and `0-9` as numbers below `classes`. Throws `options` for anything else. */
function labelsIn(list: string, classes: number): number[] {
  const parts = list.split(',').map((part) => /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part));
  const ranges = parts.map((match) => match && [Number(match[1]), Number(match[2] ?? match[1])]);
  if (ranges.some((range) => range === null || range[1] < range[0]))
    throw expected('numbers and ranges with commas, such as 3 or 0-9', '--labels', list);
  const most = Math.max(...ranges.map((range) => range?.[1] ?? 0));
  if (most >= classes) throw expected(`whole numbers from 0 to ${classes - 1}`, '--labels', most);
  return ranges.flatMap((range) => {
    const [from, to] = range as number[];
    return Array.from({ length: to - from + 1 }, (_, at) => from + at);
  });
}
