// Opening styles by id and by file, networks of every layout, and what is said where a file is no style.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NigaoeError } from '../../shared/errors.js';
import { ganGenerator } from '../../shared/generators/gan.js';
import { openGenerator } from '../../shared/generators/open.js';
import { paddedSize } from '../../shared/generators/pack.js';
import type { GeneratorIo } from '../../shared/models/entry.js';
import { GraphBuilder } from '../../shared/models/onnx/builder.js';
import { type OnnxModel, writeOnnx } from '../../shared/models/onnx/file.js';
import { openSession, type Session } from '../../shared/models/session.js';
import { type Tensor, tensor } from '../../shared/tensor.js';
import { rawFolder } from '../fixtures/checkpoint-files.js';
import { emptyStore } from '../fixtures/mirror.js';
import { psnr } from '../fixtures/photos.js';
import { EVERY_IO, shrinkingGan, TINY_SIDE, tinyGan } from '../fixtures/tiny-gan.js';
import { torchFile } from '../fixtures/torch-file.js';
import { cycleWeights } from '../models/imports/world.js';
import { picture } from './contract.js';

const open = (model: OnnxModel) => openSession(model, { name: 'tiny', device: 'cpu' });

describe('a network that hands its input through', () => {
  for (const io of EVERY_IO)
    it(`gives back the picture in ${io.layout}, ${io.channels}, ${io.range.join(' to ')}`, async () => {
      const session = await open(tinyGan({ io, kind: 'identity' }));
      const generator = ganGenerator(
        { id: 'same', io, side: { multipleOf: 16, minPx: 96, maxPx: 512 } },
        session,
      );
      const pixels = picture(67, 101);
      const { data } = await generator.generate(pixels);
      await generator.close();
      for (const [at, value] of data.entries()) assert.ok(Math.abs(value - pixels.data[at]) < 1e-5, `${at}`);
    });
});

describe('a network', () => {
  it('draws the same whatever layout it was built for', async () => {
    const drawings: Tensor[] = [];
    for (const io of EVERY_IO.filter(({ channels }) => channels === 'rgb')) {
      const session = await open(tinyGan({ io, kind: 'random' }));
      drawings.push(
        await ganGenerator({ id: 'x', io, side: TINY_SIDE.random }, session).generate(picture(64, 80)),
      );
      await session.close();
    }
    for (const { data } of drawings) assert.ok(psnr(data, drawings[0].data, 2) > 90);
  });

  it('sees what it was promised: 0 to 255, blue first, rows of pixels, the excess mirrored', async () => {
    const io: GeneratorIo = { layout: 'nhwc', channels: 'bgr', range: [0, 255] };
    const { session, seen } = spy();
    const generator = ganGenerator({ id: 'spy', io, side: { multipleOf: 6, minPx: 1, maxPx: 64 } }, session);
    // Red, green and white; three columns become six: mirrored about white and red, neither of them twice.
    const row = tensor([1, 3, 1, 3], Float32Array.of(1, -1, 1, -1, 1, 1, -1, -1, 1));
    await generator.generate(row);
    assert.deepEqual(seen[0].dims, [1, 6, 6, 3]);
    const [red, green, white] = [
      [0, 0, 255],
      [0, 255, 0],
      [255, 255, 255],
    ];
    const wanted = [red, green, white, green, red, green].flat();
    assert.deepEqual([...seen[0].data.subarray(0, 18)], wanted);
    assert.deepEqual([...seen[0].data.subarray(90)], wanted, 'and a single row goes on below');
  });

  it('has its excess clipped to -1..1', async () => {
    const graph = new GraphBuilder('loud');
    const x = graph.input('x', [1, 3, 'h', 'w']);
    graph.output('y', graph.op('Mul', [x, graph.scalar(5)]), [1, 3, 'h', 'w']);
    const session = await open(graph.model());
    const drawing = await ganGenerator(
      { id: 'loud', io: EVERY_IO[0], side: TINY_SIDE.identity },
      session,
    ).generate(picture(32, 32));
    await session.close();
    assert.ok(drawing.data.every((value) => value >= -1 && value <= 1) && drawing.data.includes(1));
  });

  it('that returns another size is reported as corrupt, with both shapes', async () => {
    const session = await open(shrinkingGan());
    const generator = ganGenerator({ id: 'half', io: EVERY_IO[0], side: TINY_SIDE.random }, session);
    await assert.rejects(generator.generate(picture(64, 48)), {
      code: 'model-corrupt',
      message: 'Expected a picture of shape 1x3x48x64 from half but received 1x3x24x32',
    });
    await generator.close();
  });
});

describe('paddedSize', () => {
  const pad = (width: number, height: number) =>
    paddedSize({ height, width }, { multipleOf: 32, minPx: 64, maxPx: 512 });

  it('rounds sides up to what the network takes, and leaves those that fit', () => {
    assert.deepEqual(pad(128, 160), { width: 128, height: 160 });
    assert.deepEqual(pad(129, 1), { width: 160, height: 64 });
  });
});

const STYLES = [
  ...['ink', 'hayao', 'shinkai', 'jp-face', 'portrait-sketch', 'tiny-cute'],
  ...['celeba-distill', 'face-paint-v1', 'face-paint-v2', 'paprika'],
];

describe('openGenerator', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'nigaoe-styles-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const options = { device: 'cpu', store: emptyStore() } as const;
  const file = (name: string, content: Uint8Array | string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  for (const io of EVERY_IO.filter(({ channels, range }) => channels === 'rgb' && range[0] === -1))
    it(`opens an ONNX file of layout ${io.layout} under the name of the file`, async () => {
      const path = file(`my-${io.layout}.ONNX`, writeOnnx(tinyGan({ io, kind: 'blocky' })));
      const style = await openGenerator(path, options);
      assert.deepEqual([style.id, style.device], [`my-${io.layout}`, 'cpu']);
      assert.deepEqual((await style.generate(picture(65, 70))).dims, [1, 3, 70, 65]);
      await style.close();
    });

  it('finds out between which values a network draws', async () => {
    const io = { layout: 'nchw', channels: 'rgb', range: [0, 255] } as const;
    const style = await openGenerator(
      file('bytes.onnx', writeOnnx(tinyGan({ io, kind: 'random' }))),
      options,
    );
    const session = await open(tinyGan({ io, kind: 'random' }));
    const told = ganGenerator({ id: 'told', io, side: style.side }, session);
    assert.deepEqual(await style.generate(picture(64, 64)), await told.generate(picture(64, 64)));
    for (const each of [style, told]) await each.close();
  });

  it('opens a checkpoint, and a folder of raw variables, of a network that it knows', async () => {
    const weights = cycleWeights();
    const path = file('horse.pt', torchFile(weights));
    rawFolder(join(folder, 'horse'), Object.fromEntries(weights));
    const drawings: Tensor[] = [];
    for (const named of [path, join(folder, 'horse')]) {
      const style = await openGenerator(named, options);
      assert.equal(style.id, 'horse');
      drawings.push(await style.generate(picture(64, 80)));
      await style.close();
    }
    assert.deepEqual(drawings[0], drawings[1]);
  });

  it('takes what has a separator for a path, and all else for an id', async () => {
    await assert.rejects(openGenerator('./ink', options), { code: 'model-missing' });
    await assert.rejects(openGenerator('horse', options), { code: 'model-unknown' });
  });

  it('fits smaller pictures into a network of one fixed size, and names the larger one that it refuses', async () => {
    const graph = new GraphBuilder('fixed');
    graph.output('y', graph.op('Identity', [graph.input('x', [1, 3, 96, 96])]), [1, 3, 96, 96]);
    const style = await openGenerator(file('fixed.onnx', writeOnnx(graph.model())), options);
    assert.deepEqual(style.side, { multipleOf: 96, minPx: 96, maxPx: 96 });
    assert.ok(psnr((await style.generate(picture(64, 50))).data, picture(64, 50).data, 2) > 90);
    await assert.rejects(style.generate(picture(128, 128)), {
      code: 'options',
      message: 'Expected a picture of at most 96 x 96 px for fixed but received "128 x 128"',
      hint: 'fixed draws at this size only: resize the picture, or cut out a part of it.',
    });
    await style.close();
  });

  it('refuses a network of one fixed size that is no square', async () => {
    const graph = new GraphBuilder('wide');
    graph.output('y', graph.op('Identity', [graph.input('x', [1, 3, 96, 128])]), [1, 3, 96, 128]);
    const path = file('wide.onnx', writeOnnx(graph.model()));
    await assert.rejects(openGenerator(path, options), {
      code: 'model-unsupported',
      message: `Expected a square picture input in ${path} but it takes 128 x 96 only`,
    });
  });

  it('says that a text file is no model', async () => {
    for (const text of ['This is not a model.\n', '']) {
      const path = file('text.onnx', text);
      await assert.rejects(openGenerator(path, options), {
        code: 'model-corrupt',
        message: `Expected an ONNX model in ${path} but its bytes are something else`,
        hint: /^Download or export the file again/,
      });
    }
  });

  it('says that a file is missing', async () => {
    const path = join(folder, 'nowhere.onnx');
    await assert.rejects(openGenerator(path, options), {
      code: 'model-missing',
      message: `Expected a model file at ${path} but there is none`,
    });
  });

  it('says that a model is no picture-to-picture network, with what it takes', async () => {
    const graph = new GraphBuilder('numbers');
    graph.output('y', graph.op('Relu', [graph.input('x', [1, 10])]), [1, 10]);
    const path = file('numbers.onnx', writeOnnx(graph.model()));
    await assert.rejects(openGenerator(path, options), {
      code: 'model-unsupported',
      message: `Expected one picture input (1x3xHxW or 1xHxWx3) in ${path} but it takes x 1x10`,
    });
  });

  it('says what onnxruntime refuses', async () => {
    const graph = new GraphBuilder('odd');
    graph.output('y', graph.op('NoSuchOp', [graph.input('x', [1, 3, 'h', 'w'])]), [1, 3, 'h', 'w']);
    const path = file('odd.onnx', writeOnnx(graph.model()));
    await assert.rejects(
      openGenerator(path, options),
      (error: unknown) =>
        error instanceof NigaoeError &&
        error.code === 'model-unsupported' &&
        error.message.includes('NoSuchOp'),
    );
  });

  it('suggests the style that a mistyped id meant', async () => {
    await assert.rejects(openGenerator('haiao', options), {
      code: 'model-unknown',
      message: 'Expected the id of a known style but received "haiao"',
      hint: 'Did you mean hayao?',
    });
  });

  it('refuses a device that does not exist instead of taking another', async () => {
    const device = 'cudda' as 'cuda';
    await assert.rejects(openGenerator('ink', { ...options, device }), {
      code: 'options',
      hint: 'Did you mean cuda?',
    });
  });

  it('does not take a face network for a style', async () => {
    await assert.rejects(openGenerator('yunet', options), { code: 'model-unknown' });
    await assert.rejects(openGenerator('something-else-entirely', options), {
      code: 'model-unknown',
      hint: `There are: ${STYLES.join(', ')}`,
    });
  });
});

/** A session that keeps what it is fed and hands it back. */
function spy(): { session: Session; seen: Tensor[] } {
  const seen: Tensor[] = [];
  const port = { name: 'x', dims: [1, 'h', 'w', 3], type: 'float32' };
  const session: Session = {
    device: 'cpu',
    deviceReason: 'cpu was asked for',
    inputs: [port],
    outputs: [port],
    run: async ({ x }) => {
      seen.push(x);
      return { x };
    },
    close: async () => undefined,
  };
  return { session, seen };
}
