// What importing a model with the library refuses, each without a trace.

import assert from 'node:assert/strict';
import { importModel } from '../../../shared/index.js';
import type { GanEntry } from '../../../shared/models/entry.js';
import type { ImportOptions } from '../../../shared/models/imports/import-model.js';
import { GraphBuilder } from '../../../shared/models/onnx/builder.js';
import { DATA_TYPE, type OnnxModel } from '../../../shared/models/onnx/file.js';
import { shrinkingGan, tinyGan } from '../../fixtures/tiny-gan.js';
import { torchFile } from '../../fixtures/torch-file.js';
import { cycleFile, ImportWorld, networkOf, SIGNED } from './world.js';

describe('importModel refuses', () => {
  let world: ImportWorld;
  beforeEach(() => {
    world = new ImportWorld();
  });
  afterEach(() => world.close());

  const take = (path: string, options: ImportOptions = {}) =>
    importModel(path, { store: world.store(), ...options }) as Promise<GanEntry>;
  const refused = async (
    content: OnnxModel | string,
    code: string,
    message: RegExp,
    options: ImportOptions = {},
  ) => {
    const path = world.file('bad.onnx', content);
    await assert.rejects(take(path, options), { code, message });
    assert.deepEqual(world.stored(), []);
  };
  const relu = (dims: readonly (number | string)[]) => networkOf((graph, x) => graph.op('Relu', [x]), dims);

  it('a network that returns another size', () =>
    refused(
      shrinkingGan(),
      'model-unsupported',
      /draws a picture of 64 x 64 px in .*bad\.onnx but it returns 1x3x32x32/,
    ));

  it('one that does not run', () =>
    refused(
      networkOf((graph, x) => graph.op('MatMul', [x, graph.weight([7, 7], new Float32Array(49))])),
      'model-unsupported',
      /draws a picture of 64 x 64 px in .*bad\.onnx but onnxruntime says: /,
    ));

  it('one that draws what is no number', () =>
    refused(
      networkOf((graph, x) => graph.op('Div', [x, graph.scalar(0)])),
      'model-unsupported',
      /but it returns what are no numbers/,
    ));

  it('one that onnxruntime does not know', () =>
    refused(
      networkOf((graph, x) => graph.op('NoSuchOp', [x])),
      'model-unsupported',
      /NoSuchOp/,
    ));

  it('one without a picture', () =>
    refused(relu([1, 10]), 'model-unsupported', /but it takes picture 1x10$/));

  it('one for pictures of one channel, or for four of them at once', async () => {
    await refused(relu([1, 1, 'h', 'w']), 'model-unsupported', /but it takes picture 1x1xhxw$/);
    await refused(relu([4, 3, 'h', 'w']), 'model-unsupported', /but it takes picture 4x3xhxw$/);
  });

  it('one with a second input', () => {
    const graph = new GraphBuilder('two');
    const dims = [1, 3, 'h', 'w'];
    graph.output('y', graph.op('Add', [graph.input('content', dims), graph.input('style', dims)]), dims);
    return refused(
      graph.model(),
      'model-unsupported',
      /one picture input .* but it takes content 1x3xhxw, style 1x3xhxw/,
    );
  });

  it('one with a second output', () => {
    const model = relu([1, 3, 'h', 'w']);
    model.graph.node.push({ opType: 'Identity', input: ['drawing'], output: ['mask'], attribute: [] });
    model.graph.output.push({ ...structuredClone(model.graph.output[0]), name: 'mask' });
    return refused(model, 'model-unsupported', /one picture output .* but it gives drawing .*, mask/);
  });

  it('one that takes bytes', () => {
    const model = relu([1, 3, 'h', 'w']);
    model.graph.input[0].type!.tensorType!.elemType = DATA_TYPE.uint8;
    return refused(model, 'model-unsupported', /but it takes picture uint8 1x3xhxw/);
  });

  it('one of a fixed size that is no square, or larger than any photo', async () => {
    await refused(relu([1, 3, 96, 128]), 'model-unsupported', /but it takes 128 x 96 only/);
    await refused(relu([1, 3, 99_999, 99_999]), 'model-unsupported', /but it takes 99999 x 99999 only/);
  });

  it('a layout that its shape contradicts', () =>
    refused(relu([1, 3, 'h', 'w']), 'options', /for --layout but received "nhwc"/, { layout: 'nhwc' }));

  it('weights that lie in another file', () => {
    const model = tinyGan({ io: SIGNED, kind: 'random' });
    Object.assign(model.graph.initializer[0], {
      dataLocation: 1,
      externalData: [{ key: 'location', value: 'bad.onnx.data' }],
    });
    return refused(model, 'model-unsupported', /its weights lie in bad\.onnx\.data/);
  });

  it('what is no model', () => refused('text', 'model-corrupt', /Expected an ONNX model/));

  it('a range without a middle, a layout and a scope that do not exist', async () => {
    const good = tinyGan({ io: SIGNED, kind: 'random' });
    await refused(good, 'options', /two numbers, black and white for --range/, { range: [1, -1] });
    await refused(good, 'options', /one of nchw, nhwc for --layout/, { layout: 'nchv' as 'nchw' });
    await refused(good, 'options', /one of photo, faces, portrait for --scope/, {
      scope: 'face' as 'faces',
    });
  });

  it('levels of black and white that no picture has', async () => {
    const good = tinyGan({ io: SIGNED, kind: 'random' });
    for (const range of [
      [0, 0],
      [0, 1e9],
      [Number.NaN, 1],
      [0, Number.POSITIVE_INFINITY],
    ])
      await refused(good, 'options', /two numbers, black and white for --range/, {
        range: [range[0], range[1]],
      });
  });

  it('a layout that the shape of its input contradicts', async () => {
    const path = world.gan();
    await assert.rejects(take(path, { layout: 'nhwc' }), {
      code: 'options',
      hint: 'Leave it out: the shape of the input says that the layout is nchw.',
    });
  });

  it('options of a wrong type or of no meaning, as JavaScript may give them', async () => {
    const path = world.gan();
    const wrong: [object, RegExp][] = [
      [{ licence: 5 }, /a text for licence but received 5 of type number/],
      [{ replace: 'yes' }, /true or false for replace/],
      [{ range: '0,1' }, /two numbers, black and white, for range/],
      [{ license: 'MIT' }, /a known option for importModel but received "license"/],
    ];
    for (const [options, message] of wrong)
      await assert.rejects(take(path, options as ImportOptions), { code: 'options', message });
    await assert.rejects(take(undefined as unknown as string), { code: 'options' });
    assert.deepEqual(world.stored(), []);
  });

  it('a file that is not there', async () => {
    for (const name of ['no.onnx', 'no.pt', 'no'])
      await assert.rejects(take(world.path(name)), { code: 'model-missing' });
    assert.deepEqual(world.stored(), []);
  });

  it('a checkpoint of a network that nigaoe does not know, with those that it knows', async () => {
    const tensors = new Map([['conv1.weight', { dims: [8, 3, 3, 3], data: new Float32Array(216) }]]);
    await assert.rejects(take(world.file('other.pt', torchFile(tensors))), {
      code: 'model-unsupported',
      message: /its tensors fit none of them: conv1\.weight/,
      hint: /^nigaoe knows: AnimeGANv2/,
    });
    assert.deepEqual(world.stored(), []);
  });

  it('a checkpoint that is cut short', async () => {
    const path = world.file('cut.pt', cycleFile().subarray(0, 400));
    await assert.rejects(take(path), { code: 'model-corrupt' });
    assert.deepEqual(world.stored(), []);
  });
});
