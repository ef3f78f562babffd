// What the window knows while it is open, and what it is told of the selection.

import type { Handling, Settings, ToUi, View } from '../../messages.js';
import { summarise } from '../document/selection.js';
import type { Host } from '../host.js';
import type { Run } from '../running.js';
import { saveSettings } from '../settings.js';

export interface Session {
  host: Host;
  view: View;
  /** How the user wants layers read and written. */
  handling: Handling;
  /** The batch that is being drawn. */
  run?: Run;
  /** Ids of what the last batch selected, which is no choice of the user. */
  selected?: string;
  post(message: ToUi): void;
}

/** What can be drawn of the selection depends on how. */
export async function keepSettings(session: Session, settings: Settings): Promise<void> {
  await saveSettings(session.host.figma, settings);
  session.handling = settings.handling;
  tellSelection(session);
}

export function tellSelection({ host: { figma }, handling, post }: Session): void {
  post({ type: 'selection', summary: summarise(figma.currentPage.selection, handling) });
}

/** What an earlier batch came to is of no interest for another selection; one that runs stays in view. */
export function beginAnew(session: Session): void {
  if (session.run !== undefined) return;
  tellSelection(session);
  if (session.selected === selectedIn(session)) return;
  session.selected = undefined;
  session.post({ type: 'layers', layers: [], running: false });
  say(session, 'info', '');
}

export function selectedIn({ host: { figma } }: Session): string {
  return figma.currentPage.selection.map(({ id }) => id).join();
}

export function say({ post }: Session, tone: 'info' | 'error', sentence: string): void {
  post({ type: 'sentence', sentence, tone });
}
