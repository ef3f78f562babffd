// Forms of linear maps.

import { float } from '../../../../shared/models/onnx/builder.js';
import { type Forms, floats } from '../form.js';

const BIAS = floats(0.5, -1, 2, 0.25);

export const PRODUCTS_FORMS: Forms = {
  Conv: {
    plain: { of: '2x3x5x6 4x3x3x2' },
    'with a bias': { of: '2x3x5x6 4x3x3x2', and: [BIAS] },
    'strided, padded, dilated and in groups': {
      of: '2x4x9x8 4x2x3x3',
      and: [BIAS],
      attributes: { strides: [2, 1], pads: [1, 0, 2, 3], dilations: [2, 1], group: 2 },
    },
    'of each channel alone': { of: '1x4x5x5 4x1x3x3', attributes: { group: 4, pads: [1, 1, 1, 1] } },
    'that keeps the size, more at the end': {
      of: '1x2x6x7 3x2x4x2',
      attributes: { auto_pad: 'SAME_UPPER' },
    },
    'that keeps the size, more at the front': {
      of: '1x2x6x7 3x2x4x2',
      attributes: { auto_pad: 'SAME_LOWER' },
    },
    'that halves the size of odd pictures': {
      of: '1x2x7x8 3x2x3x3',
      attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] },
    },
    'without borders': { of: '1x2x6x7 3x2x4x2', attributes: { auto_pad: 'VALID', strides: [2, 2] } },
  },
  ConvTranspose: {
    plain: { of: '2x3x4x5 3x4x3x2' },
    'that doubles the size': {
      of: '2x3x4x5 3x4x3x3',
      and: [BIAS],
      attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
    },
    'uneven, dilated and in groups': {
      of: '1x4x4x3 4x2x3x2',
      attributes: {
        strides: [2, 3],
        pads: [1, 0, 2, 1],
        dilations: [2, 1],
        group: 2,
        output_padding: [0, 1],
      },
    },
    'to a size that is a multiple of its own': {
      of: '1x2x4x5 2x3x3x3',
      attributes: { strides: [2, 2], auto_pad: 'SAME_UPPER' },
    },
    'to a size that is a multiple of its own, more at the front': {
      of: '1x2x4x5 2x3x3x3',
      attributes: { strides: [2, 2], auto_pad: 'SAME_LOWER' },
    },
    'without borders': { of: '1x2x4x5 2x3x3x3', attributes: { strides: [2, 2], auto_pad: 'VALID' } },
    'to a size that is told': {
      of: '1x2x4x5 2x3x3x3',
      attributes: { strides: [2, 2], output_shape: [8, 10] },
    },
  },
  Gemm: {
    plain: { of: '2x3 3x4' },
    'with a bias': { of: '2x3 3x4', and: [BIAS] },
    'with the weight turned, as exporters write it': {
      of: '2x3 4x3',
      and: [BIAS],
      attributes: { transB: 1, alpha: float(1), beta: float(1) },
    },
    'with both turned and weighted': {
      of: '3x2 4x3 2x1',
      attributes: { transA: 1, transB: 1, alpha: float(0.5), beta: float(2) },
    },
  },
  MatMul: {
    'of matrices': { of: '2x3 3x4' },
    'of batches that spread': { of: '2x1x2x3 5x3x2' },
    'of a batch and a matrix': { of: '2x5x3 3x4' },
    'of a vector and a matrix': { of: '3 2x3x4' },
    'of a matrix and a vector': { of: '2x4x3 3' },
    'of two vectors': { of: '3 3' },
  },
};
