// The window's side of the plugin: answers its messages and keeps it informed.

import type { Settings, ToMain, ToUi, View } from '../../messages.js';
import { piecesFor } from '../batch/pieces.js';
import { runBatch, sumUp } from '../batch/run-batch.js';
import { type Line, listOptions, listStyles, loadPreview, pair } from '../bridge/calls.js';
import { connect } from '../bridge/connect.js';
import { cancelRun, type Run } from '../bridge/draw.js';
import { BridgeFailure, sentenceOf } from '../bridge/failed.js';
import { findImages } from '../document/layers.js';
import { restore } from '../document/restore.js';
import { summarise } from '../document/selection.js';
import type { Host } from '../host.js';
import { restoredWords } from '../quick/quick.js';
import { loadSettings, loadToken, saveSettings, saveToken } from '../settings.js';

const WIDTH_PX = 320;
const HEIGHT_PX = 560;

/** What the window knows while it is open. */
interface Session {
  host: Host;
  view: View;
  /** The batch that is being drawn. */
  run?: Run;
  post(message: ToUi): void;
}

export function openWindow(host: Host, view: View): void {
  const { figma, html } = host;
  figma.showUI(html, { width: WIDTH_PX, height: HEIGHT_PX, title: 'nigaoe', themeColors: true });
  const session: Session = { host, view, post: (message) => figma.ui.postMessage(message) };
  figma.ui.onmessage = (message: ToMain) => {
    answer(session, message).catch((error: unknown) => say(session, 'error', sentenceOf(error)));
  };
  figma.on('selectionchange', () => beginAnew(session));
  figma.on('close', () => {
    if (session.run !== undefined) void cancelRun(session.run);
  });
}

async function answer(session: Session, message: ToMain): Promise<void> {
  const { figma } = session.host;
  if (message.type === 'ready') await greet(session);
  else if (message.type === 'connect') await tellConnection(session);
  else if (message.type === 'pair') await pairWith(session, message.code);
  else if (message.type === 'forget') await forget(session);
  else if (message.type === 'settings') await saveSettings(figma, message.settings);
  else if (message.type === 'stylize') await stylize(session, message.settings);
  else if (message.type === 'cancel' && session.run !== undefined) await cancelRun(session.run);
  else if (message.type === 'restore') await restoreSelection(session);
  else if (message.type === 'close') figma.closePlugin();
}

async function greet(session: Session): Promise<void> {
  session.post({ type: 'view', view: session.view });
  tellSelection(session);
  await tellConnection(session);
}

function tellSelection({ host: { figma }, post }: Session): void {
  post({ type: 'selection', summary: summarise(figma.currentPage.selection) });
}

/** What an earlier batch came to is of no interest for another selection; one that runs stays in view. */
function beginAnew(session: Session): void {
  if (session.run !== undefined) return;
  session.post({ type: 'layers', layers: [], running: false });
  say(session, 'info', '');
  tellSelection(session);
}

async function lineOf({ host: { figma, fetch } }: Session): Promise<Line> {
  return { fetch, token: await loadToken(figma) };
}

async function tellConnection(session: Session): Promise<void> {
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

async function pairWith(session: Session, code: string): Promise<void> {
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

async function forget(session: Session): Promise<void> {
  await saveToken(session.host.figma, undefined);
  await tellConnection(session);
}

async function stylize(session: Session, settings: Settings): Promise<void> {
  if (session.run !== undefined) return;
  const { host, post } = session;
  const run: Run = { host, line: { fetch: host.fetch, token: undefined }, cancelled: false };
  session.run = run;
  try {
    await saveSettings(host.figma, settings);
    run.line = await lineOf(session);
    await drawSelection(session, run, settings);
  } finally {
    session.run = undefined;
    tellSelection(session);
  }
  post({ type: 'connection', connection: await connect(run.line) });
}

async function drawSelection(session: Session, run: Run, settings: Settings): Promise<void> {
  const { post } = session;
  const { selection } = run.host.figma.currentPage;
  const pieces = piecesFor(run, settings, selection);
  if (pieces.length === 0) return say(session, 'error', findImages(selection).problems[0] ?? NOTHING);
  const layers = await runBatch(run, pieces, (now) => post({ type: 'layers', layers: now, running: true }));
  post({ type: 'layers', layers, running: false });
  const failed = layers.some(({ state }) => state === 'failed');
  say(session, failed ? 'error' : 'info', sumUp(layers));
}
const NOTHING = 'There is nothing to draw in the selection.';

async function restoreSelection(session: Session): Promise<void> {
  const { figma } = session.host;
  const { restored, problems } = await restore(figma, figma.currentPage.selection);
  if (restored > 0) figma.commitUndo();
  say(session, problems.length > 0 ? 'error' : 'info', restoredWords(restored, problems));
  tellSelection(session);
}

function say({ post }: Session, tone: 'info' | 'error', sentence: string): void {
  post({ type: 'sentence', sentence, tone });
}
