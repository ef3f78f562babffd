// Forms of windows, borders and sizes.

import { type AttributeValue, float } from '../../../../shared/models/onnx/builder.js';
import { ATTRIBUTE_TYPE } from '../../../../shared/models/onnx/file.js';
import { type Form, type Forms, floats, ints, NOTHING } from '../form.js';

const bordered = (mode: string): Record<string, Form> => ({
  [`by ${mode}`]: { of: '1x2x4x5', and: [ints(0, 0, 1, 2, 0, 0, 3, 1)], attributes: { mode } },
  [`by ${mode}, negative too`]: {
    ...{ of: '1x2x4x5', attributes: { mode } },
    and: [ints(0, 0, -1, 2, 0, 0, 2, -2)],
  },
});

const pooled: Record<string, Form> = {
  'side by side': { of: '2x3x6x4', attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
  'that overlap beyond the border': {
    of: '1x2x5x6',
    attributes: { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 1] },
  },
  'that reach beyond the end': {
    of: '1x2x6x7',
    attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
  },
  'that reach beyond a border': {
    of: '1x2x6x7',
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 },
  },
  'of which the last would begin in the border': {
    of: '1x1x4x5',
    attributes: { kernel_shape: [2, 2], strides: [3, 3], pads: [1, 1, 1, 1], ceil_mode: 1 },
  },
  'that keep the size': { of: '1x2x5x6', attributes: { kernel_shape: [2, 3], auto_pad: 'SAME_UPPER' } },
  'that keep the size, more at the front': {
    of: '1x2x5x6',
    attributes: { kernel_shape: [2, 3], auto_pad: 'SAME_LOWER', strides: [2, 2] },
  },
};

/** A picture of 1 x 2 x 4 x 5, larger, smaller and as it was. */
const SIZES: Readonly<Record<string, Form>> = {
  larger: { of: '1x2x4x5', and: [NOTHING, floats(1, 1, 2, 2)] },
  'larger by halves': { of: '1x2x4x6', and: [NOTHING, floats(1, 1, 1.5, 2.5)] },
  smaller: { of: '1x2x8x6', and: [NOTHING, floats(1, 1, 0.5, 0.5)] },
  'of this size': { of: '1x2x4x5', and: [NOTHING, NOTHING, ints(1, 2, 7, 3)] },
};
const resized = (title: string, attributes: Record<string, AttributeValue>, more: Form = {}) =>
  Object.fromEntries(
    Object.entries(SIZES).map(([size, form]): [string, Form] => [
      `${title}: ${size}`,
      { ...form, ...more, attributes },
    ]),
  );
const MODES = ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'];
const KERNELS = ['linear', 'cubic'];
const ROUNDINGS = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'];

export const WINDOWS_FORMS: Forms = {
  Pad: {
    'with zeros': { of: '2x3', and: [ints(1, 0, 0, 2)] },
    'with a number': { of: '2x3', and: [ints(1, 0, 0, 2), 1.5] },
    'with endless numbers': { of: '2x3', and: [ints(1, 0, 0, 2), -Infinity] },
    'with a number beyond all': { of: '2x3', and: [ints(1, 0, 0, 2), -3e38] },
    'that cuts': { of: '4x5', and: [ints(-1, 2, 0, -2), 0.5] },
    'of some axes': { of: '2x3x4', and: [ints(1, 2, 0, 1), 0.5, ints(-1, 0)] },
    'of nothing': { of: '2x3', and: [ints(0, 0, 0, 0), 0.5] },
    'of opset 10, by attributes': {
      of: '2x3',
      opset: 10,
      attributes: { pads: [1, 0, 0, 2], value: float(0.5) },
    },
    ...bordered('reflect'),
    ...bordered('edge'),
    'by wrap': {
      of: '1x2x4x5',
      opset: 19,
      and: [ints(0, 0, 1, 2, 0, 0, 3, 1)],
      attributes: { mode: 'wrap' },
    },
    'by reflect along other axes than the last': {
      of: '3x4x2',
      and: [ints(2, 1, 1, 0), NOTHING, ints(0, 1)],
      attributes: { mode: 'reflect' },
    },
    'of opset 10 by reflect': {
      ...{ of: '1x2x4x5', opset: 10 },
      attributes: { mode: 'reflect', pads: [0, 0, 1, 1, 0, 0, 1, 1] },
    },
  },
  MaxPool: pooled,
  AveragePool: {
    ...pooled,
    'with borders that count': {
      of: '1x2x5x6',
      attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 },
    },
    'with borders that count, but not what lies beyond them': {
      ...{ of: '1x2x6x7', opset: 19 },
      attributes: {
        ...{ kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
        ...{ count_include_pad: 1, ceil_mode: 1 },
      },
    },
    'with dilations': {
      ...{ of: '1x2x7x8', opset: 19 },
      attributes: { kernel_shape: [2, 3], dilations: [3, 2], pads: [1, 1, 1, 1] },
    },
    'with dilations, beyond the end': {
      ...{ of: '1x2x8x8', opset: 19 },
      attributes: { kernel_shape: [2, 3], dilations: [3, 2], strides: [3, 3], ceil_mode: 1 },
    },
  },
  Resize: {
    ...Object.assign(
      {},
      ...KERNELS.flatMap((mode) =>
        MODES.map((coordinates) =>
          resized(`${mode}, ${coordinates}`, { mode, coordinate_transformation_mode: coordinates }),
        ),
      ),
      ...ROUNDINGS.flatMap((nearest_mode) =>
        MODES.map((coordinates) =>
          resized(`nearest, ${coordinates}, ${nearest_mode}`, {
            nearest_mode,
            coordinate_transformation_mode: coordinates,
          }),
        ),
      ),
      ...['linear', 'cubic', 'nearest'].map((mode) =>
        resized(
          `${mode}, half_pixel_symmetric`,
          { mode, coordinate_transformation_mode: 'half_pixel_symmetric' },
          { opset: 19 },
        ),
      ),
      ...['linear', 'nearest'].map((mode) => resized(mode, { mode })),
    ),
    'cubic, with its coefficient': {
      ...SIZES.larger,
      attributes: { mode: 'cubic', cubic_coeff_a: float(-0.5) },
    },
    'cubic, of what is inside': { ...SIZES.larger, attributes: { mode: 'cubic', exclude_outside: 1 } },
    'of some axes': {
      of: '1x2x4x5',
      and: [NOTHING, floats(2, 1.5)],
      attributes: { axes: [-2, 3], mode: 'linear' },
    },
    'by a scale that is not exact': { of: '1x1x10x10', and: [NOTHING, floats(1, 1, 0.7, 1.7)] },
    'linear, by a scale that is not exact': {
      ...{ of: '1x1x10x10', and: [NOTHING, floats(1, 1, 0.7, 1.7)] },
      attributes: { mode: 'linear' },
    },
    'nearest of neural networks': {
      ...{ ...SIZES['larger by halves'], opset: 11, and: [floats(), floats(1, 1, 1.5, 2.5)] },
      attributes: { coordinate_transformation_mode: 'tf_half_pixel_for_nn' },
    },
    'of opset 11, with an empty region': {
      ...{ of: '1x2x4x5', opset: 11, and: [floats(), floats(1, 1, 2, 2)] },
      attributes: { mode: 'linear', coordinate_transformation_mode: 'pytorch_half_pixel' },
    },
    'of opset 11, of a size, with empty scales': {
      ...{ of: '1x2x4x5', opset: 11, and: [floats(), floats(), ints(1, 2, 8, 3)] },
    },
    'of opset 13, of a size as exporters write it': {
      of: '1x2x4x5',
      opset: 13,
      make(graph, [x]) {
        const shape = graph.op('Shape', [x]);
        const kept = graph.op('Slice', [shape, graph.ints([0]), graph.ints([2]), graph.ints([0])]);
        const sizes = graph.op('Concat', [kept, graph.ints([8, 10])], { axis: 0 });
        return graph.op('Resize', [x, '', '', sizes], {
          ...{ mode: 'nearest', nearest_mode: 'floor' },
          coordinate_transformation_mode: 'asymmetric',
        });
      },
    },
    'of opset 10': { of: '1x2x4x5', opset: 10, and: [floats(1, 1, 2, 2)] },
    'of opset 10, smaller': { of: '1x2x7x6', opset: 10, and: [floats(1, 1, 0.4, 0.5)] },
    'of opset 10, linear': {
      ...{ of: '1x2x4x5', opset: 10, and: [floats(1, 1, 2, 1.5)] },
      attributes: { mode: 'linear' },
    },
  },
  Upsample: {
    'of opset 9': { of: '1x2x4x5', opset: 9, and: [floats(1, 1, 2, 3)] },
    'of opset 9, linear': {
      ...{ of: '1x2x4x5', opset: 9, and: [floats(1, 1, 2, 3)] },
      attributes: { mode: 'linear' },
    },
    'of opset 8, by an attribute': {
      of: '1x2x4x5',
      opset: 8,
      others: [{ name: 'scales', type: ATTRIBUTE_TYPE.floats, floats: [1, 1, 2, 3] }],
    },
  },
};
