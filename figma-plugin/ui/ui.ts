// The window: shows what the main half tells and hands over what the user does. It sees neither document nor network.

import { withLabels } from '../../shared/bridge/protocol/words.js';
import type { ToMain, ToUi } from '../messages.js';
import { asksForCode, readCode, sayInPairing, showConnection } from './connection.js';
import { element } from './element.js';
import { openForm } from './form.js';
import { scrollToChosen, showPreview } from './gallery.js';
import { showLayers } from './layers.js';
import { refreshSelection, showSelection } from './selection.js';
import { speak } from './speak.js';
import { showView } from './view.js';

const form = openForm((settings) => {
  send({ type: 'settings', settings });
  refreshSelection(settings);
});

window.addEventListener('message', ({ data }: MessageEvent<{ pluginMessage?: ToUi }>) => {
  if (data.pluginMessage !== undefined) receive(data.pluginMessage);
});
listen();
send({ type: 'ready' });

function receive(message: ToUi): void {
  if (message.type === 'view') showView(message.view);
  else if (message.type === 'connection') showConnection(message.connection);
  else if (message.type === 'catalogue') {
    form.show(message);
    refreshSelection(form.settings());
    scrollToChosen();
  } else if (message.type === 'preview') showPreview(message);
  else if (message.type === 'selection') showSelection(message.summary, form.settings());
  else if (message.type === 'layers') showLayers(message.layers, message.running);
  else say(withLabels(message.sentence), message.tone);
}

function listen(): void {
  onEnter('pairing-form', pair);
  onClick('pair', pair);
  onEnter('options', stylize);
  onClick('go', stylize);
  onClick('again', () => send({ type: 'connect' }));
  onClick('forget', () => send({ type: 'forget' }));
  onClick('cancel', () => send({ type: 'cancel' }));
  onClick('restore', () => send({ type: 'restore' }));
  onClick('to-stylize', () => showView('stylize'));
  onClick('light', () => {
    showView('connect');
    send({ type: 'connect' });
  });
  window.addEventListener('keydown', ({ key }) => key === 'Escape' && stopOrClose());
}

function pair(): void {
  const code = readCode();
  if (code === undefined) return;
  sayInPairing('');
  send({ type: 'pair', code });
}

function stylize(): void {
  const settings = form.settings();
  if (settings === undefined || element('go', HTMLButtonElement).disabled || !form.isValid()) return;
  say('', 'info');
  send({ type: 'stylize', settings });
}

/** Escape stops what runs, and closes the window when nothing does. */
function stopOrClose(): void {
  const running = !element('cancel', HTMLButtonElement).hidden;
  send({ type: running ? 'cancel' : 'close' });
}

function say(sentence: string, tone: 'info' | 'error'): void {
  if (asksForCode()) sayInPairing(sentence);
  else sayBelow(sentence, tone);
}

function sayBelow(sentence: string, tone: 'info' | 'error'): void {
  const place = element('sentence', HTMLElement);
  place.textContent = sentence;
  place.dataset.tone = tone;
  speak(sentence);
}

function send(message: ToMain): void {
  parent.postMessage({ pluginMessage: message }, '*');
}

function onClick(id: string, action: () => void): void {
  element(id, HTMLButtonElement).addEventListener('click', action);
}

// A frame without the permission for forms drops their submit events: Figma promises none, so there is no form here.
function onEnter(id: string, action: () => void): void {
  element(id, HTMLElement).addEventListener('keydown', ({ key, target }) => {
    if (key === 'Enter' && target instanceof HTMLInputElement) action();
  });
}
