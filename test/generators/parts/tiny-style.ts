// A style that measures its picture, wide enough that a photo takes several tiles.

import type { GeneratorIo, Side } from '../../../shared/models/entry.js';
import type { OnnxModel } from '../../../shared/models/onnx/file.js';
import { network } from '../../models/frozen/networks.js';

export const IO: GeneratorIo = { layout: 'nchw', channels: 'rgb', range: [-1, 1] };
export const SIDE: Side = { multipleOf: 4, minPx: 16, maxPx: 4096 };

const CHANNELS = 96;

/** A convolution of 3 x 3 at half the size, a norm of every channel, and back. */
export const tinyStyle = (): OnnxModel =>
  network((x, l) => {
    const small = l.conv(l.padded(x, 1), [8, 3, 3, 3], { strides: [2, 2] });
    const normed = l.op('Relu', [l.instanceNorm(small, 8)]);
    const scales = l.graph.weight([4], Float32Array.of(1, 1, 2, 2));
    const large = l.op('Resize', [normed, '', scales], { mode: 'nearest' });
    const wide = l.op('Relu', [l.instanceNorm(l.conv(large, [CHANNELS, 8, 1, 1]), CHANNELS)]);
    const drawn = l.conv(wide, [3, CHANNELS, 1, 1]);
    return l.op('Tanh', [l.op('Add', [l.op('Mul', [drawn, l.graph.scalar(0.3)]), x])]);
  });

/** A style that cannot be drawn in parts: it measures every row. */
export const rowStyle = (): OnnxModel =>
  network((x, l) => l.op('Tanh', [l.op('Sub', [l.conv3(x, 3, 3), l.reduce('ReduceMean', x, [3])])]));

/** A style that measures nothing. */
export const plainStyle = (): OnnxModel => network((x, l) => l.op('Tanh', [l.conv3(x, 3, 3)]));
