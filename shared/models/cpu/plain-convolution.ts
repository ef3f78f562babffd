// Convolutions without anything special, which the rules for the CPU know how to write anew.

import { attributeOf, type Node } from '../onnx/file.js';

/** Whether a convolution is dense, of stride and dilation 1, with its padding in numbers. */
export function isPlainConvolution(node: Node): boolean {
  const isOne = (name: string) => attributeOf(node, name)?.ints?.every((step) => step === 1) ?? true;
  const isDense = (attributeOf(node, 'group')?.i ?? 1) === 1 && attributeOf(node, 'auto_pad') === undefined;
  return node.opType === 'Conv' && isOne('strides') && isOne('dilations') && isDense;
}
