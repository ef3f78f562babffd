// TensorFlow.js's side of bench/train.ts: the same networks, batches and losses, one training step for each line on the input.
//
// Called as `node bench/train.tfjs.js NET BACKEND`, BACKEND wasm or cpu (plain JavaScript). Answers each line with the
// milliseconds of a step; `memory` with the process's peak memory in MB. Its wasm backend cannot train convolutions as it comes, as it
// lacks their gradient by the kernel: here that is put together from what it has, as a convolution over the batch.

import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';

const [net, backend] = process.argv.slice(2);

/** Its convolutions are of NHWC pictures by HWIO kernels: the gradient is one of CHWN pictures by the map's gradient as kernel. */
function registerKernelGradient() {
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs: { x, dy }, attrs: { strides, pad, filterShape } }) =>
      tf.tidy(() => {
        const [height, width] = filterShape;
        const [stride] = Array.isArray(strides) ? strides : [strides];
        const before = padding(pad, { x, dy, filterShape, stride });
        // As far as the kernel reaches from the first to the last place.
        const reach = [dy.shape[1], dy.shape[2]].map(
          (places, axis) => (places - 1) * stride + filterShape[axis],
        );
        const after = reach.map((end, axis) => end - x.shape[axis + 1] - before[axis]);
        const padded = tf.pad(x, [
          [0, 0],
          ...[0, 1].map((axis) => [before[axis], Math.max(0, after[axis])]),
          [0, 0],
        ]);
        const seen = tf.slice(padded, [0, 0, 0, 0], [x.shape[0], ...reach, x.shape[3]]);
        const kernel = tf.transpose(dy, [1, 2, 0, 3]);
        const gradient = tf.conv2d(tf.transpose(seen, [3, 1, 2, 0]), kernel, 1, 'valid', 'NHWC', stride);
        return tf.reshape(tf.transpose(gradient, [1, 2, 0, 3]), [height, width, ...filterShape.slice(2)]);
      }),
  });
}

function padding(pad, { x, dy, filterShape, stride }) {
  if (typeof pad === 'number') return [pad, pad];
  if (pad === 'valid') return [0, 0];
  return [0, 1].map((axis) => {
    const needed = (dy.shape[axis + 1] - 1) * stride + filterShape[axis] - x.shape[axis + 1];
    return Math.max(0, needed >> 1);
  });
}

/** The weights of a network, in the order in which it asks for them. */
class Weights {
  list = [];
  next = 0;
  take(dims) {
    if (this.next === this.list.length) this.list.push(tf.variable(tf.randomNormal(dims, 0, 0.02)));
    return this.list[this.next++];
  }
}

/** A network of its own weights: layers are functions of a tensor and those. */
function network(...layers) {
  const weights = new Weights();
  const run = (x) => {
    weights.next = 0;
    return layers.reduce((value, layer) => layer(value, weights), x);
  };
  return Object.assign(run, { weights });
}

const conv =
  (to, size, { stride = 1, pad = 'valid' } = {}) =>
  (x, weights) =>
    tf.add(tf.conv2d(x, weights.take([size, size, x.shape[3], to]), stride, pad), weights.take([to]));
const transposed = (to, size) => (x, weights) =>
  tf.add(
    tf.conv2dTranspose(
      x,
      weights.take([size, size, to, x.shape[3]]),
      [x.shape[0], x.shape[1] * 2, x.shape[2] * 2, to],
      2,
      'same',
    ),
    weights.take([to]),
  );
const dense = (to) => (x, weights) =>
  tf.add(tf.matMul(x, weights.take([x.shape[1], to])), weights.take([to]));
const relu = (x) => tf.relu(x);
const leaky = (slope) => (x) => tf.leakyRelu(x, slope);
const tanh = (x) => tf.tanh(x);
const pool = (x) => tf.maxPool(x, 2, 2, 'valid');
const flatten = (x) => tf.reshape(x, [x.shape[0], -1]);
const unflatten =
  (...dims) =>
  (x) =>
    tf.reshape(x, [x.shape[0], ...dims]);
function normalised(x, axes) {
  const { mean, variance } = tf.moments(x, axes, true);
  return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
}
const batchNorm = (x, weights) => {
  const channels = [x.shape.at(-1)];
  const value = normalised(
    x,
    x.shape.slice(1).map((_, axis) => axis),
  );
  return tf.add(tf.mul(value, weights.take(channels)), weights.take(channels));
};
const instanceNorm = (x) => normalised(x, [1, 2]);
// Its mirrorPad has no gradient.
const mirrored = (by) => (x) =>
  [1, 2].reduce((value, axis) => {
    const side = value.shape[axis];
    const line = (at) => {
      const [begin, size] = [value.shape.map(() => 0), [...value.shape]];
      begin[axis] = at;
      size[axis] = 1;
      return tf.slice(value, begin, size);
    };
    const before = Array.from({ length: by }, (_, at) => line(by - at));
    const after = Array.from({ length: by }, (_, at) => line(side - 2 - at));
    return tf.concat([...before, value, ...after], axis);
  }, x);
const block = (width) => (x, weights) => {
  const half = (value) => instanceNorm(conv(width, 3)(mirrored(1)(value), weights));
  return tf.add(x, half(relu(half(x))));
};

const NETS = {
  classifier() {
    const classify = network(
      ...[conv(32, 5, { pad: 'same' }), relu, pool, conv(64, 5, { pad: 'same' }), relu, pool],
      ...[flatten, dense(128), relu, dense(10)],
    );
    const adam = tf.train.adam(1e-3);
    const pictures = tf.randomUniform([64, 28, 28, 1], -1, 1);
    const labels = tf.oneHot(tf.range(0, 64).mod(10).toInt(), 10);
    tf.tidy(() => classify(pictures));
    return () => [adam.minimize(() => tf.losses.softmaxCrossEntropy(labels, classify(pictures)), true)];
  },
  dcgan() {
    const draw = network(
      ...[dense(1024), relu, batchNorm, dense(6272), relu, batchNorm, unflatten(7, 7, 128)],
      ...[transposed(64, 4), relu, batchNorm, transposed(1, 4), tanh],
    );
    const judge = network(
      ...[conv(32, 5), leaky(0.01), pool, conv(64, 5), leaky(0.01), pool],
      ...[flatten, dense(1024), leaky(0.01), dense(1)],
    );
    const [ofJudge, ofDraw] = [tf.train.adam(1e-3, 0.5), tf.train.adam(1e-3, 0.5)];
    const pictures = tf.randomUniform([128, 28, 28, 1], -1, 1);
    const verdict = (logits, wanted) =>
      tf.losses.sigmoidCrossEntropy(wanted ? tf.onesLike(logits) : tf.zerosLike(logits), logits);
    tf.tidy(() => judge(draw(tf.zeros([1, 96]))));
    return () => {
      const noise = tf.randomUniform([128, 96], -1, 1);
      const drawn = tf.keep(draw(noise));
      const losses = [
        ofJudge.minimize(
          () => tf.add(verdict(judge(pictures), true), verdict(judge(drawn), false)),
          true,
          judge.weights.list,
        ),
        ofDraw.minimize(() => verdict(judge(draw(noise)), true), true, draw.weights.list),
      ];
      drawn.dispose();
      return losses;
    };
  },
  cyclegan() {
    const down = (to) => [conv(to, 3, { stride: 2, pad: 1 }), instanceNorm, relu];
    const up = (to) => [transposed(to, 3), instanceNorm, relu];
    const generator = () =>
      network(
        ...[mirrored(3), conv(64, 7), instanceNorm, relu, ...down(128), ...down(256)],
        ...Array.from({ length: 6 }, () => block(256)),
        ...[...up(128), ...up(64), mirrored(3), conv(3, 7), tanh],
      );
    const stage = (to, stride) => [conv(to, 4, { stride, pad: 1 }), instanceNorm, leaky(0.2)];
    const discriminator = () =>
      network(
        ...[
          conv(64, 4, { stride: 2, pad: 1 }),
          leaky(0.2),
          ...stage(128, 2),
          ...stage(256, 2),
          ...stage(512, 1),
        ],
        conv(1, 4, { pad: 1 }),
      );
    const [drawA, drawB, judgeA, judgeB] = [generator(), generator(), discriminator(), discriminator()];
    const [ofDraw, ofJudge] = [tf.train.adam(2e-4, 0.5), tf.train.adam(2e-4, 0.5)];
    const [a, b] = [0, 1].map(() => tf.randomUniform([1, 128, 128, 3], -1, 1));
    const wants = (logits, wanted) => tf.mean(tf.square(tf.sub(logits, wanted)));
    const far = (x, y) => tf.mean(tf.abs(tf.sub(x, y)));
    tf.tidy(() => [judgeA(drawA(b)), judgeB(drawB(a))]);
    const all = (...networks) => networks.flatMap(({ weights }) => weights.list);
    return () => {
      let fakes = [];
      const generators = () => {
        const [fakeA, fakeB] = [drawA(b), drawB(a)];
        fakes = [tf.keep(fakeA), tf.keep(fakeB)];
        const fooled = tf.add(wants(judgeB(fakeB), 1), wants(judgeA(fakeA), 1));
        const cycle = tf.add(far(drawA(fakeB), a), far(drawB(fakeA), b));
        const identity = tf.add(far(drawA(a), a), far(drawB(b), b));
        return tf.addN([fooled, tf.mul(cycle, 10), tf.mul(identity, 5)]);
      };
      const losses = [ofDraw.minimize(generators, true, all(drawA, drawB))];
      const discriminators = () => {
        const sums = [
          [judgeA, a, fakes[0]],
          [judgeB, b, fakes[1]],
        ].map(([judge, real, fake]) => tf.add(wants(judge(real), 1), wants(judge(fake), 0)));
        return tf.mul(tf.addN(sums), 0.5);
      };
      losses.push(ofJudge.minimize(discriminators, true, all(judgeA, judgeB)));
      for (const fake of fakes) fake.dispose();
      return losses;
    };
  },
};

if (backend === 'wasm') registerKernelGradient();
await tf.setBackend(backend);
const step = NETS[net]();
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'memory') {
    console.log(process.resourceUsage().maxRSS / 1024);
    continue;
  }
  const startMs = performance.now();
  for (const loss of tf.tidy(step)) {
    await loss.data();
    loss.dispose();
  }
  console.log(performance.now() - startMs);
}
