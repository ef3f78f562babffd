// The bridge's own page: connects, takes photos, has them drawn, shows what came of them.

import { asFailure, NigaoeError } from '../../errors.js';
import type { BridgeClient, StylizeCall } from '../client.js';
import type { JobStatus } from '../protocol.js';
import { clearFailure, showFailure, showNote } from './alert.js';
import { clearCanvas, showPhoto } from './canvas.js';
import { showCode } from './code.js';
import { showDevices, showVersion } from './computer.js';
import { find, keepFocus, show } from './dom.js';
import { focusPairing, hidePairing, listenForPairing, showPairing } from './pairing.js';
import { listenForPhotos } from './photo.js';
import { clearOutcome, hideProgress, showCancelling, showProgress } from './progress.js';
import { bringBack, clearResult, hideResult, lastPhoto, showResult } from './result.js';
import { forgetSession, resumeSession } from './session.js';
import { readOptions, renewStyles, settingsAreValid, showSettings } from './settings.js';
import { showSamples } from './styles.js';
import { showLight, watchBridge, watchForLooks } from './watch.js';

let client: BridgeClient | undefined;
let photo: File | undefined;
let drawing: AbortController | undefined;
/** The photo on its way to the screen: what comes next must not overtake it. */
let showing: Promise<void> | undefined;

listenForPhotos(takePhoto);
listenForPairing((paired) => {
  clearFailure();
  return enter(paired);
});
find('settings', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  void draw();
});
find('cancel', HTMLButtonElement).addEventListener('click', () => {
  showCancelling();
  drawing?.abort();
});
find('another', HTMLButtonElement).addEventListener('click', startOver);
watchBridge((health) => {
  if (health === undefined) return handle(new NigaoeError('unreachable', ''));
  clearFailure();
  void (client === undefined ? start() : enter(client));
});
watchForLooks(() => void lookForStyles());
// A key typed into the address of an open page is no new page for the browser.
addEventListener('hashchange', () => void start());
await start();

async function start(): Promise<void> {
  try {
    const resumed = await resumeSession();
    if (resumed === undefined) askForCode();
    else await enter(resumed);
  } catch (error) {
    handle(error);
    if (client === undefined) askForCode();
  }
}

/** Fills the studio; what does not come now comes when the bridge is back. */
async function enter(paired: BridgeClient): Promise<void> {
  try {
    const [styles, options] = await Promise.all([paired.styles(), paired.options()]);
    client = paired;
    const had = document.activeElement;
    showSettings(options, styles);
    hidePairing();
    show(find('studio', HTMLElement), true);
    if (photo !== undefined) keepFocus(had, find('draw', HTMLButtonElement));
    showLight('on');
    const rest = [
      showCode(paired),
      paired.devices().then(showDevices),
      paired.health().then(showVersion),
      showSamples(paired),
    ];
    await Promise.all(rest);
  } catch (error) {
    handle(error);
  }
}

/** A style that was pulled meanwhile; what goes wrong here is told elsewhere, by what the user does. */
async function lookForStyles(): Promise<void> {
  const asked = client;
  const styles = await asked?.styles().catch(() => undefined);
  if (asked === undefined || styles === undefined || asked !== client) return;
  if (renewStyles(styles)) await showSamples(asked);
}

/** A workspace that is there stays, with all that is in it. */
function askForCode(): void {
  client = undefined;
  showLight('closed');
  void showPairing();
}

/** Drawn at once: the settings are there before the photo is. */
function takePhoto(taken: File): void {
  if (client === undefined) wait(`“${taken.name}” was not taken`);
  else if (drawing === undefined) {
    photo = taken;
    void draw();
  } else refuse(taken);
}

function wait(what: string): void {
  showNote(`${what}: this page is not connected`, 'Connect it in the form below first.');
  focusPairing();
}

function refuse(taken: File): void {
  const hint = 'Cancel that, or hand the new one over when it is done.';
  showNote(`“${taken.name}” was not taken: “${photo?.name}” is being drawn`, hint);
}

async function draw(): Promise<void> {
  if (photo === undefined || drawing !== undefined || !settingsAreValid()) return;
  if (client === undefined) return wait('Nothing was drawn');
  drawing = new AbortController();
  prepare(photo);
  try {
    const drawn = await client.stylize(new Uint8Array(await photo.arrayBuffer()), callFor(photo, drawing));
    await showing;
    await showResult(drawn, photo);
    finish('The drawing is there');
  } catch (error) {
    await showing;
    finish(...missed(asFailure(error).code, await bringBack()));
    handle(error);
  }
}

/** How a drawing ended that did not come, and whether that is to be seen: what is on the page then needs words. */
function missed(code: string, isBack: boolean): [outcome: string, seen: boolean] {
  if (!isBack) return ['Nothing was drawn', false];
  const ended = code === 'cancelled' ? 'Cancelled' : 'Nothing new was drawn';
  const next = photo === undefined || photo === lastPhoto() ? '' : ` Draw tries “${photo.name}” again.`;
  return [`${ended}; this is the drawing from before.${next}`, true];
}

function callFor({ name }: File, { signal }: AbortController): StylizeCall {
  const onProgress = (status: JobStatus) => {
    if (!signal.aborted) showProgress(status);
  };
  return { options: readOptions(), name, signal, onProgress };
}

/** The focus goes to what can be done now, and comes back from there. */
function prepare(taken: File): void {
  const had = document.activeElement;
  clearFailure();
  clearOutcome();
  for (const id of ['draw', 'another']) find(id, HTMLButtonElement).disabled = true;
  if (taken !== lastPhoto()) {
    hideResult();
    showing = showPhoto(taken);
  }
  showProgress();
  keepFocus(had, find('cancel', HTMLButtonElement));
}

/** `missed`: no new drawing came, and that is to be seen. */
function finish(outcome: string, missed = false): void {
  const had = document.activeElement;
  drawing = undefined;
  for (const id of ['draw', 'another']) find(id, HTMLButtonElement).disabled = false;
  hideProgress(outcome, missed);
  const download = find('download', HTMLAnchorElement);
  keepFocus(had, download.hidden || missed ? find('draw', HTMLButtonElement) : download);
}

function startOver(): void {
  photo = undefined;
  clearFailure();
  clearOutcome();
  clearResult();
  clearCanvas();
  find('draw', HTMLButtonElement).disabled = true;
  find('file', HTMLInputElement).focus();
}

/** Says what went wrong; a token that is no longer known leads back to pairing, a cancelled job needs no words. */
function handle(error: unknown): void {
  const failure = asFailure(error);
  if (failure.code === 'cancelled') return;
  showFailure(failure);
  if (failure.code === 'unreachable') showLight('off');
  if (failure.code !== 'unauthorised') return;
  forgetSession();
  askForCode();
}
