// How an engine is, and who is told when that changes.

import type { EngineNews } from './engine.js';

type Listener = (news: EngineNews) => void;

/** The last news and those who follow them. */
export class NewsBoard {
  #news: EngineNews = { state: 'starting' };
  readonly #listeners = new Set<Listener>();

  get news(): EngineNews {
    return this.#news;
  }

  /** Keeps the news and tells them, unless they are what is known already. */
  post(news: EngineNews): void {
    const { state, code, reason } = this.#news;
    if (news.state === state && news.code === code && news.reason === reason) return;
    this.#news = news;
    for (const listener of [...this.#listeners]) tell(listener, news);
  }

  follow(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** A fault in one node's listener stops neither the engine nor the others. */
function tell(listener: Listener, news: EngineNews): void {
  try {
    listener(news);
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}
