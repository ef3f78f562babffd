// Tells the window whether the bridge can be used, and what it offers; pairs with it and forgets it.

import { type Line, listOptions, listStyles, loadPreview, pair } from '../bridge/calls.js';
import { connect } from '../bridge/connect.js';
import { BridgeFailure, sentenceOf } from '../bridge/failed.js';
import { loadSettings, loadToken, saveToken } from '../settings.js';
import { type Session, say } from './session.js';

export async function lineOf({ host: { figma, fetch } }: Session): Promise<Line> {
  return { fetch, token: await loadToken(figma) };
}

export async function tellConnection(session: Session): Promise<void> {
  session.post({ type: 'connection', connection: { state: 'connecting' } });
  const line = await lineOf(session);
  const connection = await connect(line);
  session.post({ type: 'connection', connection });
  if (connection.state === 'connected') await tellCatalogue(session, line);
}

/** The form first; then the pictures of the styles, one by one. */
async function tellCatalogue({ host: { figma }, post }: Session, line: Line): Promise<void> {
  const [styles, options] = await Promise.all([listStyles(line), listOptions(line)]);
  post({ type: 'catalogue', styles, options, settings: await loadSettings(figma) });
  for (const { id } of styles.filter(({ state }) => state === 'ready')) {
    const preview = await loadPreview(line, id);
    if (preview !== undefined) post({ type: 'preview', style: id, ...preview });
  }
}

export async function pairWith(session: Session, code: string): Promise<void> {
  const { figma, fetch } = session.host;
  try {
    const { token } = await pair({ fetch, token: undefined }, code);
    await saveToken(figma, token);
    await tellConnection(session);
    session.post({ type: 'view', view: 'stylize' });
  } catch (error) {
    if (error instanceof BridgeFailure && error.code === 'unreachable') await tellConnection(session);
    else say(session, 'error', sentenceOf(error));
  }
}

export async function forget(session: Session): Promise<void> {
  await saveToken(session.host.figma, undefined);
  await tellConnection(session);
}
