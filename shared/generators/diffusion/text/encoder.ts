// Prompts as the network hears them: embeddings of the text encoder, with the weights of their parts.

import { type Tensor, tensor } from '../../../tensor.js';
import type { Networks } from '../networks.js';
import type { TextTokenizer } from './tokenizer.js';
import { tokensOf, weighted } from './tokens.js';
import { unlearned } from './words.js';

/** A prompt -> embeddings `[1,77,D]`. What did not fit is told in one sentence, and words that have no effect. */
export async function encodePrompt(
  prompt: string,
  {
    networks,
    tokenizer,
    onNotice,
  }: { networks: Networks; tokenizer: TextTokenizer; onNotice?: ((sentence: string) => void) | undefined },
): Promise<Tensor> {
  const { ids, weights, leftOut } = tokensOf(prompt, tokenizer);
  if (leftOut !== '')
    onNotice?.(`The prompt is longer than ${tokenizer.length - 2} tokens; left out: ${leftOut}`);
  const words = unlearned(prompt, tokenizer.words);
  const [loras, others] = [true, false].map((is) => words.filter((word) => word.startsWith('<lora:') === is));
  if (loras.length > 0)
    onNotice?.(`LoRAs are given with --lora; in the prompt they are letters: ${loras.join(', ')}`);
  if (others.length > 0)
    onNotice?.(`The text encoder has not learned these words, which are letters to it: ${others.join(', ')}`);
  const session = await networks.get('text_encoder');
  const answer = await session.run({
    [session.inputs[0].name]: tensor([1, ids.length], Float32Array.from(ids)),
  });
  const hidden = answer.last_hidden_state ?? Object.values(answer)[0];
  return tensor(hidden.dims, weighted(hidden.data, weights));
}
