// Networks on bytes: they draw nearly the same, whatever their layers hold, and say what they cannot do.

import assert from 'node:assert/strict';
import { NigaoeError } from '../../../shared/errors.js';
import type { OnnxModel } from '../../../shared/models/onnx/file.js';
import { foldAffines } from '../../../shared/models/quantize/fold.js';
import { psnrDb, squaredError } from '../../../shared/models/quantize/judge.js';
import { withoutSensitive } from '../../../shared/models/quantize/sensitive.js';
import { dropIdleFactors } from '../../../shared/models/quantize/tidy.js';
import { tinyGan } from '../../fixtures/tiny-gan.js';
import { networkOf, SIGNED } from '../imports/world.js';
import { copyOf, countOf, draw, drawing, FORM, pictures, plain, quantize } from './world.js';

const [unseen] = pictures(9).slice(8);

/** How near the drawing of a picture that neither network has seen is, in dB. */
async function distance(model: OnnxModel, other: OnnxModel): Promise<number> {
  return psnrDb([squaredError(await draw(model, unseen), await draw(other, unseen), [-1, 1])]);
}

describe('a network on bytes', () => {
  it('draws nearly the same, with bytes from one convolution to the next', async () => {
    const { model, psnrDb: told, layers, allLayers, timesAsFast } = await quantize(plain());
    assert.ok((await distance(plain(), model)) > 33 && told > 33);
    assert.ok(timesAsFast > 0);
    assert.deepEqual([layers, allLayers], [2, 4]);
    // What comes in, both convolutions, the sum, and both LeakyRelus; what pads moves bytes.
    assert.equal(countOf(model, 'QuantizeLinear'), 6);
  });

  it('is as near in every form that processors have', async () => {
    for (const maps of ['uint8', 'int8'] as const)
      for (const type of ['int8', 'uint8'] as const)
        for (const perChannel of [true, false]) {
          const form = { maps, weights: { type, bits: 7, perChannel } } as const;
          const { psnrDb: near } = await quantize(plain(), { form, ranges: 'minmax' });
          assert.ok(near > 28, `${JSON.stringify(form)}: ${near}`);
        }
  });

  it('keeps small channels beside large ones, which a single scale would flatten', async () => {
    const uneven = drawing((maps, { graph, leaky, weight }) => {
      const spread = weight([8, 8, 1, 1], (value, at) => value * 4 ** (Math.floor(at / 8) - 5));
      const gathered = weight([8, 8, 1, 1], (value, at) => value * 4 ** (5 - (at % 8)));
      return leaky(graph.op('Conv', [leaky(graph.op('Conv', [maps, spread])), gathered]));
    });
    const single = { ...FORM, weights: { ...FORM.weights, perChannel: false } };
    const [own, shared] = [await quantize(uneven), await quantize(uneven, { form: single })];
    assert.ok(own.psnrDb > shared.psnrDb + 1, `${own.psnrDb} and ${shared.psnrDb}`);
  });

  it('has dead channels, whose biases are large', async () => {
    const dead = drawing((maps, { conv, leaky }) =>
      leaky(conv(maps, [8, 8, 1, 1], (value, at) => (at < 16 ? 0 : at < 24 ? value * 1e-9 : value))),
    );
    const { model } = await quantize(dead);
    assert.ok((await distance(dead, model)) > 30);
  });

  it('has maps that are constantly zero', async () => {
    const flat = drawing((maps, { conv, graph, leaky }) => {
      const none = graph.op('Sub', [maps, maps]);
      return graph.op('Add', [leaky(conv(maps, [8, 8, 1, 1])), conv(none, [8, 8, 1, 1])]);
    });
    const { model } = await quantize(flat);
    assert.ok((await distance(flat, model)) > 30);
  });

  it('cuts off what lies beyond all that was seen, instead of wrapping it around', async () => {
    const { model } = await quantize(plain());
    const glaring = { ...unseen, data: unseen.data.map((value) => 4 * value) };
    const [right, bytes] = [await draw(plain(), glaring), await draw(model, glaring)];
    assert.ok(bytes.data.every((value) => Math.abs(value) <= 1));
    // Wrapped numbers would be as often wrong as right.
    const agree = right.data.filter((value, at) => value * bytes.data[at] >= 0).length / right.data.length;
    assert.ok(agree > 0.75, String(agree));
  });

  it('has bounds, enlargements, borders of zeros and joined maps', async () => {
    const mixed = drawing((maps, { conv, graph }) => {
      const bounded = graph.op('Relu', [conv(maps, [8, 8, 1, 1])]);
      const bordered = graph.op('Pad', [bounded, graph.ints([0, 0, 1, 1, 0, 0, 1, 1])]);
      const scales = graph.weight([4], Float32Array.of(1, 1, 2, 2));
      const large = graph.op('Resize', [conv(bordered, [4, 8, 3, 3]), '', scales], { mode: 'nearest' });
      return graph.op('Concat', [conv(large, [4, 4, 1, 1]), large], { axis: 1 });
    });
    const { model, layers } = await quantize(mixed);
    assert.equal(layers, 3);
    assert.ok((await distance(mixed, model)) > 30);
    // Nothing lies between a convolution and its bound, and a border is made of bytes.
    assert.equal(countOf(model, 'QuantizeLinear'), 5);
  });

  it('has enlargements to computed sides without the factors that some files name beside them', () => {
    const enlarged = drawing((maps, { graph }) => {
      const none = graph.op('Cast', [graph.weight([0], new Float32Array())], { to: 1 });
      const sides = graph.op('Mul', [graph.op('Shape', [maps]), graph.ints([1, 1, 2, 2])]);
      return graph.op('Resize', [maps, '', none, sides], { mode: 'nearest' });
    });
    dropIdleFactors(enlarged.graph);
    assert.equal(enlarged.graph.node.find(({ opType }) => opType === 'Resize')?.input[2], '');
  });

  it('keeps norms as numbers', async () => {
    const normed = drawing((maps, { conv, graph, leaky }) => {
      const [one, zero] = [1, 0].map((value) => graph.weight([8], new Float32Array(8).fill(value)));
      return leaky(graph.op('InstanceNormalization', [conv(maps, [8, 8, 1, 1]), one, zero]));
    });
    const { model } = await quantize(normed);
    assert.ok((await distance(normed, model)) > 28);
    assert.equal(countOf(model, 'QuantizeLinear'), 2);
  });

  it('is made of float16 and of old operator sets as well', async () => {
    const old = plain();
    for (const node of old.graph.node.filter(({ opType }) => opType === 'Pad')) {
      node.input = [node.input[0]];
      node.attribute.push({ name: 'pads', type: 7, ints: [0, 0, 1, 1, 0, 0, 1, 1] });
    }
    old.opsetImport = [{ domain: '', version: 9 }];
    const { model } = await quantize(old);
    assert.ok((await distance(old, model)) > 33);
  });
});

describe('layers that harm a drawing', () => {
  it('stay numbers, as few as it takes', async () => {
    const harm = new Map([
      ['a', 0.1],
      ['b', 3],
      ['c', 0.2],
      ['d', 1],
    ]);
    const trial = (layers: readonly string[]) =>
      Promise.resolve(30 - layers.reduce((sum, layer) => sum + harm.get(layer)!, 0));
    const all = [...harm.keys()];
    assert.deepEqual(await withoutSensitive(all, trial, { leastDb: 20 }), all);
    assert.deepEqual(await withoutSensitive(all, trial, { leastDb: 28 }), ['a', 'c', 'd']);
    assert.deepEqual(await withoutSensitive(all, trial, { leastDb: 29.6 }), ['a', 'c']);
    assert.deepEqual(await withoutSensitive(all, trial, { leastDb: 60 }), ['a']);
  });

  it('are found in a network', async () => {
    const all = await quantize(plain());
    const { layers, psnrDb: reached } = await quantize(plain(), { leastDb: all.psnrDb + 2 });
    assert.equal(layers, 1);
    assert.ok(reached > all.psnrDb);
  });
});

describe('scales and shifts behind a convolution', () => {
  it('become part of it: batch norms, and numbers per channel', async () => {
    const normed = drawing((maps, { conv, graph, leaky, weight }) => {
      const variance = graph.weight(
        [8],
        Float32Array.from({ length: 8 }, (_, at) => 0.3 + at),
      );
      const norm = [weight([8]), weight([8]), weight([8]), variance];
      const batch = graph.op('BatchNormalization', [conv(maps, [8, 8, 1, 1]), ...norm]);
      const scaled = graph.op('Mul', [batch, weight([8, 1, 1])]);
      return leaky(graph.op('Add', [weight([1, 8, 1, 1]), scaled]));
    });
    const folded = copyOf(normed);
    assert.equal(foldAffines(folded.graph), 3);
    assert.equal(countOf(folded, 'BatchNormalization') + countOf(folded, 'Mul'), 0);
    assert.ok((await distance(normed, folded)) > 90);
    assert.ok((await quantize(normed)).psnrDb > 30);
  });

  it('stay where another operator reads the convolution', async () => {
    const shared = drawing((maps, { conv, graph, weight }) => {
      const sum = conv(maps, [8, 8, 1, 1]);
      return graph.op('Add', [graph.op('Mul', [sum, weight([8, 1, 1])]), sum]);
    });
    assert.equal(foldAffines(copyOf(shared).graph), 0);
  });
});

describe('a network that cannot be quantized', () => {
  const refusal = (words: RegExp) => (error: unknown) =>
    error instanceof NigaoeError && error.code === 'model-unsupported' && words.test(error.message);

  it('works on bytes already', async () => {
    const { model } = await quantize(plain());
    await assert.rejects(
      quantize(model),
      refusal(/float32 or float16 in drawing but it is quantized already/),
    );
  });

  it('has nothing between its first and its last convolution', async () => {
    const [none, ends] = [networkOf((_, x) => x), tinyGan({ io: SIGNED, kind: 'random' })];
    for (const model of [none, ends])
      await assert.rejects(quantize(model), refusal(/between the first and the last one .* there are none/));
  });

  it('has an old operator whose meaning has changed', async () => {
    const old = plain();
    old.opsetImport = [{ domain: '', version: 9 }];
    old.graph.node.push({ opType: 'Scatter', input: ['picture'], output: ['other'], attribute: [] });
    await assert.rejects(quantize(old), refusal(/operator set 13 in drawing but it has Scatter/));
  });
});
