// Fine-tuning: a style of anyone's goes on learning on other pictures. Its exported graph is read and differentiated; what
// comes out is the same file with other numbers.

import { expected, NigaoeError } from '../../errors.js';
import type { GeneratorIo } from '../../models/entry.js';
import { type Label, labelled } from '../../models/imports/label.js';
import { inputsOf } from '../../models/imports/ports.js';
import type { OnnxModel, TensorProto } from '../../models/onnx/file.js';
import { floatTensor } from '../../models/onnx/tensor-proto.js';
import * as a from '../arithmetic.js';
import { averagePool, named } from '../layers.js';
import { l1, meanSquare } from '../losses.js';
import { patchDiscriminator } from '../nets/cyclegan.js';
import type { Node } from '../ops.js';
import { adam, linearDecay, minimize } from '../optimizers.js';
import { learnable } from '../reading/learnable.js';
import { checkReadable, readGraph } from '../reading/read.js';
import { step } from '../step.js';
import { gaussianStart, type State, Weights } from '../weights.js';
import { pooled } from './pool.js';
import type { Plan, Recipe, Setting, StyleBase } from './recipe.js';

const STYLE = 'style';
const JUDGE = 'discriminator';
const BETAS = [0.5, 0.999] as const;
const SHOWN = 4;
/** Pixels that are one when it is asked whether a drawing stays where it was. */
const COARSE = 8;
const LEAST_PX = 32;

export const FINETUNE: Recipe = {
  title: 'fine-tuning: a style goes on learning, from photos and from drawings as they should be',
  inputs: ['a', 'b'],
  from: 'style',
  takes: ['from', 'paired', 'stay', 'width'],
  // Those of the style go before these.
  sizes: { multipleOf: COARSE, minPx: LEAST_PX, maxPx: 1024 },
  channels: 3,
  augments: true,
  pairs: ({ paired }) => paired,
  defaults: { epochs: 20, batch: 1, rate: 1e-4, size: 256, channels: 3, width: 32 },
  check({ size }, { style }) {
    const base = style as StyleBase;
    checkReadable(base.model, base.name);
    wantedNames(base);
    // The discriminator halves three times, and looks at patches.
    if (size % COARSE !== 0 || size < LEAST_PX)
      throw expected(`a multiple of ${COARSE} from ${LEAST_PX} px on`, '--size of finetune', size);
  },
  plan(picture, setting, { style }): Plan {
    const base = style as StyleBase;
    const { batch, clip, total, stay, paired, width } = setting;
    const names = wantedNames(base);
    const weights = new Weights({ start: gaussianStart });
    const by = adam({
      rate: linearDecay(setting.rate, Math.ceil(total / 2), Math.floor(total / 2)),
      betas: BETAS,
    });
    const judge = named(JUDGE, patchDiscriminator('pytorch', width));
    const [photo, drawing] = ['a', 'b'].map((name) => a.input(name, [batch, ...picture]));

    const drawn = oneByOne(photo, (one) => drawnBy(base, one, { names, weights }));
    const gan = meanSquare(judge(drawn, weights), 1);
    // With pairs it is told what each drawing should be; without, that it should stay where the style drew it before.
    const stays = paired
      ? l1(drawn, drawing)
      : l1(coarse(drawn), coarse(oneByOne(photo, (one) => drawnBy(base, one))));
    const generator = a.add(gan, a.multiply(stays, stay));
    minimize(generator, weights, { of: [STYLE], by, clip });

    const seen = pooled(a.detach(drawn), 'b', weights);
    const verdicts = a.add(meanSquare(judge(drawing, weights), 1), meanSquare(judge(seen, weights), 0));
    const discriminator = a.multiply(verdicts, 0.5);
    minimize(discriminator, weights, { of: [JUDGE], by, clip });

    const held = new Weights({ training: false });
    const [shownA, shownB] = ['a', 'b'].map((name) => a.input(name, [SHOWN, ...picture]));
    const now = oneByOne(shownA, (one) => drawnBy(base, one, { names, weights: held }));
    const before = oneByOne(shownA, (one) => drawnBy(base, one));
    return {
      weights,
      train: step(weights, { generator, gan, stays, discriminator }),
      sample: step(held, { a: shownA, before, now, b: shownB }),
      columns: SHOWN,
      products: (state) => ({ 'style.onnx': renewed(base, state, setting) }),
    };
  },
};

/** Exported networks may know one picture at a time only. */
function oneByOne(x: Node, draw: (one: Node) => Node): Node {
  return a.concat(
    Array.from({ length: x.dims[0] }, (_, at) => draw(a.part(x, 0, at, at + 1))),
    0,
  );
}

const coarse = (x: Node): Node => averagePool({ side: COARSE })(x, new Weights());

/** Throws `model-unsupported` where there is nothing to learn. */
function wantedNames({ model, name }: StyleBase): ReadonlySet<string> {
  const names = learnable(model);
  if (names.size > 0) return names;
  throw new NigaoeError(
    'model-unsupported',
    `Expected a network with weights in ${name} but it has none to learn`,
    {
      hint: 'Procedural styles and quantised networks are not fine-tuned.',
    },
  );
}

/** Pictures [N, 3, H, W] in -1..1, drawn by the style; with weights, by those of them that are learned. */
function drawnBy(
  { model, name, io }: StyleBase,
  pictures: Node,
  learned?: { names: ReadonlySet<string>; weights: Weights },
): Node {
  const [{ name: input }] = inputsOf(model.graph);
  const outputs = readGraph(model, {
    name,
    inputs: { [input]: packed(pictures, io) },
    weight: (weight, dims, data) =>
      learned?.names.has(weight)
        ? learned.weights.under(STYLE).learned(weight, dims, { numbers: data })
        : undefined,
  });
  return unpacked(Object.values(outputs)[0], io);
}

// Between planar RGB in -1..1 and what the network wants, as the adapter of styles has it.

function packed(x: Node, { layout, channels, range: [low, high] }: GeneratorIo): Node {
  const ordered = channels === 'rgb' ? x : a.flip(x, 1);
  const scaled = a.add(a.multiply(ordered, (high - low) / 2), (high + low) / 2);
  return layout === 'nchw' ? scaled : a.transpose(scaled, [0, 2, 3, 1]);
}

function unpacked(y: Node, { layout, channels, range: [low, high] }: GeneratorIo): Node {
  const planar = layout === 'nchw' ? y : a.transpose(y, [0, 3, 1, 2]);
  const scaled = a.divide(a.subtract(planar, (high + low) / 2), (high - low) / 2);
  return channels === 'rgb' ? scaled : a.flip(scaled, 1);
}

/** The file with what was learned in the place of what was there. */
function renewed(
  { model, label, io, side, name }: StyleBase,
  state: State,
  { alignFaces }: Setting,
): OnnxModel {
  const initializer = model.graph.initializer.map((proto): TensorProto => {
    const learned = state.get(`${STYLE}.${proto.name}`);
    return learned === undefined ? proto : floatTensor(proto.dims, learned.data, proto.name);
  });
  const scope = alignFaces ? 'portrait' : label.scope;
  const told: Label = { ...label, io, side, scope, title: `${label.title ?? name}, fine-tuned` };
  return labelled({ ...model, graph: { ...model.graph, initializer } }, told);
}
