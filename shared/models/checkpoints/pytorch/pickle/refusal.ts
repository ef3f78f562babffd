// The sentence for a pickle that is whole, but asks for more than data.

import { NigaoeError } from '../../../../errors.js';

/** `model-unsupported`: "Expected a checkpoint of tensors in <name> but <reason>". */
export function refused(name: string, reason: string, hint: string = STATE_DICT_ALONE): NigaoeError {
  return new NigaoeError('model-unsupported', `Expected a checkpoint of tensors in ${name} but ${reason}`, {
    hint,
  });
}
const STATE_DICT_ALONE =
  'Save the weights alone where the network was trained: torch.save(net.state_dict(), "weights.pth").';

/** A name from a pickle for a sentence: it can be long, and hold anything. */
export function printable(name: string): string {
  const plain = name.slice(0, SHOWN_CHARACTERS).replaceAll(/[^\x20-\x7e]/g, '?');
  return name.length > SHOWN_CHARACTERS ? `${plain}...` : plain;
}
const SHOWN_CHARACTERS = 80;
