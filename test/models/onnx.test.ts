// ONNX files as plain data: nothing is lost on the way through, float16 is exact, and garbage is named as such.

import assert from 'node:assert/strict';
import '../../shared/models/telemetry.js';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readEmbedded } from '../../shared/models/embedded/read.js';
import { float, GraphBuilder } from '../../shared/models/onnx/builder.js';
import {
  attributeOf,
  DATA_TYPE,
  graphsOf,
  type Node,
  type OnnxModel,
  readOnnx,
  writeOnnx,
} from '../../shared/models/onnx/file.js';
import { castFloat16Ports, hasFloat16, widenToFloat32 } from '../../shared/models/onnx/float32.js';
import { readOutline } from '../../shared/models/onnx/outline.js';
import { MODEL_CODEC } from '../../shared/models/onnx/schema.js';
import { float16ToFloat32, floatsOf, intTensor } from '../../shared/models/onnx/tensor-proto.js';
import { openSession } from '../../shared/models/session.js';
import { tensor } from '../../shared/tensor.js';
import { halfBits, halfValue, roundToFloat16, toFloat16 } from '../fixtures/half.js';
import { MIRROR, titled } from '../fixtures/mirror.js';
import { psnr } from '../fixtures/photos.js';
import { EVERY_IO, random, tinyGan } from '../fixtures/tiny-gan.js';

/** A graph with every kind of attribute that the builder writes. */
function sampler(): OnnxModel {
  const graph = new GraphBuilder('sampler');
  const x = graph.input('x', [1, 'channels', 'height', 8]);
  const leaky = graph.op('LeakyRelu', [x], { alpha: float(1) });
  const pooled = graph.op('MaxPool', [leaky], { kernel_shape: [2, 2], auto_pad: 'SAME_UPPER', ceil_mode: 1 });
  graph.output('y', pooled, [1, 'channels', 'rows', 7]);
  return graph.model({ licence: 'MIT' });
}

describe('writing and reading an ONNX file', () => {
  it('gives the same model back', () => {
    const model = sampler();
    assert.deepEqual(plain(readOnnx(writeOnnx(model))), plain(model));
  });

  it('keeps embedded models byte for byte', () => {
    for (const id of ['embedded-detector', 'embedded-landmarks']) {
      const once = readEmbedded(id);
      assert.deepEqual(Buffer.from(writeOnnx(readOnnx(once))), once);
      assert.deepEqual(readOnnx(once).metadataProps[0], { key: 'licence', value: 'MIT' });
    }
  });

  it('keeps the extreme int64 values, in attributes and in tensors', () => {
    const graph = new GraphBuilder('extremes');
    const x = graph.input('x', [4]);
    const inputs = [x, ...[[1], [2 ** 63], [0], [1]].map((values) => graph.ints(values))];
    graph.output('y', graph.op('Slice', inputs, { odd: [2 ** 63, -(2 ** 63), -1, 2 ** 53 - 1] }), [3]);
    const bytes = writeOnnx(readOnnx(writeOnnx(graph.model())));
    const text = JSON.stringify(MODEL_CODEC.toObject(MODEL_CODEC.decode(bytes), { longs: String }));
    for (const extreme of ['9223372036854775807', '-9223372036854775808', '"-1"', '9007199254740991'])
      assert.ok(text.includes(extreme), extreme);
    const [ends] = new BigInt64Array(Uint8Array.from(intTensor([1], [2 ** 63]).rawData ?? []).buffer);
    assert.equal(ends, 2n ** 63n - 1n);
  });

  it('does not copy the weights: they stay views into the file', () => {
    const bytes = readEmbedded('embedded-detector');
    const { rawData } = readOnnx(bytes).graph.initializer[0];
    assert.equal(rawData?.buffer, bytes.buffer);
  });

  for (const [what, bytes] of [
    ['text', Buffer.from('Hello, I am a model. Really!')],
    ['nothing', new Uint8Array()],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
  ] as [string, Uint8Array][])
    it(`names ${what} as no ONNX model`, () => {
      assert.throws(() => readOnnx(bytes, 'cat.onnx'), {
        code: 'model-corrupt',
        exitCode: 5,
        message: 'Expected an ONNX model in cat.onnx but its bytes are something else',
      });
    });
});

describe('the outline of an ONNX file', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'nigaoe-outline-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const outlineOf = (bytes: Uint8Array) => {
    writeFileSync(join(folder, 'x.onnx'), bytes);
    return readOutline(join(folder, 'x.onnx'));
  };

  it('is the same model without the numbers of its weights', async () => {
    const bytes = readEmbedded('embedded-detector');
    const outline = await outlineOf(bytes);
    const whole = readOnnx(bytes);
    for (const weight of whole.graph.initializer) weight.rawData = Buffer.alloc(1);
    assert.deepEqual(outline, whole);
  });

  it('leaves out numbers that lie one by one, and keeps weights of any size apart', async () => {
    const graph = new GraphBuilder('large');
    const large = graph.weight([300, 300], new Float32Array(90_000).fill(1), 'large');
    graph.output('y', graph.op('MatMul', [graph.input('x', [1, 300]), large]), [1, 300]);
    const model = graph.model();
    model.graph.initializer.push({ name: 'listed', dims: [3], dataType: 1, floatData: [1, 2, 3] });
    const { initializer, node } = (await outlineOf(writeOnnx(model))).graph;
    assert.deepEqual(
      initializer.map(({ name, dims, rawData, floatData }) => [
        name,
        dims,
        rawData?.length,
        floatData?.length,
      ]),
      [
        ['large', [300, 300], 1, 0],
        ['listed', [3], undefined, 0],
      ],
    );
    assert.equal(node.length, 2);
  });

  it('is none of other bytes', async () => {
    for (const text of ['', 'hello, this is no model', '\x08\x08\x3a\xff\xff\x03abc'])
      await assert.rejects(outlineOf(Buffer.from(text, 'latin1')), { code: 'model-corrupt' });
  });
});

describe('an ONNX file that was cut', () => {
  it('is named as one', () => {
    assert.throws(() => readOnnx(writeOnnx(sampler()).subarray(0, 40), 'cat.onnx'), {
      code: 'model-corrupt',
      message: 'Expected an ONNX model in cat.onnx but it ends in the middle',
      hint: /^Download or export the file again/,
    });
  });
});

describe(titled('the models of the mirror', MIRROR), () => {
  const files = MIRROR ? readdirSync(MIRROR, { recursive: true, encoding: 'utf8' }) : [];
  const models = files.filter((file) => file.endsWith('.onnx'));

  it('are there', function () {
    if (!MIRROR) return this.skip();
    assert.ok(models.length >= 5);
  });

  for (const file of models)
    it(`${file} means the same after reading and writing`, () => {
      const bytes = readFileSync(join(MIRROR as string, file));
      const again = writeOnnx(readOnnx(bytes));
      // The whole message, with the fields that OnnxModel does not name.
      const meaning = (encoded: Uint8Array) =>
        MODEL_CODEC.toObject(MODEL_CODEC.decode(encoded), { longs: String, arrays: true, bytes: String });
      assert.deepEqual(meaning(again), meaning(bytes));
      assert.ok(again.length > 0.95 * bytes.length, `${again.length} of ${bytes.length} bytes are left`);
    });
});

describe('GraphBuilder', () => {
  it('writes equal constants once', () => {
    const graph = new GraphBuilder('shared');
    assert.equal(graph.scalar(0.5), graph.scalar(0.5));
    assert.equal(graph.ints([1, 2]), graph.ints([1, 2]));
    assert.notEqual(graph.scalar(0.5), graph.scalar(-0.5));
    assert.notEqual(graph.ints([1, 2]), graph.ints([12]));
    assert.equal(graph.model().graph.initializer.length, 4);
  });

  it('gives every value a name of its own', () => {
    const { graph } = tinyGan({ io: EVERY_IO[0], kind: 'blocky' });
    const names = [
      ...graph.node.flatMap(({ output }) => output),
      ...graph.initializer.map(({ name }) => name),
    ];
    assert.equal(new Set(names).size, names.length);
  });

  it('tells floats from whole numbers, as ONNX does', () => {
    const [leaky, pool] = sampler().graph.node;
    assert.deepEqual(attributeOf(leaky, 'alpha'), { name: 'alpha', type: 1, f: 1 });
    assert.deepEqual(attributeOf(pool, 'ceil_mode'), { name: 'ceil_mode', type: 2, i: 1 });
    assert.deepEqual(attributeOf(pool, 'kernel_shape'), { name: 'kernel_shape', type: 7, ints: [2, 2] });
    assert.equal(attributeOf(pool, 'auto_pad')?.type, 3);
    assert.equal(attributeOf(pool, 'nothing'), undefined);
  });
});

describe('graphsOf', () => {
  it('finds the graphs inside nodes, outermost first', () => {
    const graph = (name: string, node: Node[] = []) => ({
      name,
      node,
      initializer: [],
      input: [],
      output: [],
      valueInfo: [],
    });
    const holding = (inner: ReturnType<typeof graph>): Node => ({
      opType: 'If',
      input: [],
      output: [],
      attribute: [{ name: 'then_branch', type: 5, g: inner }],
    });
    const outer = graph('outer', [holding(graph('middle', [holding(graph('inner'))]))]);
    assert.deepEqual(
      [...graphsOf(outer)].map(({ name }) => name),
      ['outer', 'middle', 'inner'],
    );
  });
});

describe('float16', () => {
  it('is decoded exactly, all 65,536 patterns', () => {
    const decoded = float16ToFloat32(Uint16Array.from({ length: 65536 }, (_, bits) => bits));
    for (const [bits, value] of decoded.entries())
      if (!Object.is(value, halfValue(bits)))
        assert.fail(`0x${bits.toString(16)}: ${value}, not ${halfValue(bits)}`);
    const known: [number, number][] = [
      [0x3c00, 1],
      [0xc000, -2],
      [0x7bff, 65504],
      [0x0001, 2 ** -24],
      [0x0400, 2 ** -14],
      [0x3555, 0.333251953125],
      [0x8000, -0],
      [0xfc00, Number.NEGATIVE_INFINITY],
    ];
    for (const [bits, value] of known)
      assert.ok(Object.is(decoded[bits], value), `${decoded[bits]} for ${value}`);
  });

  it('of the tests themselves is undone by its own encoder', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = halfValue(bits);
      if (!Number.isNaN(value)) assert.equal(halfBits(value), bits);
    }
  });

  it('weights are read from raw bytes at any place in the file, and from int32 data', () => {
    const file = Uint8Array.of(9, 0x00, 0x3c, 0x00, 0xc0);
    const half = { dims: [2], dataType: DATA_TYPE.float16 };
    assert.deepEqual([...floatsOf({ ...half, rawData: file.subarray(1) })], [1, -2]);
    assert.deepEqual([...floatsOf({ ...half, int32Data: [0x3c00, 0xc000] })], [1, -2]);
    assert.throws(() => floatsOf({ dims: [1], dataType: DATA_TYPE.int64 }), /not a float tensor/);
  });
});

describe('a float16 model', () => {
  it('is told from a float32 one by its ports, weights or casts', () => {
    const tiny = () => tinyGan({ io: EVERY_IO[0], kind: 'random' });
    assert.equal(hasFloat16(tiny()), false);
    assert.equal(hasFloat16(toFloat16(tiny())), true);
    assert.equal(hasFloat16(inside()), true);
  });

  for (const io of [EVERY_IO[0], EVERY_IO[8]])
    it(`widened to float32 draws what its float32 twin draws (${io.layout})`, async () => {
      const wide = tinyGan({ io, kind: 'random' });
      roundToFloat16(wide);
      const half = readOnnx(writeOnnx(toFloat16(tinyGan({ io, kind: 'random' }))));
      widenToFloat32(half);
      assert.equal(hasFloat16(half), false);
      const [from32, from16] = await Promise.all([wide, half].map(drawWith(io.layout === 'nhwc')));
      assert.ok(psnr(from16, from32, 2) > 90);
      assert.ok(Math.max(...from32) > Math.min(...from32) + 0.1, 'it draws something');
    });

  for (const io of EVERY_IO.slice(0, 2))
    it(`${io.layout} keeps its inside and draws the same behind float32 ports`, async () => {
      const half = () => readOnnx(writeOnnx(toFloat16(tinyGan({ io, kind: 'random' }))));
      const [ported, wide] = [half(), half()];
      castFloat16Ports(ported);
      widenToFloat32(wide);
      assert.equal(hasFloat16(ported), true);
      const ports = [...ported.graph.input, ...ported.graph.output];
      assert.ok(ports.every(({ type }) => type?.tensorType?.elemType === DATA_TYPE.float32));
      // As bytes and as a model: opening on the CPU widens whatever is left inside, so this runs it as it is.
      const draw = (model: OnnxModel) => runAsItIs(writeOnnx(model), io.layout === 'nhwc');
      assert.ok(psnr(await draw(ported), await draw(wide), 2) > 50);
    });

  it('with float32 ports and casts inside runs, and widening changes little', async () => {
    const [session, wide] = [await openSession(inside(), { name: 'casts', device: 'cpu' }), inside()];
    const { y } = await session.run({ x: tensor([3], Float32Array.of(1, 2, 3)) });
    await session.close();
    widenToFloat32(wide);
    const casts = wide.graph.node.filter(({ opType }) => opType === 'Cast');
    assert.deepEqual(
      casts.map((node) => attributeOf(node, 'to')?.i),
      [DATA_TYPE.float32, DATA_TYPE.float32],
    );
    assert.deepEqual([...y.data], [0.5, 1, 1.5]);
  });
});

/** float32 in, Cast to float16, times a float16 weight, Cast back. */
function inside(): OnnxModel {
  const graph = new GraphBuilder('casts');
  const x = graph.op('Cast', [graph.input('x', [3])], { to: DATA_TYPE.float16 });
  const half = graph.weight([1], Float32Array.of(0.5), 'half');
  graph.output('y', graph.op('Cast', [graph.op('Mul', [x, half])], { to: DATA_TYPE.float32 }), [3]);
  const model = graph.model();
  model.graph.initializer = [
    { name: 'half', dims: [1], dataType: DATA_TYPE.float16, rawData: Uint8Array.of(0x00, 0x38) },
  ];
  return model;
}

/** Runs a model in onnxruntime without nigaoe's own session, which would widen it. */
async function runAsItIs(bytes: Uint8Array, isNhwc: boolean): Promise<Float32Array> {
  const session = await InferenceSession.create(bytes, { executionProviders: ['cpu'], logSeverityLevel: 3 });
  const next = random(3);
  const data = Float32Array.from({ length: 3 * 32 * 32 }, () => 2 * next() - 1);
  const picture = new Tensor('float32', data, isNhwc ? [1, 32, 32, 3] : [1, 3, 32, 32]);
  const results = await session.run({ [session.inputNames[0]]: picture });
  await session.release();
  return results[session.outputNames[0]].data as Float32Array;
}

const drawWith = (isNhwc: boolean) => async (model: OnnxModel) => {
  const session = await openSession(model, { name: 'tiny', device: 'cpu' });
  const next = random(3);
  const pixels = tensor(isNhwc ? [1, 24, 20, 3] : [1, 3, 24, 20]);
  const { drawing } = await session.run({ picture: { ...pixels, data: pixels.data.map(() => 2 * next()) } });
  await session.close();
  return drawing.data;
};

/** Without what protobuf leaves out when it is empty, so that a model compares with its copy. */
function plain(model: OnnxModel): unknown {
  return JSON.parse(
    JSON.stringify(model, (_, value: unknown) => {
      if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
      return (Array.isArray(value) && value.length === 0) || value === '' ? undefined : value;
    }),
  );
}
