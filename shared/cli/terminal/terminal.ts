// What the user sees: results on stdout (lines for people or JSON), everything else on stderr.

import { asFailure, type NigaoeError } from '../../errors.js';
import type { Bar, Step } from './bar.js';
import { describeFailure } from './describe-failure.js';
import { stdoutFate } from './streams.js';

export interface TerminalFlags {
  /** One JSON object per line on stdout. */
  json?: boolean | undefined;
  /** Nothing but errors. */
  quiet?: boolean | undefined;
  /** stdout carries a picture: lines for people go to stderr. */
  stdoutTaken?: boolean | undefined;
}

/** The one place that writes to stdout and stderr. */
export class Terminal {
  readonly json: boolean;
  readonly #quiet: boolean;
  readonly #stdoutTaken: boolean;
  #bar: Bar | undefined;

  constructor({ json = false, quiet = false, stdoutTaken = false }: TerminalFlags = {}) {
    this.json = json;
    this.#quiet = quiet;
    this.#stdoutTaken = stdoutTaken;
  }

  /** A result: `lines` for people, or `value` as one line of JSON. */
  result(lines: string, value: object): void {
    if (this.json) this.jsonOnly(value);
    else if (!this.#quiet) this.#write(this.#stdoutTaken ? process.stderr : process.stdout, lines);
  }

  /** A line of JSON that has no counterpart on stdout for people. */
  jsonOnly(value: object): void {
    if (this.json) this.#write(process.stdout, JSON.stringify(value));
  }

  /** Something that the user should know. */
  notice(sentence: string): void {
    if (!this.#quiet) this.#write(process.stderr, sentence);
  }

  /** A failure of one of several things; `subject` names it where the message does not. */
  failure(error: NigaoeError, subject?: string): void {
    this.#write(process.stderr, describeFailure(error, subject));
  }

  /** The failure that ends the command; returns its exit code. */
  refuse(thrown: unknown): number {
    const error = asFailure(thrown);
    this.failure(error);
    this.jsonOnly({ status: 'failed', error });
    return error.exitCode;
  }

  /** Shows progress from now on; without it `progress` does nothing. */
  attach(bar: Bar): void {
    this.#bar = bar;
  }

  /** Moves the progress bar. */
  progress(step: Step): void {
    this.#bar?.show(step);
  }

  /** Tells that something begins, where no progress bar shows it. */
  begin(sentence: string): void {
    if (this.#bar === undefined) this.notice(sentence);
  }

  /** Takes the progress bar away. */
  clear(): void {
    this.#bar?.hide();
  }

  #write(stream: NodeJS.WriteStream, text: string): void {
    this.#bar?.hide();
    if (stream === process.stdout && stdoutFate.lost) return;
    stream.write(harmless(text) + '\n');
  }
}

/** Names in files of strangers can hold what a terminal takes for a command. */
const harmless = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, '?');
