// Checkpoints made into ONNX models: what is read, what is written, and that the result runs on every size that it names.

import assert from 'node:assert/strict';
import { convertCheckpoint } from '../../../shared/models/architectures/convert.js';
import { readOnnx, writeOnnx } from '../../../shared/models/onnx/file.js';
import animeganv2 from '../../oracles/animeganv2.json' with { type: 'json' };
import cyclegan from '../../oracles/cyclegan.json' with { type: 'json' };
import mindspore from '../../oracles/cyclegan_mindspore.json' with { type: 'json' };
import johnson from '../../oracles/johnson.json' with { type: 'json' };
import { casesOf, checkpointOf, draw, inMemory, noise, numbers, type OracleCase } from './oracle.js';

const [ANIME] = casesOf(animeganv2);
const [CYCLE] = casesOf(cyclegan);
const BATCH = caseOf(cyclegan, 'batch norm');
const [SHARED] = casesOf(mindspore);
const [STYLE, , VARIABLES] = casesOf(johnson);

function caseOf(cases: unknown, title: string): OracleCase {
  const found = casesOf(cases).find((each) => each.title === title);
  assert.ok(found);
  return found;
}

describe('a converted checkpoint', () => {
  it('is counted as its framework counts it', async () => {
    for (const { tensors, parameters } of [ANIME, CYCLE])
      assert.equal((await convertCheckpoint(checkpointOf(tensors))).parameters, parameters);
  });

  it('tells how it wants its pixels', async () => {
    const { architecture, model } = await convertCheckpoint(checkpointOf(STYLE.tensors));
    const { metadataProps, graph } = readOnnx(writeOnnx(model));
    const told = Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
    assert.equal(told['nigaoe.architecture'], 'johnson');
    assert.deepEqual(JSON.parse(told['nigaoe.io']), architecture.io);
    assert.deepEqual(JSON.parse(told['nigaoe.side']), architecture.side);
    assert.deepEqual([graph.input[0].name, graph.output[0].name], ['picture', 'drawing']);
  });

  it('was read only as far as its network needs', async () => {
    const read: string[] = [];
    const extras = {
      'netD.model.0.weight': [[64, 3, 4, 4], 0, 1],
      'optimizer.state.0.exp_avg': [[9], 0, 1],
    } as const;
    const tensors = { ...CYCLE.tensors, ...extras };
    const checkpoint = inMemory(tensors, (key, recipe) => {
      read.push(key);
      return numbers(key, recipe);
    });
    await convertCheckpoint(checkpoint);
    assert.deepEqual(read.toSorted(), Object.keys(CYCLE.tensors).toSorted());
  });

  it('holds a block once that it applies nine times', async () => {
    const nine = await convertCheckpoint(checkpointOf(SHARED.tensors), { blocks: 9 });
    const one = await convertCheckpoint(checkpointOf(SHARED.tensors), { blocks: 1 });
    assert.equal(nine.model.graph.initializer.length, one.model.graph.initializer.length);
    assert.ok(nine.model.graph.node.length > one.model.graph.node.length);
  });

  for (const [title, { tensors }] of Object.entries({ ANIME, CYCLE, BATCH, SHARED, STYLE, VARIABLES }))
    it(`draws pictures of every size that it takes: ${title.toLowerCase()}`, async () => {
      const { architecture, model } = await convertCheckpoint(checkpointOf(tensors));
      const { minPx, multipleOf } = architecture.side;
      const sizes = [
        [minPx, minPx],
        [minPx, minPx + multipleOf],
        [minPx + 3 * multipleOf, minPx],
        [2 * minPx, 3 * minPx],
      ];
      const pictures = sizes.map(([height, width]) => noise(height, width, architecture.io.range));
      const drawings = await draw(model, pictures);
      assert.deepEqual(
        drawings.map(({ dims }) => dims),
        sizes.map(([height, width]) => [1, 3, height, width]),
      );
      const [low, high] = architecture.io.range;
      // The runtime's tanh may round to the next number beyond 1 on some processors.
      const rounding = 1e-6 * (high - low);
      for (const { data } of drawings)
        assert.ok(data.every((value) => value >= low - rounding && value <= high + rounding));
    });
});

describe('a checkpoint whose weights make no sense', () => {
  const spoilt = (tensors: OracleCase['tensors'], spoil: string, value: number) =>
    inMemory(tensors, (key, recipe) => {
      const values = numbers(key, recipe);
      if (key === spoil) values[values.length - 1] = value;
      return values;
    });

  for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
    it(`is refused: ${value}`, async () => {
      await assert.rejects(
        convertCheckpoint(spoilt(CYCLE.tensors, 'model.4.weight', value), { name: 'cat.pth' }),
        {
          code: 'model-corrupt',
          message: 'Expected finite weights in cat.pth but model.4.weight holds NaN or infinity',
        },
      );
    });

  it('is refused before anything is read: one set of weights named a thousand times', async () => {
    const block = [[1024, 1024, 3, 3], 0, 1] as const;
    const kernels = Array.from({ length: 30 }, (_, at) => `model.${10 + at}.conv_block`).flatMap((key) => [
      [`${key}.1.weight`, block] as const,
      [`${key}.5.weight`, block] as const,
    ]);
    const ends = {
      'model.1.weight': [[256, 3, 7, 7], 0, 1],
      'model.4.weight': [[512, 256, 3, 3], 0, 1],
      'model.7.weight': [[1024, 512, 3, 3], 0, 1],
      'model.40.weight': [[1024, 512, 3, 3], 0, 1],
      'model.43.weight': [[512, 256, 3, 3], 0, 1],
      'model.47.weight': [[3, 256, 7, 7], 0, 1],
      'model.47.bias': [[3], 0, 1],
    } as const;
    const tensors = { ...Object.fromEntries(kernels), ...ends };
    const untouched = inMemory(tensors, (key) => assert.fail(`${key} was read`));
    await assert.rejects(convertCheckpoint(untouched, { name: 'cat.pth' }), {
      code: 'model-unsupported',
      message: /^Expected a network of at most 268435456 weights in cat\.pth but it has 57\d{7}$/,
    });
  });

  it('is refused: a negative variance', async () => {
    await assert.rejects(convertCheckpoint(spoilt(BATCH.tensors, 'model.5.running_var', -1)), {
      code: 'model-corrupt',
      message: 'Expected variances for model.5.running_var but some are negative',
    });
  });
});
