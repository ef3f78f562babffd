// Suggestions in Figma's quick actions: styles from the bridge, strengths from a list.

import type { ParameterInputEvent } from '@figma/plugin-typings/plugin-api-standalone.js';
import { listStyles } from '../bridge/calls.js';
import { sentenceOf } from '../bridge/failed.js';
import type { Host } from '../host.js';
import { loadToken } from '../settings.js';

const STRENGTHS_PERCENT = ['100', '75', '50', '25'];

export async function suggest(host: Host, { key, query, result }: ParameterInputEvent): Promise<void> {
  if (key === 'strength')
    return result.setSuggestions(STRENGTHS_PERCENT.filter((text) => text.startsWith(query)));
  result.setLoadingMessage('Asking the bridge for its styles');
  try {
    const styles = await listStyles({ fetch: host.fetch, token: await loadToken(host.figma) });
    const words = query.toLowerCase();
    const ready = styles.filter(({ state }) => state === 'ready');
    const matching = ready.filter(({ title, id }) => `${title} ${id}`.toLowerCase().includes(words));
    result.setSuggestions(matching.map(({ title, id }) => ({ name: title, data: id })));
  } catch (error) {
    result.setError(`${sentenceOf(error)} Run “Connect to bridge…” first.`);
  }
}
