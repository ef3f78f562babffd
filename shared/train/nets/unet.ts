// A small U-Net that tells the noise of noisy pictures, by what they are to show (Ho et al. 2020; Rombach et al. 2022,
// section 3.3).

import { expected } from '../../errors.js';
import * as a from '../arithmetic.js';
import {
  attention,
  chain,
  convolution,
  dense,
  embedding,
  gelu,
  groupNorm,
  type Layer,
  layerNorm,
  named,
  residual,
  resize,
  sequence,
  silu,
} from '../layers.js';
import type { Node } from '../ops.js';
import type { Weights } from '../weights.js';

/** Sizes of the network; the pictures' sides are multiples of 8. */
export interface UnetOptions {
  /** Channels of the pictures. */
  channels: number;
  /** What pictures may show. */
  classes: number;
  /** Channels after the first convolution; 2, 4 and 8 times as many at a half, a quarter and an eighth of the side. */
  width: number;
  /** Timesteps of the training. */
  timesteps: number;
}

/** Noisy pictures [N, C, H, W], timesteps [N] and labels [N] -> their noise [N, C, H, W]. */
export type Denoiser = (noisy: Node, timesteps: Node, labels: Node, weights: Weights) => Node;

const GROUPS = 8;
const HEADS = 4;
/** Places of a map that are all compared with each other. */
const MOST_SEEN = 144;
/** Words that stand for a label: attention chooses among them, place by place. */
const WORDS = 4;
/** What a map of features is told beside itself. */
interface Told {
  /** [N, D] */
  time: Node;
  /** [N, WORDS, D] */
  words: Node;
}
type Block = (to: number, told: Told) => Layer;

export const unet =
  ({ channels, classes, width, timesteps: count }: UnetOptions): Denoiser =>
  (noisy, timesteps, labels, weights) => {
    if (width % GROUPS !== 0) throw expected(`a multiple of ${GROUPS}`, '--width', width);
    const inner = 4 * width;
    const words = wordsOf(labels, { classes, width: inner }, weights.under('words'));
    const time = timeOf(timesteps, { count, width: inner }, weights.under('time'));
    // What is to be drawn is heard everywhere at once, and by attention place by place.
    const heard = dense(inner)(a.reshape(words, [words.dims[0], WORDS * inner]), weights.under('heard'));
    const told = { time: a.add(time, heard), words };
    const layer = (name: string | number, of: Layer, x: Node) => of(x, weights.under(name));
    const stem = layer('stem', conv3(width), noisy);
    const half = layer('down.0', chain(halved(2 * width), block(2 * width, told)), stem);
    const quarter = layer('down.1', chain(halved(4 * width), block(4 * width, told)), half);
    const eighth = layer('down.2', chain(halved(8 * width), block(8 * width, told)), quarter);
    const middle = layer('middle', chain(placed, block(8 * width, told)), eighth);
    const first = layer('up.0', block(4 * width, told), beside(middle, eighth));
    const second = layer('up.1', block(4 * width, told), beside(doubled(first), quarter));
    const third = layer('up.2', block(2 * width, told), beside(doubled(second), half));
    const whole = a.add(doubled(layer('up.3', convolution(width, { side: 1 }), third)), stem);
    const head = sequence(groupNorm(GROUPS), silu, conv3(width), silu, conv3(channels));
    return layer('head', head, whole);
  };

const conv3 = (to: number): Layer => convolution(to, { side: 3, padding: 'same' });
const halved = (to: number): Layer => named('halved', convolution(to, { side: 3, stride: 2, padding: 1 }));
const beside = (x: Node, skipped: Node): Node => a.concat([x, skipped], 1);

/** With numbers for each place: what lies in the middle of a picture is not what lies at its border. */
const placed: Layer = (x, weights) =>
  a.add(x, weights.learned('places', [1, ...x.dims.slice(1)], { normal: 0.02 }));

/** Each pixel four times. */
const doubled = (x: Node): Node => resize(x, [2 * x.dims[2], 2 * x.dims[3]]);

/** A residual block that is told the timestep, then a transformer block that attends to the label's words. */
const block: Block = (to, { time, words }) =>
  chain(named('conv', convolutions(to, time)), named('attention', transformer(to, words)));

/** Two convolutions, with the timestep added in between, beside their input. */
const convolutions =
  (to: number, time: Node): Layer =>
  (x, weights) => {
    const layer = (name: string, of: Layer, given: Node) => of(given, weights.under(name));
    const before = layer('conv1', conv3(to), silu(layer('norm1', groupNorm(GROUPS), x), weights));
    const shift = a.reshape(layer('time', dense(to), time), [time.dims[0], to, 1, 1]);
    const after = silu(layer('norm2', groupNorm(GROUPS), a.add(before, shift)), weights);
    const same = x.dims[1] === to ? x : layer('shortcut', convolution(to, { side: 1 }), x);
    return a.add(same, layer('conv2', conv3(to), after));
  };

/**
 * [N, C, H, W] by way of its places [N, H W, C]: attention to each other where they are few, to the words, then a map
 * of each place (Vaswani et al. 2017).
 */
const transformer =
  (width: number, words: Node): Layer =>
  (x, weights) => {
    const [count, channels, height, side] = x.dims;
    const places = a.transpose(a.reshape(x, [count, channels, height * side]), [0, 2, 1]);
    const sees = height * side <= MOST_SEEN;
    const blocks = chain(
      ...(sees ? [residual(chain(named('norm0', layerNorm), named('self', attention(width, HEADS))))] : []),
      residual(chain(named('norm1', layerNorm), named('cross', attention(width, HEADS, words)))),
      residual(
        chain(named('norm2', layerNorm), named('map', sequence(dense(2 * width), gelu, dense(width)))),
      ),
    );
    return a.reshape(a.transpose(blocks(places, weights), [0, 2, 1]), [count, channels, height, side]);
  };

/** Timesteps in sines and cosines of wavelengths up to 10,000 (Vaswani et al. 2017, section 3.5), then two maps: [N, width]. */
function timeOf(timesteps: Node, { count, width }: { count: number; width: number }, weights: Weights): Node {
  const half = width / 2;
  const table = Float32Array.from({ length: count * width }, (_, at) => {
    const [timestep, place] = [Math.floor(at / width), at % width];
    const angle = timestep * 10_000 ** (-(place % half) / half);
    return place < half ? Math.sin(angle) : Math.cos(angle);
  });
  const waves = a.gather(a.constant([count, width], table), timesteps);
  return chain(sequence(dense(width), silu, dense(width), silu))(waves, weights);
}

function wordsOf(
  labels: Node,
  { classes, width }: { classes: number; width: number },
  weights: Weights,
): Node {
  return a.reshape(embedding(classes, WORDS * width)(labels, weights), [labels.dims[0], WORDS, width]);
}
