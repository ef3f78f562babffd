// CycleGAN (Zhu et al. 2017): two sets of pictures, unpaired; each generator draws pictures of one set as if they were of the
// other, and what goes there and back again must be what it was.

import { CYCLEGAN as PYTORCH } from '../../models/architectures/cyclegan.js';
import { CYCLEGAN_MINDSPORE as MINDSPORE } from '../../models/architectures/cyclegan-mindspore.js';
import { labelled } from '../../models/imports/label.js';
import type { OnnxModel } from '../../models/onnx/file.js';
import * as a from '../arithmetic.js';
import { type Layer, named } from '../layers.js';
import { l1, meanSquare } from '../losses.js';
import { cycleGenerator, patchDiscriminator } from '../nets/cyclegan.js';
import type { Node } from '../ops.js';
import { adam, keepAverage, linearDecay, minimize } from '../optimizers.js';
import { step } from '../step.js';
import { gaussianStart, type State, Weights } from '../weights.js';
import { pooled } from './pool.js';
import type { Plan, Recipe, Setting } from './recipe.js';

const CYCLE_WEIGHT = 10;
const BETAS = [0.5, 0.999] as const;
const SHOWN = 4;

export const CYCLEGAN: Recipe = {
  title: 'CycleGAN: two folders of pictures, each drawn in the manner of the other',
  inputs: ['a', 'b'],
  sizes: { multipleOf: 4, minPx: 24, maxPx: 512 },
  channels: 3,
  takes: ['average', 'width', 'blocks', 'flavour', 'identity'],
  augments: true,
  defaults: { epochs: 200, batch: 1, rate: 2e-4, size: 128, channels: 3 },
  plan(picture, setting): Plan {
    const { batch, clip, identity, average, total } = setting;
    const { drawA, drawB, judgeA, judgeB } = networks(setting);
    const weights = new Weights({ start: gaussianStart });
    const [realA, realB] = ['a', 'b'].map((name) => a.input(name, [batch, ...picture]));
    const by = adam({
      rate: linearDecay(setting.rate, Math.ceil(total / 2), Math.floor(total / 2)),
      betas: BETAS,
    });

    const [fakeA, fakeB] = [drawA(realB, weights), drawB(realA, weights)];
    const losses = {
      gan_b: meanSquare(judgeB(fakeB, weights), 1),
      gan_a: meanSquare(judgeA(fakeA, weights), 1),
      cycle_a: l1(drawA(fakeB, weights), realA),
      cycle_b: l1(drawB(fakeA, weights), realB),
      ...(identity > 0 && {
        identity_a: l1(drawA(realA, weights), realA),
        identity_b: l1(drawB(realB, weights), realB),
      }),
    };
    const generator = weighted(losses, identity);
    minimize(generator, weights, { of: ['generatorA2B', 'generatorB2A'], by, clip });

    const verdict = (judge: Layer, real: Node, fake: Node): Node =>
      a.multiply(a.add(meanSquare(judge(real, weights), 1), meanSquare(judge(fake, weights), 0)), 0.5);
    const discriminator_a = verdict(judgeA, realA, pooled(a.detach(fakeA), 'a', weights));
    const discriminator_b = verdict(judgeB, realB, pooled(a.detach(fakeB), 'b', weights));
    minimize(a.add(discriminator_a, discriminator_b), weights, {
      of: ['discriminatorA', 'discriminatorB'],
      by,
      clip,
    });
    for (const name of average > 0 ? ['generatorA2B', 'generatorB2A'] : [])
      keepAverage(weights, name, average);

    const held = new Weights({ training: false });
    const forUse = average > 0 ? held.under('average') : held;
    const [shownA, shownB] = ['a', 'b'].map((name) => a.input(name, [SHOWN, ...picture]));
    const [drawnB, drawnA] = [drawB(shownA, forUse), drawA(shownB, forUse)];
    return {
      weights,
      train: step(weights, { generator, ...losses, discriminator_a, discriminator_b }),
      sample: step(held, {
        a: shownA,
        a_as_b: drawnB,
        a_again: drawA(drawnB, forUse),
        b: shownB,
        b_as_a: drawnA,
        b_again: drawB(drawnA, forUse),
      }),
      columns: SHOWN,
      products: (state) => ({
        'a-to-b.onnx': style('generatorA2B', state, setting),
        'b-to-a.onnx': style('generatorB2A', state, setting),
      }),
    };
  },
};

type Networks = Record<'drawA' | 'drawB' | 'judgeA' | 'judgeB', Layer>;
function networks({ flavour, width, blocks }: Setting): Networks {
  const draw = cycleGenerator(flavour, { width, blocks });
  const judge = patchDiscriminator(flavour, width);
  return {
    drawA: named('generatorB2A', draw),
    drawB: named('generatorA2B', draw),
    judgeA: named('discriminatorA', judge),
    judgeB: named('discriminatorB', judge),
  };
}

/** The generator as a style for pictures of any size: the graph that an import of its weights would make. */
function style(
  generator: string,
  state: State,
  { flavour, blocks, average, alignFaces }: Setting,
): OnnxModel {
  const architecture = flavour === 'pytorch' ? PYTORCH : MINDSPORE;
  const prefix = `${average > 0 ? 'average.' : ''}${generator}.`;
  const tensors = [...state].filter(([name]) => name.startsWith(prefix));
  const shapes = new Map(tensors.map(([name, { dims }]) => [name.slice(prefix.length), dims]));
  const plan = architecture.plan(shapes, { blocks });
  if (plan === undefined) throw new Error(`internal: the weights of ${generator} make no ${architecture.id}`);
  const { id, io, side } = architecture;
  const scope = alignFaces ? 'portrait' : 'photo';
  const label = {
    title: `cyclegan, ${generator}`,
    architecture: id,
    form: plan.summary,
    io,
    side,
    scope,
  } as const;
  return labelled(
    plan.emit((key) => state.get(prefix + key)!.data),
    label,
  );
}

/** The sum that the generators learn from (equation 3, with the identity loss of section 5.2). */
function weighted(losses: Readonly<Record<string, Node>>, identity: number): Node {
  const factors: Record<string, number> = { gan: 1, cycle: CYCLE_WEIGHT, identity: CYCLE_WEIGHT * identity };
  const terms = Object.entries(losses).map(([name, loss]) => a.multiply(loss, factors[name.split('_')[0]]));
  return terms.reduce((sum, term) => a.add(sum, term));
}
