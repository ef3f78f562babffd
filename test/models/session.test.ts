// Devices and sessions: what runs where, what is said when it cannot, and what a model makes of numbers.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { candidates, type RealDevice } from '../../shared/models/device.js';
import { GraphBuilder } from '../../shared/models/onnx/builder.js';
import { type OnnxModel, writeOnnx } from '../../shared/models/onnx/file.js';
import { openSession, probeDevice } from '../../shared/models/session.js';
import { tensor } from '../../shared/tensor.js';

/** A device that this platform cannot have. */
const ABSENT: RealDevice = process.platform === 'win32' ? 'coreml' : 'dml';

/** y = a - 2 b, over any number of columns. */
function difference(): OnnxModel {
  const graph = new GraphBuilder('difference');
  const [a, b] = ['a', 'b'].map((name) => graph.input(name, [2, 'columns']));
  graph.output('y', graph.op('Sub', [a, graph.op('Mul', [b, graph.scalar(2)])]), [2, 'columns']);
  return graph.model();
}

describe('the devices to try', () => {
  it('end with the CPU, unless one is required', () => {
    assert.deepEqual(candidates('cpu'), ['cpu']);
    assert.deepEqual(candidates('cuda'), ['cuda', 'cpu']);
    assert.deepEqual(candidates('cuda', true), ['cuda']);
    assert.equal(candidates('auto').at(-1), 'cpu');
  });
});

describe('probing a device', () => {
  it('finds that the CPU works, and how long that took', async () => {
    const { device, works, reason, probeMs } = await probeDevice('cpu');
    assert.deepEqual([device, works, reason], ['cpu', true, undefined]);
    assert.ok(probeMs > 0);
  });

  it('says in one line why an absent device does not work', async () => {
    const { works, reason } = await probeDevice(ABSENT);
    assert.equal(works, false);
    assert.match(reason ?? '', /^\S.*\S$/);
  });

  it('is done once in the life of the process', async () => {
    assert.equal(await probeDevice('cpu'), await probeDevice('cpu'));
  });
});

describe('a session', () => {
  it('names its ports with their sizes and types, computes, and says where it ran', async () => {
    const session = await openSession(difference(), { name: 'difference', device: 'cpu' });
    assert.equal(session.device, 'cpu');
    assert.deepEqual(session.inputs, [
      { name: 'a', dims: [2, 'columns'], type: 'float32' },
      { name: 'b', dims: [2, 'columns'], type: 'float32' },
    ]);
    assert.deepEqual(session.outputs, [{ name: 'y', dims: [2, 'columns'], type: 'float32' }]);
    for (const columns of [1, 3]) {
      const a = tensor([2, columns]);
      const b = tensor([2, columns]);
      a.data.fill(10);
      b.data.fill(3);
      const { y } = await session.run({ a, b });
      assert.deepEqual([y.dims, [...y.data]], [[2, columns], new Array<number>(2 * columns).fill(4)]);
    }
    await session.close();
  });

  it('on an absent device falls back to the CPU and says why', async () => {
    const session = await openSession(difference(), { name: 'difference', device: ABSENT });
    await session.close();
    assert.equal(session.device, 'cpu');
    assert.match(
      session.deviceReason,
      new RegExp(`^cpu is the first that works for ${ABSENT}; ${ABSENT}: .+`),
    );
  });

  it('says that the device is the one that was asked for', async () => {
    const session = await openSession(difference(), { name: 'difference', device: 'cpu' });
    await session.close();
    assert.equal(session.deviceReason, 'cpu was asked for');
  });

  it('may be closed twice, and refuses to run afterwards', async () => {
    const session = await openSession(difference(), { name: 'difference', device: 'cpu' });
    await session.close();
    await session.close();
    await assert.rejects(session.run({}), { code: 'internal', message: 'internal: difference is closed' });
  });

  it('feeds and reads ports of whole numbers and halves by conversion', async () => {
    for (const [type, dataType] of Object.entries({ int64: 7, int32: 6, float16: 10 })) {
      const graph = new GraphBuilder('typed');
      graph.output('y', graph.op('Identity', [graph.input('x', [3])]), [3]);
      const model = graph.model();
      for (const port of [...model.graph.input, ...model.graph.output])
        (port.type as { tensorType: { elemType: number } }).tensorType.elemType = dataType;
      const folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-session-'));
      try {
        const file = path.join(folder, 'model.onnx');
        await writeFile(file, writeOnnx(model));
        const session = await openSession({ path: file }, { name: 'typed', device: 'cpu' });
        const { y } = await session.run({ x: tensor([3], Float32Array.of(1, -2, 49407)) });
        await session.close();
        assert.deepEqual([...y.data], [1, -2, type === 'float16' ? 49408 : 49407], type);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }
  });

  it('on an absent device that is required fails with exit code 7', async () => {
    await assert.rejects(openSession(difference(), { name: 'x', device: ABSENT, requireDevice: true }), {
      code: 'device-absent',
      exitCode: 7,
      message: new RegExp(`^Expected device ${ABSENT} to work but it does not \\(${ABSENT}: .+\\)$`),
      hint: 'See `nigaoe doctor`, or leave --require-device out to fall back to the CPU.',
    });
  });

  it('of a model that onnxruntime refuses fails with its name and reason', async () => {
    const graph = new GraphBuilder('broken');
    graph.output('y', graph.op('Conv', [graph.input('x', [1, 3, 8, 8]), 'nowhere']), [1, 3, 8, 8]);
    await assert.rejects(openSession(graph.model(), { name: 'broken.onnx', device: 'cpu' }), {
      code: 'model-corrupt',
      exitCode: 5,
      message: /^Expected a model that onnxruntime can run in broken\.onnx but it says: \S[^\n]+$/,
    });
  });
});
