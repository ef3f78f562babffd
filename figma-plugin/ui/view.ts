// Which of the window's two views is seen.

import type { View } from '../messages.js';
import { show } from './element.js';

export function showView(view: View): void {
  show('connect', view === 'connect');
  show('stylize', view === 'stylize');
  show('foot', view === 'stylize');
}
