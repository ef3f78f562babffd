// The window's side of the plugin: answers its messages and keeps it informed.

import type { Settings, ToMain, View } from '../../messages.js';
import { drawSelection, sumUp } from '../batch/run-batch.js';
import { connect } from '../bridge/connect.js';
import { sentenceOf } from '../bridge/failed.js';
import { restore } from '../document/restore.js';
import type { Host } from '../host.js';
import { restoredWords } from '../quick/quick.js';
import { abandonRun, beginRun, cancelRun, type Run } from '../running.js';
import { FIRST_SETTINGS, loadSettings } from '../settings.js';
import { forget, lineOf, pairWith, tellConnection } from './connection.js';
import { beginAnew, keepSettings, type Session, say, selectedIn, tellSelection } from './session.js';

const WIDTH_PX = 320;
const HEIGHT_PX = 560;

export function openWindow(host: Host, view: View): void {
  const { figma, html } = host;
  figma.showUI(html, { width: WIDTH_PX, height: HEIGHT_PX, title: 'nigaoe', themeColors: true });
  const { handling } = FIRST_SETTINGS;
  const session: Session = { host, view, handling, post: (message) => figma.ui.postMessage(message) };
  figma.ui.onmessage = (message: ToMain) => {
    answer(session, message).catch((error: unknown) => say(session, 'error', sentenceOf(error)));
  };
  figma.on('selectionchange', () => beginAnew(session));
  figma.on('close', () => {
    if (session.run !== undefined) abandonRun(session.run);
  });
}

async function answer(session: Session, message: ToMain): Promise<void> {
  const { figma } = session.host;
  if (message.type === 'ready') await greet(session);
  else if (message.type === 'connect') await tellConnection(session);
  else if (message.type === 'pair') await pairWith(session, message.code);
  else if (message.type === 'forget') await forget(session);
  else if (message.type === 'settings') await keepSettings(session, message.settings);
  else if (message.type === 'stylize') await stylize(session, message.settings);
  else if (message.type === 'cancel' && session.run !== undefined) await cancelRun(session.run);
  else if (message.type === 'restore') await restoreSelection(session);
  else if (message.type === 'close') figma.closePlugin();
}

async function greet(session: Session): Promise<void> {
  session.post({ type: 'view', view: session.view });
  session.handling = (await loadSettings(session.host.figma)).handling;
  tellSelection(session);
  await tellConnection(session);
}

async function stylize(session: Session, settings: Settings): Promise<void> {
  if (session.run !== undefined) return;
  const { host, post } = session;
  const run = beginRun(host, { fetch: host.fetch, token: undefined });
  session.run = run;
  try {
    await keepSettings(session, settings);
    run.line = await lineOf(session);
    await draw(session, run, settings);
  } finally {
    session.run = undefined;
    tellSelection(session);
  }
  post({ type: 'connection', connection: await connect(run.line) });
}

async function draw(session: Session, run: Run, settings: Settings): Promise<void> {
  const { post } = session;
  const { layers, leftOut } = await drawSelection(run, settings, (now) =>
    post({ type: 'layers', layers: now, running: true }),
  );
  session.selected = selectedIn(session);
  if (layers.length === 0) return say(session, 'error', leftOut[0]);
  post({ type: 'layers', layers, running: false });
  const failed = layers.some(({ state }) => state === 'failed');
  say(session, failed ? 'error' : 'info', sumUp(layers));
}

async function restoreSelection(session: Session): Promise<void> {
  const { figma } = session.host;
  const { restored, problems } = await restore(figma, figma.currentPage.selection);
  if (restored > 0) figma.commitUndo();
  say(session, problems.length > 0 ? 'error' : 'info', restoredWords(restored, problems));
  tellSelection(session);
}
