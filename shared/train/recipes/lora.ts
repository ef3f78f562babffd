// LoRA (Hu et al. 2022): a trained network learns something new by a product of two thin matrices beside each of some of its
// maps, y = W x + (alpha / rank) up down x. Its own numbers stay as they are; only the thin ones are learned and saved.

import { expected } from '../../errors.js';
import { writeSafetensors } from '../../models/checkpoints/write-safetensors.js';
import { type ModuleWeight, modulesOf } from '../../models/lora/modules.js';
import { sizeOf, type Tensor, tensor } from '../../tensor.js';
import * as a from '../arithmetic.js';
import type { Node } from '../ops.js';
import { adam, cosineDecay, minimize, riseOf } from '../optimizers.js';
import { checkReadable, readGraph } from '../reading/read.js';
import type { Linear } from '../reading/values.js';
import { step } from '../step.js';
import { type State, Weights } from '../weights.js';
import { type Ask, asked, type Lesson, lessonLoss } from './denoising.js';
import type { DenoiserBase, Plan, Recipe, Setting } from './recipe.js';

const LORA = 'lora';
/** Steps until the learning rate is reached. */
const RISE = 50;
/**
 * Weights of more numbers together are fed at each step: a file of a graph ends at two gigabytes, and constants are held
 * eight times while it is opened. Steps are up to 1.7 times as long then.
 */
const MOST_INSIDE = 2 ** 26;
const SMALL = 64;

export const LORA_RECIPE: Recipe = {
  title: 'LoRA: teaches a diffusion network a new look by a few numbers beside its own',
  inputs: ['pictures'],
  takesLabels: true,
  from: 'denoiser',
  takes: ['from', 'rank', 'alpha', 'targets', 'prompt', 'holdBack'],
  sizes: { multipleOf: 8, minPx: 16, maxPx: 1024 },
  defaults: { epochs: 4, batch: 32, rate: 2e-3, size: 48, channels: 1 },
  check(settings, { denoiser }) {
    const { model, name } = denoiser as DenoiserBase;
    checkReadable(model, name);
    wantedModules(modulesOf(model), settings);
  },
  plan(picture, setting, { denoiser }): Plan {
    const base = denoiser as DenoiserBase;
    const { batch, heldBatch, rate, clip, total } = setting;
    const { condition, schedule } = base;
    const weights = new Weights();
    const held = new Weights({ training: false });
    const lesson: Lesson = { ask: withLora(base, setting), schedule, condition };
    const loss = lessonLoss(lesson, { count: batch, picture, weights });
    minimize(loss, weights, {
      of: [LORA],
      by: adam({ rate: cosineDecay(rate, total, riseOf(total, RISE)) }),
      clip,
    });
    return {
      weights,
      train: step(weights, { loss }),
      measure: step(held, { loss: lessonLoss(lesson, { count: heldBatch, picture, weights: held }) }),
      ...(condition.kind === 'label' && {
        denoise: {
          step: step(held, { answer: lesson.ask(asked(condition.classes, picture), held) }),
          labels: Array.from({ length: condition.classes }, (_, label) => label),
          schedule,
        },
      }),
      products: (state) => ({ 'lora.safetensors': loraFile(state, setting) }),
    };
  },
};

type LoraSetting = Pick<Setting, 'rank' | 'alpha' | 'targets'>;

/** The network with LoRAs beside the maps that are wanted. */
export function withLora(
  { model, name, condition }: DenoiserBase,
  setting: LoraSetting,
  mostInside = MOST_INSIDE,
): Ask {
  const modules = wantedModules(modulesOf(model), setting);
  const said = condition.kind === 'label' ? 'label' : 'encoder_hidden_states';
  const isLarge = model.graph.initializer.reduce((sum, { dims }) => sum + sizeOf(dims), 0) > mostInside;
  return ({ sample, timestep, condition: told }, weights) => {
    const outputs = readGraph(model, {
      name,
      inputs: { sample, timestep: fitting(model, timestep), [said]: told },
      linear: beside(modules, setting, weights.under(LORA)),
      ...(isLarge && {
        // Small ones may be exponents and sizes, which reading wants to know.
        weight: (weight, dims, data) =>
          sizeOf(dims) > SMALL ? a.input(`base ${weight}`, dims, data) : undefined,
      }),
    });
    return Object.values(outputs)[0];
  };
}

/** Fewer names tell enough. */
const FEW = 8;

/** The maps that LoRAs are learned for, by the names of their weights: those whose path ends as `--targets` says. */
function wantedModules(
  modules: ReadonlyMap<string, ModuleWeight>,
  { targets }: LoraSetting,
): ReadonlyMap<string, string> {
  const ends = targets.split(',').map((each) => each.trim().replaceAll('.', '_'));
  const isWanted = (module: string) => ends.some((end) => module === end || module.endsWith(`_${end}`));
  const maps = [...modules].filter(([, { weight, isShared }]) => weight.dims.length === 2 && !isShared);
  const wanted = maps.filter(([module]) => isWanted(module));
  if (wanted.length > 0) return new Map(wanted.map(([module, { weight }]) => [weight.name ?? '', module]));
  const names = maps.map(([module]) => module);
  const there =
    names.length > FEW
      ? `${names.slice(0, FEW).join(', ')} and ${names.length - FEW} more`
      : names.join(', ');
  throw expected(
    'ends of names of linear maps',
    '--targets',
    targets,
    `There are ${there || 'none with a name'}.`,
  );
}

/** Adds to what a map makes; `up` begins at zero, so that at first nothing changes. */
const beside =
  (modules: ReadonlyMap<string, string>, { rank, alpha }: LoraSetting, weights: Weights): Linear =>
  (weight, x, y) => {
    const module = modules.get(weight);
    if (module === undefined) return y;
    const thin = weights.under(module);
    const [from, to] = [x, y].map(({ dims }) => dims[dims.length - 1]);
    const down = thin.learned('lora_down.weight', [rank, from], { uniform: 1 / Math.sqrt(from) });
    const up = thin.learned('lora_up.weight', [to, rank], 0);
    const change = a.matmul(a.matmul(x, a.turned(down)), a.turned(up));
    return a.add(y, a.multiply(change, (alpha || rank) / rank));
  };

/** As the port has it: on an axis, or without. */
function fitting({ graph }: DenoiserBase['model'], timestep: Node): Node {
  const port = graph.input.find(({ name }) => name === 'timestep');
  return port?.type?.tensorType?.shape?.dim.length === 0 ? a.reshape(timestep, []) : timestep;
}

/** The file, in the spelling of kohya's scripts, which all programs read. */
function loraFile(state: State, { rank, alpha }: Setting): Uint8Array {
  const own = [...state].filter(([name]) => name.startsWith(`${LORA}.`));
  const tensors = new Map<string, Tensor>();
  for (const [name, value] of own) {
    const [, module, part] = /^lora\.([^.]+)\.(.+)$/.exec(name) as RegExpExecArray;
    tensors.set(`lora_unet_${module}.${part}`, value);
    tensors.set(`lora_unet_${module}.alpha`, tensor([], Float32Array.of(alpha || rank)));
  }
  return writeSafetensors(tensors, {
    ...{ ss_network_module: 'networks.lora', ss_network_dim: String(rank) },
    ...{ ss_network_alpha: String(alpha || rank), format: 'pt' },
  });
}
